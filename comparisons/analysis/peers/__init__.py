"""Territories of alike structure: who they are, where one stands among them."""
