"""Questions in SQL, answered as DataFrames; selections of a table."""
