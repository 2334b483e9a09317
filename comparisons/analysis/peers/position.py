"""Position of a territory among its peers, quantity by quantity.

A position, not a ranking: median and quartiles of the peers, of those of which something is
known. The territory itself is never in the distribution it is placed in. Quartiles are linear
interpolations between ordered values (Hyndman and Fan's type 7, as spreadsheets do). Values of
unequal objects have none, nor have too few (`verdicts`): then nothing is drawn, and `pourquoi` says
why.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, fields

import pandas as pd

from comparisons.analysis.peers.group import (
    BY_DEDUCTION,
    BY_SUBJECT,
    YES,
    collapse_whitespace,
    peer_group,
)
from comparisons.analysis.peers.observation import BOOLEAN, NUMERIC, format_value
from comparisons.analysis.peers.observations import SECTIONS, observations
from comparisons.analysis.statements import (
    Quartiles,
    Statement,
    UnequalObjects,
    Value,
    object_of,
    proportion,
    quartiles,
)
from comparisons.database.cache import cached
from comparisons.formatting import format_percent, is_missing, join_words, pluralize
from comparisons.queries import strategies, thresholds
from comparisons.rows import iterate_rows

_QUARTILES = [each.name for each in fields(Quartiles)]
_COLUMNS = [
    "rubrique", "quantite", "titre", "unite", "forme", "valeur", "ici", "texte", "n_renseignes",
    "n", *_QUARTILES, "nb_oui", "part", "nb_releves", "nb_deduits", "dessinable", "pourquoi",
    "phrase", "portee", "reserves",
]  # fmt: skip
_UNEQUAL_OBJECTS_REASON = "Objets différents, ou mal connus : les valeurs se lisent une par une."


@cached
def peer_observations(
    key: str,
    peers: Iterable[str],
    sections: Collection[str] = SECTIONS,
    named_only: bool = False,
) -> pd.DataFrame:
    """Return the observations behind the positions: one row per quantity × territory.

    Returns the columns of `observation.Observation`: `rubrique`, `quantite`, `titre`, `unite`,
    `forme` (`valeur` or `oui_non`), `cle`, `nom`, `moi` (true for the territory itself), `valeur`
    (missing = not recorded; 1 or 0 for yes or no), `reponse`, `texte`, `source_ids` (list),
    `strategie_id`, `objet` (what it is about; empty when it compares with nothing), `annee` (of a
    measure), `dans_ensemble` (of a theme); of some `sections` only (values of `rubrique`), if they
    are named. With `named_only`, themes are read in the axes that documents name. Raises as
    `group.peer_group` does.
    """
    return observations(peer_group(key, peers), sections, named_only)


@cached
def position_summary(points: pd.DataFrame) -> pd.DataFrame:
    """Return the summary of observations: one row per quantity, in their order.

    Returns `rubrique`, `quantite`, `titre`, `unite`, `forme`; of the territory `valeur`, `ici`
    (`oui`, `oui_par_objet`, `oui_par_deduction`, `non`, `inconnu`; empty for a number) and `texte`;
    of its peers `n` (in the group), `n_renseignes` (of which it is known); for numbers `minimum`,
    `q1`, `mediane`, `q3`, `maximum` (missing when too few are known, or of unequal objects); for
    yes/no `nb_oui` and `part` of those of which it is known (`part` missing of too few),
    `nb_releves` (all that are known to answer yes, a minimum), `nb_deduits` (of a service, the
    others for which it is only deduced); `dessinable`, `pourquoi` (empty when drawable), `phrase`
    (French), `portee` (the documents or the object it holds of), `reserves` (what it leaves open).

    A theme is known of a peer only where its overall strategy is read entirely: `nb_oui` and
    `n_renseignes` are of these. Nobody records that a service is not shared: its `part` is of all
    peers, a minimum, of those that a source states; missing when there is none.
    """
    rows = [
        _summarise_quantity(quantity_points)
        for _, quantity_points in points.groupby("quantite", sort=False)
    ]
    table = pd.DataFrame(rows, columns=_COLUMNS)
    numbers = ["valeur", *_QUARTILES, "part"]
    counts = ["n_renseignes", "n"]
    return table.astype(dict.fromkeys(numbers, float) | dict.fromkeys(counts, int)).astype(
        {"nb_oui": "Int64", "nb_releves": "Int64", "nb_deduits": "Int64", "dessinable": bool}
    )


def _summarise_quantity(quantity_points: pd.DataFrame) -> dict:
    """Return the summary of the observations of one quantity, as a row of `_COLUMNS`."""
    points = list(quantity_points.itertuples(index=False))
    own_point = next(point for point in points if point.moi)
    peer_points = [point for point in points if not point.moi]
    row = {name: getattr(own_point, name)
           for name in ("rubrique", "quantite", "titre", "unite", "forme", "texte")}  # fmt: skip
    row |= {"n": len(peer_points), "ici": own_point.reponse}
    row |= (
        _summarise_answers(row, peer_points)
        if own_point.forme == BOOLEAN
        else _summarise_numbers(row, own_point, peer_points)
    )
    summary = _build_statement(row)
    return row | {
        "phrase": summary.texte,
        "portee": summary.portee,
        "reserves": list(summary.reserves),
    }


def _to_value(point: object) -> Value:
    year = None if is_missing(point.annee) else int(point.annee)
    return Value(point.nom, point.valeur, point.texte, point.objet, year)


def _summarise_numbers(row: dict, own_point: object, peer_points: Sequence) -> dict:
    """Compute the quartiles of peers; only their count when their objects are unequal."""
    values = [_to_value(point) for point in peer_points if not is_missing(point.valeur)]
    own_value = None if is_missing(own_point.valeur) else _to_value(own_point)
    summary = {"n_renseignes": len(values), "valeur": own_point.valeur, "objet": ""}
    reason = too_few_reason(len(values), row["n"])
    try:
        summary["objet"] = object_of([*values, own_value] if own_value else values)
    except UnequalObjects:
        return summary | {
            "dessinable": False,
            "pourquoi": _UNEQUAL_OBJECTS_REASON if values else reason,
        }
    if reason:
        return summary | {"dessinable": False, "pourquoi": reason}
    quartile_values = asdict(quartiles(values, row["n"], placed=own_value))
    return summary | quartile_values | {"dessinable": True, "pourquoi": ""}


def _summarise_answers(row: dict, peer_points: Sequence) -> dict:
    """Count the peers that answer yes, among those whose answer is of one object."""
    yes_count = sum(point.reponse in (YES, BY_SUBJECT) for point in peer_points)
    if row["rubrique"] == "services":
        counted_yes, known_count, share = (
            yes_count,
            yes_count,
            thresholds.bounded_share(yes_count, row["n"]) if yes_count else None,
        )
    else:
        column = "dans_ensemble" if row["rubrique"] == "themes" else "valeur"
        answers_by_key = {point.cle: (getattr(point, column), point.objet) for point in peer_points
                if not is_missing(getattr(point, column))}  # fmt: skip
        try:
            counted_yes, known_count = proportion(
                {key: bool(answer) for key, (answer, _) in answers_by_key.items()},
                {
                    key: object_description
                    for key, (_, object_description) in answers_by_key.items()
                },
            )
        except UnequalObjects:
            counted_yes, known_count = 0, 0
        share = thresholds.bounded_share(counted_yes, known_count)
    return {
        "n_renseignes": known_count, "nb_oui": counted_yes, "nb_releves": yes_count, "part": share,
        "nb_par_objet": sum(point.reponse == BY_SUBJECT for point in peer_points),
        "nb_deduits": sum(point.reponse == BY_DEDUCTION for point in peer_points)
                      if row["rubrique"] == "services" else None,
        "objet": next((point.objet for point in peer_points if point.objet), ""),
        "pourquoi": too_few_reason(known_count, row["n"], row["rubrique"]),
        "dessinable": thresholds.is_enough(known_count),
    }  # fmt: skip


# Nouns of what is recorded, by section: positive, then negative form.
_RECORDED_NOUNS = {
    "services": ("un organisme connu", "d’organisme connu"),
    "themes": ("une stratégie d’ensemble lue en entier", "de stratégie d’ensemble lue en entier"),
}
_DEFAULT_RECORDED_NOUN = ("une donnée connue", "de donnée connue")


def too_few_reason(recorded: int, count: int, section: str = "") -> str:
    """Return why a distribution (a proportion, for answers) is not given; "" when it is."""
    is_proportion = section != ""
    if thresholds.is_enough(recorded) and (is_proportion or thresholds.has_median(recorded, count)):
        return ""
    if count == 0:
        return "Le groupe ne compte aucun pair."
    purpose = "donner une proportion" if section == "themes" else "dessiner une distribution"
    minimum = f"il en faut au moins {thresholds.MIN_SAMPLE} pour {purpose}"
    recorded_noun, missing_noun = _RECORDED_NOUNS.get(section, _DEFAULT_RECORDED_NOUN)
    if not thresholds.is_enough(count):
        return f"Le groupe ne compte que {pluralize(count, 'pair')} : {minimum}."
    if thresholds.is_enough(recorded):
        return (
            f"Seuls {recorded} pairs sur {count} ont {recorded_noun} : il en faut plus de "
            f"{format_percent(thresholds.MAJORITY_SHARE)} pour donner une médiane."
        )
    if recorded == 0:
        return f"Aucun des {count} pairs n’a {missing_noun} : {minimum}."
    if recorded == 1:
        return f"Un seul pair sur {count} a {recorded_noun} : {minimum}."
    return f"Seuls {recorded} pairs sur {count} ont {recorded_noun} : {minimum}."


def _build_statement(row: dict) -> Statement:
    """Build the statement on the peers for one quantity, with its scope and reservations."""
    count, unknown_count = row["n"], row["n"] - row["n_renseignes"]
    reserves = []
    if count and row["rubrique"] == "services":
        reserves.append("un service sans organisme connu peut être partagé")
    elif count and row["rubrique"] == "themes":
        reserves.append("un thème non relevé n’est pas un thème absent, sauf d’une liste complète")
    elif unknown_count:
        reserves.append(f"inconnu pour {pluralize(unknown_count, 'pair')} sur {count}")
    portee = row["objet"]
    if count and row["forme"] == BOOLEAN and not row["dessinable"]:
        portee = _SCOPES_WITHOUT_OBJECT.get(row["rubrique"], portee)
    return Statement(
        _format_sentence(row),
        row["rubrique"],
        (row["quantite"],),
        portee or _UNEQUAL_VALUES,
        tuple(reserves),
    )


# What a sentence that gives no number holds of.
_UNEQUAL_VALUES = "valeurs relevées des pairs, d’objets différents ou inconnus"
# Object of a count of documents that differ in theirs.
_SCOPES_WITHOUT_OBJECT = {
    "themes": "documents de toutes familles, non terminés, listes d’axes parfois partielles",
    "services": "organismes cités par une source ; ceux que l’on déduit sont comptés à part",
}


def _format_sentence(row: dict) -> str:
    """Return the French sentence on the distribution or the answers of the peers."""
    recorded_count, count = row["n_renseignes"], row["n"]
    if count == 0 or (row["forme"] == NUMERIC and not row["dessinable"]):
        return row["pourquoi"]
    if row["forme"] == BOOLEAN:
        return _format_answer_sentence(row)
    median, low, high = (format_value(row[name], row["unite"]) for name in ("mediane", "q1", "q3"))
    return (
        f"Médiane des pairs : {median} ; quartiles : {low} et {high} "
        f"({pluralize(recorded_count, 'pair renseigné', 'pairs renseignés')} sur {count})."
    )


def _format_answer_sentence(row: dict) -> str:
    """Describe how many peers answer yes, of how many, and what of the others."""
    yes_count, recorded_count, count = row["nb_oui"], row["n_renseignes"], row["n"]
    if row["rubrique"] == "services":
        deduced_count = row["nb_deduits"]
        if yes_count + deduced_count == 0:
            return "Aucun organisme connu pour les pairs, ce qui ne veut pas dire non."
        unknown_text = (
            " ; pour les autres, aucun organisme n’est connu, ce qui ne veut pas dire non"
            if yes_count + deduced_count < count
            else ""
        )
        return f"{describe_sharing_peers(yes_count, deduced_count, count)}{unknown_text}."
    if row["rubrique"] == "themes":
        return _format_theme_sentence(row)
    if recorded_count == 0:
        return f"Inconnu : l’état n’est connu pour aucun des pairs ({count})."
    unknown_text = (
        "" if recorded_count == count else f" ; inconnu pour {count - recorded_count} sur {count}"
    )
    setters = pluralize(yes_count, "pair") if yes_count else "Aucun pair"
    return f"{setters} sur {recorded_count} dont l’état est connu{unknown_text}."


def describe_sharing_peers(
    stated_count: int,
    deduced_count: int,
    count: int,
    stated_names: str = "",
    deduced_names: str = "",
) -> str:
    """Describe how many peers share a service by a source, and how many others by deduction.

    Two counts that are never added.
    """
    parts = []
    if stated_count:
        peers_text = pluralize(stated_count, "pair cité", "pairs cités")
        parts.append(f"{peers_text} par une source{stated_names}")
    if deduced_count:
        subject = str(deduced_count) if stated_count else pluralize(deduced_count, "pair")
        parts.append(
            f"{subject} par déduction{'' if stated_count else ' seulement'}{deduced_names}"
        )
    return f"{', '.join(parts)}, sur {count}"


def _format_theme_sentence(row: dict) -> str:
    """Return the sentence on the peers for which a theme is recorded.

    A proportion only among overall strategies that were read entirely.
    """
    recorded_count, by_subject_count = row["nb_releves"], row["nb_par_objet"]
    by_subject = f" (dont {by_subject_count} par l’objet d’un document)" if by_subject_count else ""
    text = (
        f"Relevé chez {pluralize(recorded_count, 'pair')}{by_subject}"
        if recorded_count
        else "Relevé chez aucun pair"
    )
    if row["dessinable"]:
        return f"{text} ; {describe_read_documents(row['nb_oui'], row['n_renseignes'])}."
    if not recorded_count:
        return f"{text}, ce qui ne veut pas dire non."
    return f"{text} ; cela ne dit rien des autres." if recorded_count < row["n"] else f"{text}."


def describe_read_documents(setting_count: int, read_count: int) -> str:
    """Describe how many overall strategies that were read entirely set a theme."""
    setters = (
        f"{setting_count} le posent"
        if setting_count > 1
        else "1 le pose"
        if setting_count
        else "aucune ne le pose"
    )
    return f"des {read_count} stratégies d’ensemble lues en entier, {setters}"


@cached
def shared_strategies(points: pd.DataFrame) -> list[str]:
    """Return French sentences on the documents that several territories of the group share.

    `points` is what `peer_observations` gives. A département and its twin, or two that wrote one
    strategy, have the same amounts and the same priorities.
    """
    cited_points = points.dropna(subset=["strategie_id"]).drop_duplicates(["strategie_id", "cle"])
    titles = strategies.strategies_of(list(points["cle"].unique()))
    titles = titles.drop_duplicates("strategie_id").set_index("strategie_id")["titre"]
    sentences = []
    for strategy_id, rows in cited_points.groupby("strategie_id"):
        if len(rows) > 1:
            names = join_words(rows.sort_values(["moi", "nom"], ascending=[False, True])["nom"])
            sentences.append(
                f"« {collapse_whitespace(titles[strategy_id])} » est une stratégie de plusieurs "
                "territoires du "
                f"groupe : {names}. Leurs points y ont la même valeur."
            )
    return sentences


def rank(points: pd.DataFrame, quantity: str) -> pd.DataFrame:
    """Rank the territories by a numeric quantity, the highest first.

    `points` is what `peer_observations` gives. Returns `rang` (equal values share the best of their
    ranks), `cle`, `nom`, `moi`, `valeur`, `texte`, `n` (territories ranked, the territory itself
    included). A rank says nothing of merit, nor of who is not recorded. Raises `KeyError` for an
    unknown quantity, `ValueError` for one answered by yes or no, `UnequalObjects` (one too) for
    values that are not of one object.
    """
    rows = points[points["quantite"] == quantity]
    if rows.empty:
        raise KeyError(quantity)
    if (rows["forme"] != NUMERIC).any():
        raise ValueError(f"« {rows['titre'].iloc[0]} » se répond par oui ou non : sans rang.")
    rows = rows.dropna(subset=["valeur"])
    object_of([_to_value(point) for point in iterate_rows(rows)])
    ranks = rows["valeur"].rank(ascending=False, method="min").astype(int)
    rows = rows.assign(rang=ranks, n=len(rows)).sort_values(["rang", "nom", "cle"])
    return rows[["rang", "cle", "nom", "moi", "valeur", "texte", "n"]].reset_index(drop=True)
