"""Pooling of digital means: who pools what with whom, and who might join whom."""
