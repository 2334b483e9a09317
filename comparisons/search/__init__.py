"""Territories by name, and texts by words."""
