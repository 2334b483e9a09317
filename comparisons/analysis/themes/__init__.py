"""Themes of strategies: frequency, profile, similar strategies."""
