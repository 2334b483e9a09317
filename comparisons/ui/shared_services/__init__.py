"""Parts of the page of shared services."""
