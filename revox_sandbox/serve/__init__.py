"""The HTTP server, its faults and its remote control."""
