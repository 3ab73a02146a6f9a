"""Tasks that wait for Revox."""
