"""Read the short form (one strategy per line) and expand it into the tables of the format."""
