"""The process that runs one query, and its guard."""
