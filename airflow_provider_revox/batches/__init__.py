"""One list of contacts becomes many files, and each file one campaign."""
