"""Benchmarks of the project; `make bench` runs them all (see `__main__`)."""
