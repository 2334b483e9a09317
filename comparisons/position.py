"""Where a territory stands among its peers, quantity by quantity.

A position, not a ranking: median and quartiles of the peers, of those of which something is
known. The territory itself is never in the distribution it is placed in. Quartiles are linear
interpolations between ordered values (Hyndman and Fan's type 7, as spreadsheets do). Below
`MIN_DRAWN` peers with data nothing is drawn, and `pourquoi` says so.
"""

from collections.abc import Collection, Iterable

import pandas as pd

from comparisons import strategies
from comparisons.members import YES, group, one_line
from comparisons.points import ANSWER, SECTIONS, VALUE, points, written
from comparisons.text import enumeration, plural

MIN_DRAWN = 4

COLUMNS = [
    "rubrique", "quantite", "titre", "unite", "forme", "valeur", "ici", "texte", "n_renseignes",
    "n", "minimum", "q1", "mediane", "q3", "maximum", "nb_oui", "part", "dessinable", "pourquoi",
    "phrase",
]  # fmt: skip
_QUARTILES = {"minimum": 0.0, "q1": 0.25, "mediane": 0.5, "q3": 0.75, "maximum": 1.0}


def values(
    key: str,
    peers: Iterable[str],
    sections: Collection[str] = SECTIONS,
    named_only: bool = False,
) -> pd.DataFrame:
    """Give the points behind the positions: one row per quantity × territory, evidence included.

    Returns the columns of `points.Point`: `rubrique`, `quantite`, `titre`, `unite`, `forme`
    (`valeur` or `oui_non`), `cle`, `nom`, `moi` (true for the territory itself), `valeur`
    (missing = not recorded; 1 or 0 for yes or no), `reponse`, `texte`, `source_ids` (list),
    `strategie_id`; of some `sections` only (values of `rubrique`), if they are named. With
    `named_only`, themes are read in the axes that documents name. Raises as `members.group` does.
    """
    return points(group(key, peers), sections, named_only)


def positions(key: str, peers: Iterable[str]) -> pd.DataFrame:
    """Place a territory among its peers: one row per quantity, see `summarised`."""
    return summarised(values(key, peers))


def summarised(found: pd.DataFrame) -> pd.DataFrame:
    """Sum up points: one row per quantity, in their order.

    Returns `rubrique`, `quantite`, `titre`, `unite`, `forme`; of the territory `valeur`, `ici`
    (`oui`, `non`, `inconnu`; empty for a number) and `texte`; of its peers `n` (in the group),
    `n_renseignes` (of which it is known); for numbers `minimum`, `q1`, `mediane`, `q3`, `maximum`
    (missing when fewer than `MIN_DRAWN` are known); for yes/no `nb_oui` and `part`, of the peers
    of which it is known; `dessinable`, `pourquoi` (empty when drawable), `phrase` (French).

    Nobody records that a service is not shared: its `part` is of all peers, a minimum, and missing
    when none is known to share it.
    """
    rows = [_summary(part) for _, part in found.groupby("quantite", sort=False)]
    table = pd.DataFrame(rows, columns=COLUMNS)
    numbers = ["valeur", *_QUARTILES, "part"]
    counts = ["n_renseignes", "n"]
    return table.astype(dict.fromkeys(numbers, float) | dict.fromkeys(counts, int)).astype(
        {"nb_oui": "Int64", "dessinable": bool}
    )


def _summary(part: pd.DataFrame) -> dict:
    """Sum up the points of one quantity."""
    own, others = part[part["moi"]].iloc[0], part[~part["moi"]]
    known = others["valeur"].dropna()
    count, recorded = len(others), len(known)
    row = {name: own[name] for name in ("rubrique", "quantite", "titre", "unite", "forme", "texte")}
    row |= {"n": count, "n_renseignes": recorded, "dessinable": recorded >= MIN_DRAWN}
    row["pourquoi"] = why_not(recorded, count, own["rubrique"])
    if own["forme"] == ANSWER:
        yes = int((others["reponse"] == YES).sum())
        whole = count if own["rubrique"] == "services" else recorded
        share = yes / whole if recorded else None
        row |= {"ici": own["reponse"], "nb_oui": yes, "part": share}
    else:
        row |= {"ici": "", "valeur": own["valeur"]}
        if recorded >= MIN_DRAWN:
            row |= dict(zip(_QUARTILES, known.quantile(list(_QUARTILES.values())), strict=True))
    return row | {"phrase": _sentence(row)}


def why_not(recorded: int, count: int, section: str = "") -> str:
    """Say why a distribution is not drawn; nothing when it is."""
    if recorded >= MIN_DRAWN:
        return ""
    if count == 0:
        return "Le groupe ne compte aucun pair."
    least = f"il en faut au moins {MIN_DRAWN} pour dessiner une distribution"
    if count < MIN_DRAWN:
        return f"Le groupe ne compte que {plural(count, 'pair')} : {least}."
    what = "d’organisme connu" if section == "services" else "de donnée connue"
    if recorded == 0:
        return f"Aucun des {count} pairs n’a {what} : {least}."
    some = "un organisme connu" if section == "services" else "une donnée connue"
    if recorded == 1:
        return f"Un seul pair sur {count} a {some} : {least}."
    return f"Seuls {recorded} pairs sur {count} ont {some} : {least}."


def _sentence(row: dict) -> str:
    """Say in French where the peers stand."""
    recorded, count = row["n_renseignes"], row["n"]
    if count == 0 or (row["forme"] == VALUE and not row["dessinable"]):
        return row["pourquoi"]
    if row["forme"] == ANSWER:
        return _share_sentence(row)
    median, low, high = (written(row[name], row["unite"]) for name in ("mediane", "q1", "q3"))
    return (
        f"Médiane des pairs : {median} ; quartiles : {low} et {high} "
        f"({plural(recorded, 'pair renseigné', 'pairs renseignés')} sur {count})."
    )


_KNOWN = {
    "couverture": ("dont l’état est connu", "l’état n’est connu"),
    "themes": ("dont les priorités sont relevées", "les priorités ne sont relevées"),
}


def _share_sentence(row: dict) -> str:
    """Say how many peers answer yes, of how many, and what of the others."""
    yes, recorded, count = row["nb_oui"], row["n_renseignes"], row["n"]
    if row["rubrique"] == "services":
        if yes == 0:
            return "Aucun organisme connu pour les pairs, ce qui ne veut pas dire non."
        others = (
            " ; pour les autres, aucun organisme n’est connu, ce qui ne veut pas dire non"
            if yes < count
            else ""
        )
        return f"{plural(yes, 'pair')} sur {count} au moins{others}."
    of_whom, never = _KNOWN[row["rubrique"]]
    if recorded == 0:
        return f"Inconnu : {never} pour aucun des pairs ({count})."
    rest = "" if recorded == count else f" ; inconnu pour {count - recorded} sur {count}"
    setting = plural(yes, "pair") if yes else "Aucun pair"
    return f"{setting} sur {recorded} {of_whom}{rest}."


def shared_documents(found: pd.DataFrame) -> list[str]:
    """Say which documents are those of several territories of the group: their dots are one fact.

    `found` is what `values` gives. A département and its twin, or two that wrote one strategy,
    have the same amounts and the same priorities.
    """
    cited = found.dropna(subset=["strategie_id"]).drop_duplicates(["strategie_id", "cle"])
    titles = strategies.documents(list(found["cle"].unique()))
    titles = titles.drop_duplicates("strategie_id").set_index("strategie_id")["titre"]
    said = []
    for identifier, rows in cited.groupby("strategie_id"):
        if len(rows) > 1:
            names = enumeration(rows.sort_values(["moi", "nom"], ascending=[False, True])["nom"])
            said.append(
                f"« {one_line(titles[identifier])} » est une stratégie de plusieurs territoires du "
                f"groupe : {names}. Leurs points y ont la même valeur."
            )
    return said


def rank(found: pd.DataFrame, quantity: str) -> pd.DataFrame:
    """Order the territories of which a number is known, the highest first: only for who asks.

    `found` is what `values` gives. Returns `rang` (equal values share the best of their ranks),
    `cle`, `nom`, `moi`, `valeur`, `texte`, `n` (territories ranked, the territory itself
    included). A rank says nothing of merit, nor of who is not recorded. Raises `KeyError` for an
    unknown quantity, `ValueError` for one answered by yes or no.
    """
    rows = found[found["quantite"] == quantity]
    if rows.empty:
        raise KeyError(quantity)
    if (rows["forme"] != VALUE).any():
        raise ValueError(f"« {rows['titre'].iloc[0]} » se répond par oui ou non : sans rang.")
    rows = rows.dropna(subset=["valeur"])
    places = rows["valeur"].rank(ascending=False, method="min").astype(int)
    rows = rows.assign(rang=places, n=len(rows)).sort_values(["rang", "nom", "cle"])
    return rows[["rang", "cle", "nom", "moi", "valeur", "texte", "n"]].reset_index(drop=True)
