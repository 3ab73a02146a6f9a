"""Tasks that act on Revox."""
