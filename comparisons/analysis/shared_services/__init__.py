"""Who shares which services and organisations with whom."""
