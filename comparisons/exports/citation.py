"""Citations of a view of the data, in French or in English.

APA (7th edition), BibTeX and Citation File Format 1.2.0 (Zotero reads these two); each
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
from comparisons.translation import FRENCH, translate

_AUTHOR = "Contributeurs de Stratoscope"
_DATASET = "Stratoscope, stratégies numériques des territoires français"
_TYPE = "Jeu de données"
_EDITION = "édition {rang} (empreinte {empreinte}), données du {date}"
_SELECTION = "Sélection : {selection}."
_ACCESS = "Consulté le {date}, à l’adresse {adresse}"
_MESSAGE = "Si vous utilisez ces données, citez-les ainsi."
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
    address: str,
    title: str = _DATASET,
    filters_sentence: str = "",
    accessed: date | None = None,
    language: str = FRENCH,
) -> dict[str, str]:
    """Return the citation of a view in each of `FORMATS`, by key.

    `address` is the full address of the view, `title` its title, `filters_sentence` describes its
    selection, `accessed` is the date of consultation (left out if unknown).
    """

    def tell(text: str, **values: object) -> str:
        return translate(text, language).format(**values)

    title, selection = _one_line(translate(title, language)), _one_line(filters_sentence)
    data, latest = dataset_metadata(), list_versions().iloc[-1]
    issued = date.fromisoformat(str(data["date"]))
    version = str(data["version"])
    edition = tell(
        _EDITION,
        rang=latest["rang"],
        empreinte=latest["empreinte"],
        date=format_partial_date(data["date"], language),
    )
    selection_sentence = tell(_SELECTION, selection=selection.rstrip(".")) if selection else ""
    address = quote(address.strip(), safe=":/?#@!$&'()*+,;=%~-._[]")
    author, dataset, kind, licence = map(tell, (_AUTHOR, _DATASET, _TYPE, table_writers.LICENCE))
    note = " ".join(filter(None, (f"{dataset}, {edition}. {licence}.", selection_sentence)))
    access = address
    if accessed:
        day = format_partial_date(accessed.isoformat(), language)
        access = tell(_ACCESS, date=day, adresse=address)
    apa = (
        f"{author}. ({issued.year}).",
        f"{title} (version {version}, {edition}) [{kind}].",
        selection_sentence,
        "" if title == dataset else f"{dataset}.",
        access,
    )
    note_of_version = f"{kind}, version {version}. {note}"
    return {
        "apa": " ".join(filter(None, apa)),
        "bibtex": _bibtex(address, author, title, note_of_version, accessed, issued, version),
        "cff": _cff(address, author, title, note, tell(_MESSAGE), issued, version),
    }


def _one_line(text: str) -> str:
    """Return a text with typographic apostrophes, on one line, without control characters."""
    spaced = re.sub("[\x00-\x20\x7f-\x9f\u2028\u2029]+", " ", str(text)).strip(" ")
    return curly_apostrophes(spaced) if spaced else ""


def _bibtex(
    address: str,
    author: str,
    title: str,
    note: str,
    accessed: date | None,
    issued: date,
    version: str,
) -> str:
    fields = {
        "author": f"{{{_escape_tex(author)}}}",
        "title": f"{{{_escape_tex(title)}}}",
        "year": str(issued.year),
        "month": str(issued.month),
        "date": issued.isoformat(),
        "version": version,
        "publisher": _escape_tex(_PUBLISHER),
        "language": "french",
        "note": _escape_tex(note),
        "url": address,
        **({"urldate": accessed.isoformat()} if accessed else {}),
    }
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@misc{{stratoscope-{issued.year}-{version},\n{lines}\n}}\n"


def _escape_tex(text: str) -> str:
    return "".join(_TEX.get(character, character) for character in text)


def _cff(
    address: str, author: str, title: str, note: str, message: str, issued: date, version: str
) -> str:
    """Return a citation as YAML, written by hand: a JSON string is a valid YAML string."""
    fields = {
        "message": message,
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
    authors = f"authors:\n  - name: {json.dumps(author, ensure_ascii=False)}"
    return "\n".join(["cff-version: 1.2.0", *lines, authors]) + "\n"
