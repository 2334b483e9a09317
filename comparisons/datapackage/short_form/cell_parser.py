"""Parse the cells of the short form: lists of items, years, amounts, addresses."""

import re
from dataclasses import dataclass

from comparisons.datapackage.validation.date_parser import parse_period, parse_year
from comparisons.datapackage.validation.parsed_value import ParsedValue
from comparisons.schema.model import load_format
from comparisons.tabular_files import LIST_SEPARATOR

_SPACES = "[ \u00a0\u202f]"
_ITEM = re.compile(r"(?P<text>[^\[\]]*?)\s*\[(?P<inside>[^\[\]]*)\]")
_GROUPED = re.compile(rf"\d{{1,3}}(?:{_SPACES}\d{{3}})+(?:[.,]\d+)?|\d+(?:,\d{{1,2}})?")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
# Words found in the addresses of services; « prenom.nom » contains none of them.
_SERVICE_WORDS = re.compile(
    r"contact|mairie|ville|commune|agglo|metropole|depart|region|territoire|accueil|info|courrier|"
    r"secretariat|service|direction|dgs|dsi|numerique|digital|donnees|data|usages|innovation|"
    r"amenagement|inclusion|mediation|communication|projet|mission|pole|strategie|smart"
)


@dataclass(frozen=True)
class ListItem:
    """One item of a cell, « text [first, second] »; `well_formed` is false without brackets.

    `written` is the item as typed, `inside` the parts between the brackets.
    """

    written: str
    text: str
    inside: tuple[str, ...]
    well_formed: bool


def parse_items(cell: str) -> list[ListItem]:
    """Parse a cell into its items, separated by bars."""
    return [_parse_item(part.strip()) for part in cell.split(LIST_SEPARATOR) if part.strip()]


def parse_years(cell: str) -> ParsedValue | None:
    """Parse « 2021-2026 », « de 2021 à 2026 » or « 2021 » into `2021-2026` or `2021`."""
    return parse_period(cell) or parse_year(
        load_format().tables["budgets"].field("annee_debut"), cell
    )


def parse_amount(cell: str) -> str:
    """Convert « 12 500 000 € » to « 12500000 »; return any other text unchanged."""
    bare = re.sub(rf"{_SPACES}*(€|euros?)$", "", cell)
    if not _GROUPED.fullmatch(bare):
        return cell
    return re.sub(_SPACES, "", bare).replace(",", ".")


def is_email(cell: str) -> bool:
    """Return whether a cell is an e-mail address."""
    return _EMAIL.fullmatch(cell) is not None


def is_personal_email(email: str) -> bool:
    """Return whether an address looks like `prenom.nom@`, without the word of a service."""
    name = email.split("@")[0].lower()
    return re.fullmatch(r"[a-z-]+\.[a-z-]+", name) is not None and not _SERVICE_WORDS.search(name)


def _parse_item(written: str) -> ListItem:
    match = _ITEM.fullmatch(written)
    if match is None:
        return ListItem(written, written, (), False)
    inside = tuple(part.strip() for part in match["inside"].split(","))
    return ListItem(written, match["text"].strip(), inside, bool(inside[0]))
