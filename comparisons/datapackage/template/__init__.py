"""The spreadsheets to fill in, made from the schemas."""
