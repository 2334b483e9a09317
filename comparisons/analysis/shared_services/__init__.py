"""Shared services: partnerships of territories and organisations."""
