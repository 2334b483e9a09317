"""Peers as tables, for files."""

import pandas as pd

from comparisons.analysis.peers.portrait import describe_territory, explain_peer
from comparisons.analysis.peers.search import PeerSearchResult
from comparisons.schema.peer_options import Choice
from comparisons.schema.peer_variables import BY_CODE, variables


def peers_table(found: PeerSearchResult, stable: pd.DataFrame) -> pd.DataFrame:
    """Return one row per peer, nearest first.

    Returns `territoire` (the key of who has these peers), `rang`, `cle`, `nom`, `libelle`,
    `population`, `region_nom`, `distance` (missing for ways that have none), `longueur_km` (of the
    common border, for neighbours), `stabilite` (missing where it is not computed),
    `describe_territory`, `raison` (French sentences). `stable` is what `stability` gives.
    """
    rows = list(found.table.itertuples())
    share = dict(zip(stable["cle"], stable["part"], strict=True)) if len(stable) else {}
    columns = ["rang", "cle", "nom", "libelle", "population", "region_nom", "distance"]
    table = found.table[[*columns, "longueur_km"]].copy()
    table.insert(0, "territoire", found.soi["cle"])
    return table.assign(
        stabilite=pd.Series([share.get(row.cle) for row in rows], table.index, dtype=float),
        portrait=[describe_territory(row) for row in rows],
        raison=[explain_peer(row) for row in rows],
    )


def contributions_table(found: PeerSearchResult) -> pd.DataFrame:
    """Return what each variable adds to each distance: one row per peer × variable.

    Returns `cle`, `nom`, `variable`, `variable_titre`, `contribution` (share of the squared
    distance), `ecart` (peer minus own, in standard deviations), `rapport` (peer / own) for
    variables compared as ratios, `difference` (peer - own) for shares.
    """
    lines = [
        (row.cle, row.nom, code, BY_CODE[code].titre, share, row.ecarts.get(code),
         *_apart(row, code))
        for row in found.table.itertuples()
        for code, share in row.contributions.items()
    ]  # fmt: skip
    numbers = ["contribution", "ecart", "rapport", "difference"]
    columns = ["cle", "nom", "variable", "variable_titre", *numbers]
    return pd.DataFrame(lines, columns=columns).astype(dict.fromkeys(numbers, float))


def _apart(row: object, code: str) -> tuple[float | None, float | None]:
    value = row.rapports.get(code)
    return (value, None) if BY_CODE[code].logged else (None, value)


def variables_table(choice: Choice, level: str) -> pd.DataFrame:
    """Return the variables of structure that have a meaning at a level, with the weight of each.

    Returns `variable`, `titre`, `unite`, `poids` (0 = left out), `comparaison` (`rapport` or
    `difference`), `explication`.
    """
    weights = choice.weights(level)
    rows = [
        (code, found.titre, found.unite, weights.get(code, 0.0),
         "rapport" if found.logged else "difference", found.explication)
        for code, found in BY_CODE.items()
        if code in variables(level)
    ]  # fmt: skip
    columns = ["variable", "titre", "unite", "poids", "comparaison", "explication"]
    return pd.DataFrame(rows, columns=columns)
