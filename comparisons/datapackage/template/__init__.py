"""Build the spreadsheets to fill in, from the schemas."""
