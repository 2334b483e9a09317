"""Parts of the themes page."""
