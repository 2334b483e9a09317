"""Parts of pages: the one package that imports Streamlit."""
