"""Benchmarks: figures instead of hopes. `make bench` runs them all; see `__main__`."""
