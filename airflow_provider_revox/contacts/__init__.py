"""Turn records as data teams have them into a call list."""
