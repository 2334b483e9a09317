"""Postal codes, and the communes that have them."""

from __future__ import annotations

import pandas as pd
from sources import Decoupage


def postal_codes(decoupage: Decoupage) -> pd.DataFrame:
    """Return each postal code with its communes, the most populous first."""
    rows = [
        (code, -commune.get("population", 0), commune["code"])
        for commune in decoupage.communes
        for code in commune.get("codesPostaux", [])
    ]
    return pd.DataFrame(
        [(code, commune) for code, _, commune in sorted(rows)],
        columns=["code_postal", "commune_code"],
    )
