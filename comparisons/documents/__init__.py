"""Read a strategy from the document that states it, and propose the rows of the format."""
