"""People who must not be called: a list of numbers, and Revox's own phone history."""
