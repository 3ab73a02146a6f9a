"""The results of a campaign: read, made flat, written to a file, counted."""
