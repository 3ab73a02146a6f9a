"""Find the people who must not be called: by a list of numbers, and by Revox's own phone history."""
