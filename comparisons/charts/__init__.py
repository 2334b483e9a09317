"""Plotly figures built from DataFrames."""
