"""Former communes: codes that are no longer those of a commune, and today's commune."""

from __future__ import annotations

import pandas as pd
from names import normalise_text
from sources import Decoupage

# Type in the COG: code in `nature`, and the field of today's commune.
FORMER_TYPES = {
    "commune-deleguee": ("deleguee", "chefLieu"),
    "commune-associee": ("associee", "chefLieu"),
    "arrondissement-municipal": ("arrondissement", "commune"),
}


def former_communes(decoupage: Decoupage) -> pd.DataFrame:
    """Return the codes that are no longer those of a commune, with today's commune."""
    # A commune déléguée or associée states its own chef-lieu: where this differs from the list
    # of former codes (55273 and 60455, which changed commune later), it is right.
    current, rows = decoupage.current, {}
    for row in decoupage.former:
        nature, key = FORMER_TYPES[row["type"]]
        rows[row["code"]] = (row["code"], normalise_text(row["nom"]), row[key], nature)
    for commune in decoupage.communes:
        for code in commune.get("anciensCodes", []):
            rows.setdefault(code, (code, "", commune["code"], "ancien_code"))
    former_rows = [row for code, row in sorted(rows.items()) if code not in current]
    return pd.DataFrame(
        former_rows, columns=["ancien_code", "ancien_nom", "commune_code", "nature"]
    )


def delegated_communes(decoupage: Decoupage) -> dict[str, list[str]]:
    """Return the codes of the communes déléguées and associées of each commune that has some."""
    codes: dict[str, list[str]] = {}
    for row in decoupage.former:
        if "chefLieu" in row:
            codes.setdefault(row["chefLieu"], []).append(row["code"])
    return codes


def former_codes(decoupage: Decoupage) -> dict[str, set[str]]:
    """Return all the former codes of each commune."""
    delegated = delegated_communes(decoupage)
    return {
        code: {*row.get("anciensCodes", []), *delegated.get(code, [])} - {code}
        for code, row in decoupage.current.items()
    }
