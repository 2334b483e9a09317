"""Check a package, and report its problems."""
