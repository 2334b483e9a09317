"""Read each kind of file into pages of blocks: texts and tables, with their sizes and places."""
