"""Turn the records of data teams into a call list."""
