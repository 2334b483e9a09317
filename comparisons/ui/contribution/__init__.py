"""Parts of the page of contributions."""
