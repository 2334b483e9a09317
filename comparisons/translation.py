"""Texts in English, for researchers abroad: those of the API, of the method and of the package.

French is the source: a French text is its own key (`msgid`) in the catalogue of a language, and is
what is read where nobody translated it. Names of tables and columns, and codes, are French in all.
"""

from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

LANGUAGES = FRENCH, ENGLISH = ("fr", "en")
CATALOGUES = Path(__file__).with_name("translations")


@cache
def _catalogue(language: str) -> Mapping[str, str]:
    """Return the translations of a language by their texts; those to be read again are not."""
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, language)
    return {text.id: text.string for text in catalogue if text.id and not text.fuzzy}


def translate(text: str, language: str) -> str:
    """Return a French text in a language."""
    if language == FRENCH or not text:
        return text
    return _catalogue(language).get(text) or text


def translate_values(value: object, keys: Collection[str], language: str) -> object:
    """Return a JSON value whose texts under some keys, however deep, are in a language."""
    if isinstance(value, Mapping):
        return {
            key: translate(inner, language)
            if key in keys and isinstance(inner, str)
            else translate_values(inner, keys, language)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [translate_values(inner, keys, language) for inner in value]
    return value
