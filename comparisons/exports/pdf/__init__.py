"""PDF files, typeset with typst."""
