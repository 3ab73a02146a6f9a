"""People who must not be called."""
