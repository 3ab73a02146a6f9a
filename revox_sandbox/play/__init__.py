"""Play campaigns through time. Knows no HTTP."""
