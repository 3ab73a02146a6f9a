"""From records as data teams have them to a clean call list."""
