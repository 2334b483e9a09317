"""Changes between two editions of a strategy."""
