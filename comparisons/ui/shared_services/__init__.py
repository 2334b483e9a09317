"""Parts of the shared services page."""
