"""The commands of `python -m comparisons`."""
