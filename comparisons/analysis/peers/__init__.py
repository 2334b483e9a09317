"""Peers of a territory by structure: search, position among them, gaps."""
