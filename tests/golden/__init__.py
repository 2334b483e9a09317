"""What readers and programs get, recorded: a restructuring of the code must change none of it."""
