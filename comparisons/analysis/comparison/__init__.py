"""Comparison of territories, or of documents of one."""
