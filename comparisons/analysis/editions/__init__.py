"""What an edition of a strategy kept, dropped and added."""
