"""Read, check, merge and write Data Packages of strategies."""
