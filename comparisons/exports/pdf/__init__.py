"""Papers to hand out, set by typst."""
