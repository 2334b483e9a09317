"""DataFrames in, Plotly figures out."""
