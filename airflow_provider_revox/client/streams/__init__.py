"""Long answers, read as they come."""
