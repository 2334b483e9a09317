"""Notes and decks that their reader edits: Word and PowerPoint files."""
