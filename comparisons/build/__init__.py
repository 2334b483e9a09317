"""Packages and reference data into the database; its history; previews; imports."""
