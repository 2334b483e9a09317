"""Parts of the page of themes and search."""
