"""What a note or a deck says of a territory or a comparison: sentences, tables, a map, sources."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from comparisons.analysis.comparison.cells import SECTIONS
from comparisons.analysis.comparison.comparison import Comparison
from comparisons.analysis.map_layers import describe_legend
from comparisons.analysis.map_questions.views import map_around
from comparisons.analysis.profile import describe_size, load_profile, verdict
from comparisons.exports.comparison_notes import ExportOptions
from comparisons.exports.pdf.comparison import comparison_content
from comparisons.exports.pdf.locator_map import render_locator
from comparisons.exports.pdf.map_sheet import sheet_file, sheet_of
from comparisons.exports.pdf.territory import territory_content
from comparisons.page_parameters import MapParameters

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_MAIN = ("Stratégies", "Priorités", SECTIONS["calendrier"], SECTIONS["priorites"])
# Letters of a cell: beyond, a wider column would leave too little to the others.
_MAX_LENGTH, _LENGTH_OF_EDGES = 60, 5
_INFERRED = " (déduit)"


@dataclass(frozen=True)
class Table:
    """A table of texts: its title, the titles of its columns, its rows, a note below it.

    A deck shows the `main` ones only. The `shares` of the width are those of the columns.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    main: bool = False
    shares: tuple[float, ...] = ()

    def column_shares(self) -> list[float]:
        """Return the share of the width that each column takes, else by the length of its texts."""
        if self.shares:
            return list(self.shares)
        lengths = [
            min(max(map(len, texts)), _MAX_LENGTH) + _LENGTH_OF_EDGES
            for texts in zip(self.columns, *self.rows, strict=True)
        ]
        return [length / sum(lengths) for length in lengths]


@dataclass(frozen=True)
class Picture:
    """A picture (PNG), and the text that stands for it."""

    content: bytes
    alt: str


@dataclass(frozen=True)
class Report:
    """A note or a deck; `sources` are titles and addresses, in the order of their numbers."""

    title: str
    subtitle: str
    sentences: tuple[str, ...]
    map: Picture
    tables: tuple[Table, ...]
    sources: tuple[tuple[str, str], ...]
    citation: str
    address: str


def territory_report(key: str, address: str = "") -> Report:
    """Return the report of a territory; raises `ValueError` or `KeyError` if there is none."""
    profile = load_profile(key)
    layer, drawing = render_locator(profile.territory)
    content = territory_content(profile, layer, drawing, address or f"/territoire?t={key}")
    sentences = (f"{verdict(profile)}", describe_size(profile), content["neighbours_sentence"])
    tables = _territory_tables(content["blocks"], content["borrowed"])
    return Report(
        profile.name,
        f"{content['identity']} Données du {content['dated']}.",
        tuple(filter(None, sentences)),
        _map(map_around(key), content["address"]),
        tuple(table for table in tables if table.rows),
        _sources(content["blocks"]["sources"]),
        content["citation"],
        content["address"],
    )


def _territory_tables(blocks: dict, borrowed: bool) -> Iterator[Table]:
    """Yield the tables of a territory; its priorities may be those of a wider document."""
    wider = "Elles sont d’un document plus large, dont l’aire comprend ce territoire. " * borrowed
    yield _table(
        "Stratégies",
        ("Document", "Type", "État", "Période", "Source"),
        ((_said(row, "title"), row["type"], row["state"], row["period"], _number(row))
         for row in blocks["strategies"]),
    )  # fmt: skip
    yield _table(
        "Priorités",
        ("Thème", "Axe, dans ses mots", "Rang", "Source"),
        ((row["theme"], _said(row, "wording"), row["axis"], _number(row))
         for row in blocks["priorities"]),
        f"{wider}« Déduit » : la source ne le dit pas en toutes lettres.",
    )  # fmt: skip
    yield _table(
        "Montants",
        ("Objet", "Périmètre, étape, période", "Montant", "Par habitant", "Source"),
        ((_said(row, "what"), ", ".join(map(str, row["cells"][:3])), row["amount"], row["head"],
          _number(row)) for row in blocks["budgets"]),
        "Les montants ne s’additionnent pas : périmètre, étape et période diffèrent.",
    )  # fmt: skip
    yield _table(
        "Partenaires",
        ("Organisme", "Forme et rôle", "Services", "Source"),
        ((_said(row, "name"), row["role"], row["services"], _number(row))
         for row in blocks["partners"]),
    )  # fmt: skip
    yield _table(
        "Indicateurs",
        ("Indicateur", "Valeur", "Quand", "Source"),
        ((_said(row, "what"), row["value"], row["when"], _number(row))
         for row in blocks["indicators"]),
    )  # fmt: skip


def comparison_report(comparison: Comparison, options: ExportOptions) -> Report:
    """Return the report of a comparison: its summary, then a table per section."""
    content = comparison_content(comparison, options.row_filter, options.address, options.sections)
    first = comparison.columns.iloc[0]
    level = first["territoire_niveau"]
    statements = (each["text"] for part in content["statements"] for each in part)
    tables = (
        _comparison_table(comparison, name, options.row_filter, content["notes"].get(name, ""))
        for name in options.sections
        if name != "non_comparables"
    )
    return Report(
        content["names"],
        f"{content['kind']}. Données du {content['dated']}.",
        tuple(filter(None, (content["caution"], *statements))),
        _map(MapParameters(niveau=level, t=first["cle"]), content["address"]),
        tuple(table for table in tables if table.rows),
        _sources(content["sources"]),
        content["citation"],
        content["address"],
    )


def _comparison_table(comparison: Comparison, section: str, row_filter: str, note: str) -> Table:
    rows = comparison.text_matrix(section, row_filter)
    lines = ((name, *cells) for name, cells in zip(rows.index, rows.values, strict=True))
    return _table(SECTIONS[section], ("", *rows.columns), lines, note)


def _table(title: str, columns: Sequence[object], rows: Iterator[tuple], note: str = "") -> Table:
    return Table(
        title,
        tuple(map(_clean, columns)),
        tuple(tuple(map(_clean, row)) for row in rows),
        _clean(note),
        title in _MAIN,
    )


def _clean(text: object) -> str:
    """Return a text without the characters that no XML file holds."""
    return _CONTROLS.sub("", str(text))


def _said(row: dict, name: str) -> str:
    return f"{row[name]}{_INFERRED if row['inferred'] else ''}"


def _number(row: dict) -> str:
    return f"[{row['source']}]" if row.get("source") else ""


def _sources(rows: Sequence[dict]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (_clean(f"{row['title']}, {row['publisher']} ({row['read']})"), row["url"]) for row in rows
    )


def _map(view: MapParameters, address: str) -> Picture:
    sheet = sheet_of(view)
    alt = f"Carte : {sheet.layer.subtitle}. {describe_legend(sheet.layer)}"
    return Picture(sheet_file(sheet, "png", address), alt)
