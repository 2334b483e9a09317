"""Show one button."""

import streamlit as st

st.button("Encore")
