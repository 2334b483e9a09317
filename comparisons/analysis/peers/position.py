"""Where a territory stands among its peers, quantity by quantity.

A position, not a ranking: median and quartiles of the peers, of those of which something is
known. The territory itself is never in the distribution it is placed in. Quartiles are linear
interpolations between ordered values (Hyndman and Fan's type 7, as spreadsheets do). Values of
unequal objects have none, nor have too few (`verdicts`): then nothing is drawn, and `pourquoi` says
why.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, fields

import pandas as pd

from comparisons.analysis.peers.group import BY_SUBJECT, YES, collapse_whitespace, peer_group
from comparisons.analysis.peers.observations import (
    BOOLEAN,
    NUMERIC,
    SECTIONS,
    format_value,
    observations,
)
from comparisons.analysis.statements import (
    Quartiles,
    Statement,
    UnequalObjects,
    Value,
    object_of,
    proportion,
    quartiles,
)
from comparisons.formatting import format_percent, is_missing, join_words, pluralize
from comparisons.queries import strategies, thresholds

_QUARTILES = [each.name for each in fields(Quartiles)]
COLUMNS = [
    "rubrique", "quantite", "titre", "unite", "forme", "valeur", "ici", "texte", "n_renseignes",
    "n", *_QUARTILES, "nb_oui", "part", "nb_releves", "dessinable", "pourquoi", "phrase", "portee",
    "reserves",
]  # fmt: skip
_UNEQUAL = "Objets différents, ou mal connus : les valeurs se lisent une par une."


def peer_observations(
    key: str,
    peers: Iterable[str],
    sections: Collection[str] = SECTIONS,
    named_only: bool = False,
) -> pd.DataFrame:
    """Return the points behind the positions: one row per quantity × territory, evidence included.

    Returns the columns of `observations.Observation`: `rubrique`, `quantite`, `titre`, `unite`,
    `forme` (`valeur` or `oui_non`), `cle`, `nom`, `moi` (true for the territory itself), `valeur`
    (missing = not recorded; 1 or 0 for yes or no), `reponse`, `texte`, `source_ids` (list),
    `strategie_id`, `objet` (what it is about; empty when it compares with nothing), `annee` (of a
    measure), `dans_ensemble` (of a theme); of some `sections` only (values of `rubrique`), if they
    are named. With `named_only`, themes are read in the axes that documents name. Raises as
    `group.peer_group` does.
    """
    return observations(peer_group(key, peers), sections, named_only)


def positions(key: str, peers: Iterable[str]) -> pd.DataFrame:
    """Place a territory among its peers: one row per quantity, see `position_summary`."""
    return position_summary(peer_observations(key, peers))


def position_summary(found: pd.DataFrame) -> pd.DataFrame:
    """Sum up points: one row per quantity, in their order.

    Returns `rubrique`, `quantite`, `titre`, `unite`, `forme`; of the territory `valeur`, `ici`
    (`oui`, `oui_par_objet`, `non`, `inconnu`; empty for a number) and `texte`; of its peers `n` (in
    the group), `n_renseignes` (of which it is known); for numbers `minimum`, `q1`, `mediane`, `q3`,
    `maximum` (missing when too few are known, or of unequal objects); for yes/no `nb_oui` and
    `part` of those of which it is known (`part` missing of too few), `nb_releves` (all that are
    known to answer yes, a minimum); `dessinable`, `pourquoi` (empty when drawable), `phrase`
    (French), `portee` (the documents or the object it holds of), `reserves` (what it leaves open).

    A theme is known of a peer only where its overall strategy is read entirely: `nb_oui` and
    `n_renseignes` are of these. Nobody records that a service is not shared: its `part` is of all
    peers, a minimum, and missing when none is known to share it.
    """
    rows = [_summary(part) for _, part in found.groupby("quantite", sort=False)]
    table = pd.DataFrame(rows, columns=COLUMNS)
    numbers = ["valeur", *_QUARTILES, "part"]
    counts = ["n_renseignes", "n"]
    return table.astype(dict.fromkeys(numbers, float) | dict.fromkeys(counts, int)).astype(
        {"nb_oui": "Int64", "nb_releves": "Int64", "dessinable": bool}
    )


def _summary(part: pd.DataFrame) -> dict:
    """Sum up the points of one quantity."""
    found = list(part.itertuples(index=False))
    own = next(point for point in found if point.moi)
    others = [point for point in found if not point.moi]
    row = {name: getattr(own, name)
           for name in ("rubrique", "quantite", "titre", "unite", "forme", "texte")}  # fmt: skip
    row |= {"n": len(others), "ici": own.reponse}
    row |= _answers(row, others) if own.forme == BOOLEAN else _numbers(row, own, others)
    said = statement(row)
    return row | {"phrase": said.texte, "portee": said.portee, "reserves": list(said.reserves)}


def _as_value(point: object) -> Value:
    year = None if is_missing(point.annee) else int(point.annee)
    return Value(point.nom, point.valeur, point.texte, point.objet, year)


def _numbers(row: dict, own: object, others: Sequence) -> dict:
    """Spread the values of peers; nothing but their number when their objects are unequal."""
    values = [_as_value(point) for point in others if not is_missing(point.valeur)]
    mine = None if is_missing(own.valeur) else _as_value(own)
    known = {"n_renseignes": len(values), "valeur": own.valeur, "objet": ""}
    why = too_few_reason(len(values), row["n"])
    try:
        known["objet"] = object_of([*values, mine] if mine else values)
    except UnequalObjects:
        return known | {"dessinable": False, "pourquoi": _UNEQUAL if values else why}
    if why:
        return known | {"dessinable": False, "pourquoi": why}
    spread = asdict(quartiles(values, row["n"], placed=mine))
    return known | spread | {"dessinable": True, "pourquoi": ""}


def _answers(row: dict, others: Sequence) -> dict:
    """Count the peers that answer yes, among those whose answer is of one object."""
    yes = sum(point.reponse in (YES, BY_SUBJECT) for point in others)
    if row["rubrique"] == "services":
        counted, known, share = yes, yes, thresholds.share(yes, row["n"]) if yes else None
    else:
        column = "dans_ensemble" if row["rubrique"] == "themes" else "valeur"
        told = {point.cle: (getattr(point, column), point.objet) for point in others
                if not is_missing(getattr(point, column))}  # fmt: skip
        try:
            counted, known = proportion(
                {key: bool(answer) for key, (answer, _) in told.items()},
                {key: about for key, (_, about) in told.items()},
            )
        except UnequalObjects:
            counted, known = 0, 0
        share = thresholds.share(counted, known)
    return {
        "n_renseignes": known, "nb_oui": counted, "nb_releves": yes, "part": share,
        "nb_par_objet": sum(point.reponse == BY_SUBJECT for point in others),
        "objet": next((point.objet for point in others if point.objet), ""),
        "pourquoi": too_few_reason(known, row["n"], row["rubrique"]),
        "dessinable": thresholds.enough(known),
    }  # fmt: skip


# What peers have, of whom something is known.
_HAVE = {
    "services": ("un organisme connu", "d’organisme connu"),
    "themes": ("une stratégie d’ensemble lue en entier", "de stratégie d’ensemble lue en entier"),
}
_DATA = ("une donnée connue", "de donnée connue")


def too_few_reason(recorded: int, count: int, section: str = "") -> str:
    """Describe why a distribution (a proportion, for answers) is not given; nothing when it is."""
    answers = section != ""
    if thresholds.enough(recorded) and (answers or thresholds.has_median(recorded, count)):
        return ""
    if count == 0:
        return "Le groupe ne compte aucun pair."
    what = "donner une proportion" if section == "themes" else "dessiner une distribution"
    least = f"il en faut au moins {thresholds.MIN_SAMPLE} pour {what}"
    some, none = _HAVE.get(section, _DATA)
    if not thresholds.enough(count):
        return f"Le groupe ne compte que {pluralize(count, 'pair')} : {least}."
    if thresholds.enough(recorded):
        return (
            f"Seuls {recorded} pairs sur {count} ont {some} : il en faut plus de "
            f"{format_percent(thresholds.MAJORITY_SHARE)} pour donner une médiane."
        )
    if recorded == 0:
        return f"Aucun des {count} pairs n’a {none} : {least}."
    if recorded == 1:
        return f"Un seul pair sur {count} a {some} : {least}."
    return f"Seuls {recorded} pairs sur {count} ont {some} : {least}."


def statement(row: dict) -> Statement:
    """Describe where the peers stand in one quantity: of what it holds, and what it leaves open."""
    count, silent = row["n"], row["n"] - row["n_renseignes"]
    reserves = []
    if count and row["rubrique"] == "services":
        reserves.append("un service sans organisme connu peut être partagé")
    elif count and row["rubrique"] == "themes":
        reserves.append("un thème non relevé n’est pas un thème absent, sauf d’une liste complète")
    elif silent:
        reserves.append(f"inconnu pour {pluralize(silent, 'pair')} sur {count}")
    portee = row["objet"]
    if count and row["forme"] == BOOLEAN and not row["dessinable"]:
        portee = _OF_ALL.get(row["rubrique"], portee)
    return Statement(_sentence(row), row["rubrique"], (row["quantite"],), portee, tuple(reserves))


# Of what a count holds that is of no one object.
_OF_ALL = {
    "themes": "documents de toutes familles, non terminés, listes d’axes parfois partielles",
    "services": "organismes cités par une source ou déduits",
}


def _sentence(row: dict) -> str:
    """Describe in French where the peers stand."""
    recorded, count = row["n_renseignes"], row["n"]
    if count == 0 or (row["forme"] == NUMERIC and not row["dessinable"]):
        return row["pourquoi"]
    if row["forme"] == BOOLEAN:
        return _answer_sentence(row)
    median, low, high = (format_value(row[name], row["unite"]) for name in ("mediane", "q1", "q3"))
    return (
        f"Médiane des pairs : {median} ; quartiles : {low} et {high} "
        f"({pluralize(recorded, 'pair renseigné', 'pairs renseignés')} sur {count})."
    )


def _answer_sentence(row: dict) -> str:
    """Describe how many peers answer yes, of how many, and what of the others."""
    yes, recorded, count = row["nb_oui"], row["n_renseignes"], row["n"]
    if row["rubrique"] == "services":
        if yes == 0:
            return "Aucun organisme connu pour les pairs, ce qui ne veut pas dire non."
        others = (
            " ; pour les autres, aucun organisme n’est connu, ce qui ne veut pas dire non"
            if yes < count
            else ""
        )
        return f"{pluralize(yes, 'pair')} sur {count} au moins{others}."
    if row["rubrique"] == "themes":
        return _theme_sentence(row)
    if recorded == 0:
        return f"Inconnu : l’état n’est connu pour aucun des pairs ({count})."
    rest = "" if recorded == count else f" ; inconnu pour {count - recorded} sur {count}"
    setting = pluralize(yes, "pair") if yes else "Aucun pair"
    return f"{setting} sur {recorded} dont l’état est connu{rest}."


def _theme_sentence(row: dict) -> str:
    """Describe of how many peers a theme is recorded, and of how many it can be told.

    A proportion only among overall strategies that were read entirely.
    """
    known, about = row["nb_releves"], row["nb_par_objet"]
    by_subject = f" (dont {about} par l’objet d’un document)" if about else ""
    said = (
        f"Relevé chez {pluralize(known, 'pair')}{by_subject}" if known else "Relevé chez aucun pair"
    )
    if row["dessinable"]:
        return f"{said} ; {entire_words(row['nb_oui'], row['n_renseignes'])}."
    if not known:
        return f"{said}, ce qui ne veut pas dire non."
    return f"{said} ; cela ne dit rien des autres." if known < row["n"] else f"{said}."


def entire_words(setting: int, read: int) -> str:
    """Describe how many overall strategies that were read entirely set a theme."""
    who = f"{setting} le posent" if setting > 1 else "1 le pose" if setting else "aucune ne le pose"
    return f"des {read} stratégies d’ensemble lues en entier, {who}"


def shared_strategies(found: pd.DataFrame) -> list[str]:
    """Describe which documents several territories of the group share: their dots are one fact.

    `found` is what `peer_observations` gives. A département and its twin, or two that wrote one
    strategy, have the same amounts and the same priorities.
    """
    cited = found.dropna(subset=["strategie_id"]).drop_duplicates(["strategie_id", "cle"])
    titles = strategies.strategies_of(list(found["cle"].unique()))
    titles = titles.drop_duplicates("strategie_id").set_index("strategie_id")["titre"]
    said = []
    for identifier, rows in cited.groupby("strategie_id"):
        if len(rows) > 1:
            names = join_words(rows.sort_values(["moi", "nom"], ascending=[False, True])["nom"])
            said.append(
                f"« {collapse_whitespace(titles[identifier])} » est une stratégie de plusieurs "
                "territoires du "
                f"groupe : {names}. Leurs points y ont la même valeur."
            )
    return said


def rank(found: pd.DataFrame, quantity: str) -> pd.DataFrame:
    """Order the territories of which a number is known, the highest first: only for who asks.

    `found` is what `peer_observations` gives. Returns `rang` (equal values share the best of their
    ranks), `cle`, `nom`, `moi`, `valeur`, `texte`, `n` (territories ranked, the territory itself
    included). A rank says nothing of merit, nor of who is not recorded. Raises `KeyError` for an
    unknown quantity, `ValueError` for one answered by yes or no, `UnequalObjects` (one too) for
    values that are not of one object.
    """
    rows = found[found["quantite"] == quantity]
    if rows.empty:
        raise KeyError(quantity)
    if (rows["forme"] != NUMERIC).any():
        raise ValueError(f"« {rows['titre'].iloc[0]} » se répond par oui ou non : sans rang.")
    rows = rows.dropna(subset=["valeur"])
    object_of([_as_value(point) for point in rows.itertuples()])
    places = rows["valeur"].rank(ascending=False, method="min").astype(int)
    rows = rows.assign(rang=places, n=len(rows)).sort_values(["rang", "nom", "cle"])
    return rows[["rang", "cle", "nom", "moi", "valeur", "texte", "n"]].reset_index(drop=True)
