"""The Revox API in each of its generations."""
