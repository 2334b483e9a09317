"""Data Packages: read, checked, merged, written."""
