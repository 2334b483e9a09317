"""Decode the bytes of a text, whatever program wrote it."""

import codecs
import re

from comparisons.datapackage.csv_problems import encoding_problem
from comparisons.datapackage.problems import Problem, file_problem

_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_MANGLED_ACCENT = re.compile("Ã[©¨ª«§´®»¹\u00a0€]|â€™")


def decode_text(content: bytes, file: str) -> tuple[str | None, list[Problem]]:
    """Decode bytes: UTF-8 expected, Windows-1252 and UTF-16 accepted with a warning."""
    mark, encoding = detect_encoding(content)
    text = content.removeprefix(mark).decode(encoding, errors="replace")
    if encoding.startswith("utf-16"):
        return text, [encoding_problem(file, "UTF-16")]
    if b"\x00" in content[:4096]:
        return None, [
            file_problem(
                file,
                "fichier-illisible",
                "Ce fichier n’est pas un fichier texte.",
                "Enregistrez la table au format CSV (UTF-8), .xlsx, .ods ou .xls.",
            )
        ]
    if encoding == "cp1252":
        return text, [encoding_problem(file, "Windows-1252")]
    return _mend_accents(text, file) if _MANGLED_ACCENT.search(text) else (text, [])


def detect_encoding(content: bytes) -> tuple[bytes, str]:
    """Return the mark that a text begins with (mostly none), and the name of its encoding."""
    for mark, encoding in _UTF_16.items():
        if content.startswith(mark):
            return mark, encoding
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return b"", "cp1252"
    return codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b"", "utf-8"


def _mend_accents(text: str, file: str) -> tuple[str, list[Problem]]:
    """Return a text whose accents were encoded twice (« Ã© » for « é »), with a warning."""
    try:
        text = text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text, [encoding_problem(file, "UTF-8, où des accents sont déjà perdus (« Ã© »)")]
    return text, [encoding_problem(file, "UTF-8 encodé deux fois")]
