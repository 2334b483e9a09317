"""Every word that the site explains has a definition, in one place."""

import ast

from comparisons.schema.glossary import glossary
from comparisons.settings import PROJECT_DIR


def explained_words() -> set[str]:
    """The words written as arguments of the functions that explain them."""
    words = set()
    for folder in ("comparisons/ui", "pages"):
        for path in (PROJECT_DIR / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("glossary_"):
                    words |= {each.value for each in node.args if isinstance(each, ast.Constant)}
    return words


def test_every_word_is_defined_in_a_line():
    assert {"SDTAN", "SCoRAN", "DSP", "EPCI", "Axe", "Explicite", "Voté"} <= set(glossary())
    for term, definition in glossary().items():
        assert 10 < len(definition) < 220, term
        # a definition is also the tooltip of a link
        assert '"' not in definition and "\n" not in definition, term


def test_every_word_explained_on_a_page_is_defined():
    words = explained_words()
    assert len(words) > 8 and words <= set(glossary())
