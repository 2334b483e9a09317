"""The DuckDB file, read-only; answers kept; queries of readers."""
