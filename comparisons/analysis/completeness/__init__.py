"""Completeness of the data, and the conclusions it supports."""
