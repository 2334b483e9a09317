"""What pages, files and programs say, as tables and sentences."""
