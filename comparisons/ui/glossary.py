"""Explain words where they appear: on hover, and in the glossary of the page Méthode."""

from comparisons.formatting import escape_markdown
from comparisons.schema.glossary import glossary


def glossary_help(*terms: str) -> str:
    """Return the definitions of words, as the `help` of a heading or of a widget."""
    return "\n\n".join(
        f"**{escape_markdown(term)}** : {escape_markdown(glossary()[term])}" for term in terms
    )


def glossary_link(term: str, text: str = "") -> str:
    """Return a word (shown as `text`) as a Markdown link to the glossary, defined on hover."""
    return f'[{escape_markdown(text or term)}](methode#glossaire "{glossary()[term]}")'
