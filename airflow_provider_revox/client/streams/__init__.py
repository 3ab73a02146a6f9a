"""Read long answers in pieces, so that they are never in memory as a whole."""
