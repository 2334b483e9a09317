"""The checks of a package, and their report."""
