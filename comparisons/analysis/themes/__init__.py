"""What is recorded of each theme, how often, in which words."""
