"""Tables and sentences that pages, files and the API display."""
