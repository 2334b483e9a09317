"""The format and every table, as their JSON files describe them."""
