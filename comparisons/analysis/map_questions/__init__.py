"""Layers of the home map, one module per question, for every territory of a level."""
