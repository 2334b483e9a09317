"""Tables of peers, for exported files."""

import pandas as pd

from comparisons.analysis.peers.portrait import describe_territory, explain_peer
from comparisons.analysis.peers.search import PeerSearchResult
from comparisons.rows import iterate_rows
from comparisons.schema.peer_options import PeerOptions
from comparisons.schema.peer_variables import BY_CODE, peer_variables


def peers_table(search_result: PeerSearchResult, stability: pd.DataFrame) -> pd.DataFrame:
    """Return one row per peer, nearest first.

    Returns `territoire` (the key of who has these peers), `rang`, `cle`, `nom`, `libelle`,
    `population`, `region_nom`, `distance` (missing for ways that have none), `longueur_km` (of the
    common border, for neighbours), `stabilite` (missing where it is not computed),
    `describe_territory`, `raison` (French sentences). `stability` is what `stability` gives.
    """
    rows = list(iterate_rows(search_result.table))
    share_by_key = (
        dict(zip(stability["cle"], stability["part"], strict=True)) if len(stability) else {}
    )
    columns = ["rang", "cle", "nom", "libelle", "population", "region_nom", "distance"]
    table = search_result.table[[*columns, "longueur_km"]].copy()
    table.insert(0, "territoire", search_result.soi["cle"])
    return table.assign(
        stabilite=pd.Series([share_by_key.get(row.cle) for row in rows], table.index, dtype=float),
        portrait=[describe_territory(row) for row in rows],
        raison=[explain_peer(row) for row in rows],
    )


def contributions_table(search_result: PeerSearchResult) -> pd.DataFrame:
    """Return what each variable adds to each distance: one row per peer × variable.

    Returns `cle`, `nom`, `variable`, `variable_titre`, `contribution` (share of the squared
    distance), `ecart` (peer minus own, in standard deviations), `rapport` (peer / own) for
    variables compared as ratios, `difference` (peer - own) for shares.
    """
    rows = [
        (row.cle, row.nom, code, BY_CODE[code].titre, share, row.ecarts.get(code),
         *_ratio_and_difference(row, code))
        for row in iterate_rows(search_result.table)
        for code, share in row.contributions.items()
    ]  # fmt: skip
    numbers = ["contribution", "ecart", "rapport", "difference"]
    columns = ["cle", "nom", "variable", "variable_titre", *numbers]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(numbers, float))


def _ratio_and_difference(row: object, code: str) -> tuple[float | None, float | None]:
    value = row.rapports.get(code)
    return (value, None) if BY_CODE[code].logged else (None, value)


def variables_table(choice: PeerOptions, level: str) -> pd.DataFrame:
    """Return the variables of structure that have a meaning at a level, with the weight of each.

    Returns `variable`, `titre`, `unite`, `poids` (0 = left out), `comparaison` (`rapport` or
    `difference`), `explication`.
    """
    weights = choice.weights(level)
    rows = [
        (code, variable.titre, variable.unite, weights.get(code, 0.0),
         "rapport" if variable.logged else "difference", variable.explication)
        for code, variable in BY_CODE.items()
        if code in peer_variables(level)
    ]  # fmt: skip
    columns = ["variable", "titre", "unite", "poids", "comparaison", "explication"]
    return pd.DataFrame(rows, columns=columns)
