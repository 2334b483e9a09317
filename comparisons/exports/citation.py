"""Citations of a view of the data.

APA (7th edition, in French), BibTeX and Citation File Format 1.2.0 (Zotero reads these two); each
has the dataset version, edition, date of the data, selection and address.
"""

import json
import re
from datetime import date
from urllib.parse import quote

from comparisons.analysis.dataset_changes import list_versions
from comparisons.database.connection import dataset_metadata
from comparisons.exports import table_writers
from comparisons.formatting import curly_apostrophes, format_partial_date

_AUTHOR = "Contributeurs de Stratoscope"
_DATASET = "Stratoscope, stratégies numériques des territoires français"
_PUBLISHER = "Stratoscope"
_LICENCE_CODE = "etalab-2.0"
LICENCE_ADDRESS = "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"
# Formats by key of `citations`: name, file extension, media type.
FORMATS = {
    "apa": ("APA", "txt", "text/plain; charset=utf-8"),
    "bibtex": ("BibTeX", "bib", "application/x-bibtex; charset=utf-8"),
    "cff": ("CITATION.cff", "cff", "application/yaml; charset=utf-8"),
}
_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "\N{NO-BREAK SPACE}": "~",
    "\N{NARROW NO-BREAK SPACE}": "~",
}


def citations(
    address: str, title: str, filters_sentence: str = "", accessed: date | None = None
) -> dict[str, str]:
    """Return the citation of a view in each of `FORMATS`, by key.

    `address` is the full address of the view, `title` its title, `filters_sentence` describes its
    selection, `accessed` is the date of consultation (left out if unknown).
    """
    title, selection = _one_line(title), _one_line(filters_sentence).rstrip(".")
    data, latest = dataset_metadata(), list_versions().iloc[-1]
    issued = date.fromisoformat(str(data["date"]))
    version = str(data["version"])
    day = format_partial_date(data["date"])
    edition = f"édition {latest['rang']} (empreinte {latest['empreinte']}), données du {day}"
    selection_sentence = f"Sélection : {selection}." if selection else ""
    address = quote(address.strip(), safe=":/?#@!$&'()*+,;=%~-._[]")
    note = " ".join(
        filter(None, (f"{_DATASET}, {edition}. {table_writers.LICENCE}.", selection_sentence))
    )
    return {
        "apa": _apa(
            address, title, selection_sentence, accessed, issued, f"version {version}, {edition}"
        ),
        "bibtex": _bibtex(address, title, note, accessed, issued, version),
        "cff": _cff(address, title, note, issued, version),
    }


def _one_line(text: str) -> str:
    """Return a text with typographic apostrophes, on one line, without control characters."""
    spaced = re.sub("[\x00-\x20\x7f-\x9f\u2028\u2029]+", " ", str(text)).strip(" ")
    return curly_apostrophes(spaced) if spaced else ""


def _apa(
    address: str,
    title: str,
    selection_sentence: str,
    accessed: date | None,
    issued: date,
    edition: str,
) -> str:
    access_sentence = (
        f"Consulté le {format_partial_date(accessed.isoformat())}, à l’adresse " if accessed else ""
    )
    parts = [
        f"{_AUTHOR}. ({issued.year}).",
        f"{title} ({edition}) [Jeu de données].",
        selection_sentence,
        f"{_DATASET}.",
        f"{access_sentence}{address}",
    ]
    return " ".join(filter(None, parts))


def _bibtex(
    address: str, title: str, note: str, accessed: date | None, issued: date, version: str
) -> str:
    fields = {
        "author": f"{{{_escape_tex(_AUTHOR)}}}",
        "title": f"{{{_escape_tex(title)}}}",
        "year": str(issued.year),
        "month": str(issued.month),
        "date": issued.isoformat(),
        "version": version,
        "publisher": _escape_tex(_PUBLISHER),
        "language": "french",
        "note": _escape_tex(f"Jeu de données, version {version}. {note}"),
        "url": address,
        **({"urldate": accessed.isoformat()} if accessed else {}),
    }
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@misc{{stratoscope-{issued.year}-{version},\n{lines}\n}}\n"


def _escape_tex(text: str) -> str:
    return "".join(_TEX.get(character, character) for character in text)


def _cff(address: str, title: str, note: str, issued: date, version: str) -> str:
    """Return a citation as YAML, written by hand: a JSON string is a valid YAML string."""
    fields = {
        "message": "Si vous utilisez ces données, citez-les ainsi.",
        "title": title,
        "type": "dataset",
        "abstract": note,
        "version": version,
        "date-released": issued.isoformat(),
        "license": _LICENCE_CODE,
        "license-url": LICENCE_ADDRESS,
        "url": address,
    }
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items()]
    author = f"authors:\n  - name: {json.dumps(_AUTHOR, ensure_ascii=False)}"
    return "\n".join(["cff-version: 1.2.0", *lines, author]) + "\n"
