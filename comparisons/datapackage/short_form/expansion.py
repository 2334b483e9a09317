"""Expand the lines of the short form into the tables of the format.

Columns that the form lacks stay empty, except those that it defines (its document is public and
official, its amount is the total of all funders).
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pandas as pd

from comparisons.datapackage.known_territories import read_code
from comparisons.datapackage.problems import Problem
from comparisons.datapackage.short_form import cell_parser
from comparisons.datapackage.short_form.messages import ShortFormMessages
from comparisons.datapackage.short_form.partners import PartnerIndex
from comparisons.datapackage.short_form.table import load_short_form
from comparisons.datapackage.short_form.territory import TerritoryIndex, resolve_level
from comparisons.datapackage.validation.messages import named_codes
from comparisons.datapackage.validation.value_parser import is_unknown_marker
from comparisons.schema.model import load_format

# Above any line of a file, so that a row number never equals a line.
_FIRST_NUMBER = 10**10
# Bounds memory: 35,000 strategies with their priorities make half of it.
MAX_ROWS = 1_000_000
# Of a line that lacks its address, which is an error: it is never loaded.
_NO_ADDRESS = "adresse absente"
_AMOUNT_COLUMNS = (
    "montant_total", "montant_etape", "montant_perimetre", "montant_etendue", "montant_annees",
)  # fmt: skip


@dataclass(frozen=True)
class Expansion:
    """Expanded tables (texts), problems, generic contacts (e-mail addresses).

    No two rows of the tables have the same index; `lines` gives the line of the form of each.
    """

    tables: Mapping[str, pd.DataFrame]
    lines: Mapping[int, int]
    problems: tuple[Problem, ...]
    contacts: tuple[str, ...]


@dataclass
class _RowBuilder:
    """Rows under construction, by table then row number, and the line of the form of each."""

    rows: dict[str, dict[int, dict]] = field(default_factory=lambda: defaultdict(dict))
    lines: dict[int, int] = field(default_factory=dict)

    def add(self, table: str, line: int, **values: str) -> None:
        row_number = _FIRST_NUMBER + len(self.lines)
        self.lines[row_number] = int(line)
        self.rows[table][row_number] = values

    def frames(self) -> dict[str, pd.DataFrame]:
        return {
            name: _build_frame(self.rows[name], table.columns)
            for name, table in load_format().tables.items()
            if self.rows[name]
        }


def expand_rows(
    rows: pd.DataFrame, file: str, territories: TerritoryIndex, partners: PartnerIndex
) -> Expansion:
    """Expand the lines of the short form (texts; the index is the line in `file`).

    `territories` gives the level of a code; `partners` are those already published, which a line
    may name by SIREN or by identifier. Never raises: invalid cells are among the problems.
    """
    messages = ShortFormMessages(file)
    builder = _RowBuilder()
    contacts: dict[str, None] = {}
    line_by_strategy: dict[str, int] = {}
    rows = rows.reindex(columns=list(load_short_form().columns), fill_value="")
    for line, row in zip(rows.index, rows.to_dict("records"), strict=True):
        if len(builder.lines) > MAX_ROWS:
            messages.too_many_rows(line, MAX_ROWS)
            break
        row = _without_unknown(row, line, messages)
        level = resolve_level(row, line, territories, messages)
        code = read_code(territories.codes, level, row["territoire_code"])
        key = _strategy_identifier(level, code or row["territoire_code"], row)
        if key in line_by_strategy:
            messages.repeated_strategy(line, row["territoire_code"], line_by_strategy[key])
            continue
        line_by_strategy[key] = line
        _add_strategy(builder, line, row, level, key)
        _add_priorities(builder, line, row, key, messages)
        _add_amount(builder, line, row, key, messages)
        _add_partners(builder, line, row, level, key, partners, messages)
        if _is_generic_contact(row["contact_generique"], line, messages):
            contacts[row["contact_generique"]] = None
    return Expansion(builder.frames(), builder.lines, tuple(messages.problems), tuple(contacts))


def _build_frame(rows: Mapping[int, Mapping[str, str]], columns: Sequence[str]) -> pd.DataFrame:
    data = {column: [row.get(column, "") for row in rows.values()] for column in columns}
    index = pd.Index(list(rows), name="ligne", dtype="int64")
    return pd.DataFrame(data, index=index, columns=list(columns), dtype="str")


def _without_unknown(
    row: Mapping[str, str], line: int, messages: ShortFormMessages
) -> dict[str, str]:
    """Return a row whose optional cells are empty where they say that nothing is known: « NC »."""
    unknown = {
        column: text
        for column, text in row.items()
        if text and not load_short_form().field(column).required and is_unknown_marker(text)
    }
    for column, text in unknown.items():
        messages.unknown_value(line, column, text)
    return {**row, **dict.fromkeys(unknown, "")}


def _strategy_identifier(level: str, code: str, row: Mapping[str, str]) -> str:
    """Return the identifier `level-code-type-year` of a strategy, as the format advises."""
    year = re.search(r"(?<!\d)\d{4}(?!\d)", row["date_adoption"])
    type_ = named_codes(load_short_form().field("type"), row["type"]) or row["type"]
    parts = [level, code, type_, year[0] if year else ""]
    safe = (re.sub(r"[^A-Za-z0-9_.]+", "_", part).strip("_.") for part in parts)
    return "-".join(part for part in safe if part) or "strategie"


def _add_strategy(
    builder: _RowBuilder, line: int, row: Mapping[str, str], level: str, key: str
) -> None:
    copied_columns = (
        "territoire_code", "titre", "type", "portee", "nature_document", "liste_axes", "statut",
        "date_adoption", "porteur_siren",
    )  # fmt: skip
    builder.add(
        "strategies",
        line,
        strategie_id=key,
        territoire_niveau=level,
        **{column: row[column] for column in copied_columns},
        **_source_columns(key),
    )
    # The publisher is the host of the address; an empty address is reported by validation.
    host_name = _host_name(row["url"])
    builder.add(
        "sources",
        line,
        source_id=f"{key}-source",
        url=row["url"],
        titre=row["titre"] or host_name,
        editeur=host_name,
        type="institutionnel",
        consulte_le=row["maj_le"],
    )


def _add_priorities(
    builder: _RowBuilder, line: int, row: Mapping[str, str], key: str, messages: ShortFormMessages
) -> None:
    for rank, item in enumerate(cell_parser.parse_items(row["priorites"]), 1):
        if not item.text:
            messages.missing_wording(line, item.written)
        elif not item.well_formed and re.search(r"[\[\]]", item.text):
            messages.malformed_priority(line, item.text)
        else:
            builder.add(
                "priorites",
                line,
                strategie_id=key,
                rang=str(rank),
                intitule=item.text,
                theme=", ".join(item.inside),
                **_source_columns(key),
            )


def _add_amount(
    builder: _RowBuilder, line: int, row: Mapping[str, str], key: str, messages: ShortFormMessages
) -> None:
    if not any(row[column] for column in _AMOUNT_COLUMNS):
        return
    if not row["montant_total"]:
        messages.missing_amount(line)
        return
    start, end = _read_years(row["montant_annees"], line, messages)
    builder.add(
        "budgets",
        line,
        budget_id=f"{key}-total",
        strategie_id=key,
        perimetre=row["montant_perimetre"],
        libelle="Montant total",
        etendue=row["montant_etendue"],
        etape=row["montant_etape"],
        annee_debut=start,
        annee_fin=end,
        financeur_type="multiple",
        montant=cell_parser.parse_amount(row["montant_total"]),
        **_source_columns(key),
    )


def _read_years(text: str, line: int, messages: ShortFormMessages) -> tuple[str, str]:
    period = cell_parser.parse_years(text) if text else None
    if period is None or not period.unambiguous:
        if text:
            messages.invalid_period(line, text, period.value if period else "")
        return "", ""
    start, _, end = period.value.partition("-")
    if end not in text:
        messages.interpreted_period(line, text, period.value)
    return start, end or start


def _add_partners(
    builder: _RowBuilder,
    line: int,
    row: Mapping[str, str],
    level: str,
    key: str,
    partners: PartnerIndex,
    messages: ShortFormMessages,
) -> None:
    added_partnerships = set()
    for item in cell_parser.parse_items(row["partenaires"]):
        if not item.well_formed or len(item.inside) > 2:
            messages.missing_service(line, item.written)
            continue
        partner = partners.find(item.text)
        if partner is None:
            messages.unknown_partner(line, item.text)
            continue
        service, role = [*item.inside, ""][:2]
        if (partner["partenaire_id"], service, role) in added_partnerships:
            continue
        added_partnerships.add((partner["partenaire_id"], service, role))
        _add_published_partner(builder, line, partner, partners)
        builder.add(
            "mutualisations",
            line,
            partenaire_id=partner["partenaire_id"],
            territoire_niveau=level,
            territoire_code=row["territoire_code"],
            # The default role states neither membership nor a declared benefit.
            role=role or "partenaire",
            service=service,
            **_source_columns(key, explicit=bool(role)),
        )


def _add_published_partner(
    builder: _RowBuilder, line: int, partner: Mapping[str, str], partners: PartnerIndex
) -> None:
    """Copy a published partner and its source, so that all references are in the package."""
    copied_ids = {row["partenaire_id"] for row in builder.rows["partenaires"].values()}
    if partner["partenaire_id"] in copied_ids:
        return
    builder.add("partenaires", line, **partner)
    source = partners.sources.get(partner["source_id"])
    cited_ids = {row["source_id"] for row in builder.rows["sources"].values()}
    if source and source["source_id"] not in cited_ids:
        builder.add("sources", line, **source)


def _is_generic_contact(text: str, line: int, messages: ShortFormMessages) -> bool:
    if not text:
        return False
    if not cell_parser.is_email(text):
        messages.invalid_contact(line, text)
    elif cell_parser.is_personal_email(text):
        messages.personal_contact(line, text)
    else:
        return True
    return False


def _source_columns(key: str, explicit: bool = True) -> dict[str, str]:
    return {"certitude": "explicite" if explicit else "deduit", "source_id": f"{key}-source"}


def _host_name(url: str) -> str:
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    return (host or url or _NO_ADDRESS).removeprefix("www.")
