"""Parts of pages: the only package of the library that imports Streamlit."""
