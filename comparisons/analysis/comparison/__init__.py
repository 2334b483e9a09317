"""Territories, or documents of one, side by side."""
