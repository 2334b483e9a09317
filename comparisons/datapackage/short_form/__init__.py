"""The short form: one strategy per line, unfolded into tables."""
