"""One query of a reader, read-only, bounded, in a process of its own."""
