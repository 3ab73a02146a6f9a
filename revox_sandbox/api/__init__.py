"""The API of each generation."""
