"""Parts of the contribution page."""
