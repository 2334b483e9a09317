"""Compare the digital strategies of French territories: facts in, comparable views out."""

__version__ = "1.0.0"
