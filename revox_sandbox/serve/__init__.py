"""Serve the API over HTTP, with planned faults and a remote control."""
