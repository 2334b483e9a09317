"""Facts that a strategy lacks to be comparable, the most useful first.

A fact is worth what it lets one compare: the number of other territories of the same level of
which it is recorded, then of peers. A fact that nobody else gives is not asked for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from comparisons.analysis.peers import search
from comparisons.database.connection import placeholders, query
from comparisons.formatting import capitalize_first, pluralize
from comparisons.page_parameters import COMPARABLE_PERIMETERS
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label
from comparisons.schema.territory import LEVEL_NOUNS

_COLUMNS = ["ordre", "strategie_id", "manque", "pourquoi", "combien", "nb_pairs", "ou"]
# Limit per fact (services, indicators): a longer list would hide the other facts.
_MAX_PER_FACT = 3


@dataclass(frozen=True)
class MissingFact:
    """A missing fact: name, instruction, verbs for its givers, table and columns to fill.

    `precision` stands for the label of what makes several facts of one (a perimeter, a service).
    `verbs` has the verb for one territory and for several.
    """

    name: str
    todo: str
    verbs: tuple[str, str]
    location: str
    vocabulary: str = ""


_GIVE_VERBS = ("la donne", "la donnent")
_FACTS = {
    "axes": MissingFact(
        "Axes, avec leurs thèmes",
        "Recopiez les axes, dans leurs mots, et donnez à chacun un thème",
        ("en donne", "en donnent"),
        "priorites : intitule, theme",
    ),
    "montant": MissingFact(
        "Montant : {precision}",
        "Donnez un montant « {stage} » qui vaille pour « {precision} »",
        ("en donne un", "en donnent un"),
        "budgets : montant, perimetre, etape",
        "perimetres",
    ),
    "periode": MissingFact(
        "Période",
        "Donnez la première et la dernière année : elles situent la stratégie et permettent de "
        "compter par an",
        ("les donne", "les donnent"),
        "strategies : annee_debut, annee_fin",
    ),
    "statut": MissingFact(
        "Statut",
        "Dites si elle est adoptée, en préparation ou terminée",
        ("le dit", "le disent"),
        "strategies : statut",
    ),
    "date_adoption": MissingFact(
        "Date d’adoption", "Donnez la date d’adoption", _GIVE_VERBS, "strategies : date_adoption"
    ),
    "pilotage": MissingFact(
        "Pilotage", "Dites qui pilote", ("le dit", "le disent"), "strategies : pilotage"
    ),
    "gouvernance": MissingFact(
        "Gouvernance",
        "Décrivez la gouvernance",
        ("la décrit", "la décrivent"),
        "strategies : gouvernance",
    ),
    "concertation": MissingFact(
        "Concertation",
        "Dites combien de participants, d’ateliers ou de contributions ont préparé la stratégie",
        ("le dit", "le disent"),
        "strategies : concertation_participants, concertation_ateliers, concertation_contributions",
    ),
    "service": MissingFact(
        "Service mutualisé : {precision}",
        "Si vous partagez « {precision} », dites avec quel organisme",
        ("le dit", "le disent"),
        "mutualisations : service, partenaire_id, role",
        "services",
    ),
    "indicateur": MissingFact(
        "Indicateur : {precision}",
        "Donnez une valeur pour « {precision} »",
        ("en donne une", "en donnent une"),
        "indicateurs : indicateur, annee, valeur",
        "indicateurs",
    ),
    "source_datee": MissingFact(
        "Date de la source",
        "Donnez la date de publication du document cité",
        _GIVE_VERBS,
        "sources : date_publication",
    ),
    "localisation": MissingFact(
        "Endroit dans la source",
        "Dites à quelle page, ou à quel paragraphe, se lit la stratégie",
        ("le dit", "le disent"),
        "strategies : localisation",
    ),
}


def missing_facts(strategy_ids: Sequence[str], limit: int = 20) -> pd.DataFrame:
    """Return what strategies of the open database (or of a preview) lack to be comparable.

    Of the first `limit` of them: peers are looked for each.

    Returns `ordre` (1 = the most useful, for each strategy), `strategie_id`, `manque` (what),
    `pourquoi` (a French sentence), `combien` (other territories of the level of which it is
    known), `nb_pairs` (of the peers by structure), `ou` (table and columns to fill in).
    """
    if not strategy_ids:
        return rank_missing_facts(_recorded_facts("region").iloc[:0], pd.DataFrame(), {})
    first_ids = list(strategy_ids)[:limit]
    strategies = query(
        "SELECT strategie_id, territoire_niveau AS niveau, type, "
        "cle(territoire_niveau, territoire_code) AS cle FROM strategies "
        f"WHERE strategie_id IN ({placeholders(first_ids)}) ORDER BY strategie_id",
        first_ids,
    )
    peer_keys = {
        key: frozenset(search.find_peers(key).table["cle"]) for key in strategies["cle"].unique()
    }
    parts = [
        rank_missing_facts(_recorded_facts(str(level)), rows, peer_keys)
        for level, rows in strategies.groupby("niveau")
    ]
    return pd.concat(parts, ignore_index=True)


def rank_missing_facts(
    recorded_facts: pd.DataFrame, strategies: pd.DataFrame, peer_keys: dict[str, Iterable[str]]
) -> pd.DataFrame:
    """Rank the facts that strategies lack; see `missing_facts` for the columns.

    `recorded_facts` has one row per fact recorded at a level: `cle`, `strategie_id` and `type`
    (missing for facts of the territory itself), `fait` (a key of `_FACTS`), `precision` (a code; a
    perimeter for an amount), `etape`. `strategies` has columns `strategie_id`, `cle`, `niveau`,
    `type`, all of that level; `peer_keys` the keys of the peers of each territory.
    """
    rows = [
        [order, strategy.strategie_id, *row]
        for strategy in iterate_rows(strategies)
        for order, row in enumerate(
            _list_missing(recorded_facts, strategy, set(peer_keys[strategy.cle])), 1
        )
    ]
    integer_columns = {"ordre": int, "combien": int, "nb_pairs": int}
    return pd.DataFrame(rows, columns=_COLUMNS).astype(integer_columns)


def _list_missing(
    recorded_facts: pd.DataFrame, strategy: object, peer_keys: set[str]
) -> list[list]:
    is_own = recorded_facts["strategie_id"] == strategy.strategie_id
    is_own |= recorded_facts["strategie_id"].isna() & (recorded_facts["cle"] == strategy.cle)
    own_facts = set(
        zip(
            recorded_facts.loc[is_own, "fait"], recorded_facts.loc[is_own, "precision"], strict=True
        )
    )
    others = recorded_facts[recorded_facts["cle"] != strategy.cle]
    missing = []
    for fact, all_rows in others.groupby("fait"):
        rows = all_rows
        if fact == "montant":
            # only facts that documents of the same family give can be missing
            same_type_precisions = rows.loc[rows["type"] == strategy.type, "precision"]
            rows = (
                rows[rows["precision"].isin(set(same_type_precisions))]
                if len(same_type_precisions)
                else rows
            )
        fact_rows = [
            _fact_row(str(fact), str(precision), precision_rows, strategy.niveau, peer_keys)
            for precision, precision_rows in rows.groupby("precision")
            if (fact, precision) not in own_facts
        ]
        missing += sorted(fact_rows, key=_usefulness_key)[:_MAX_PER_FACT]
    return sorted(missing, key=_usefulness_key)


def _usefulness_key(fact_row: list) -> tuple:
    name, _, count, peers_count, _ = fact_row
    return -count, -peers_count, name


def _fact_row(
    fact: str, precision: str, rows: pd.DataFrame, level: str, peer_keys: set[str]
) -> list:
    """Return the row of a missing fact: name, explanation, counts of givers, columns to fill.

    An amount is counted at its most frequent stage.
    """
    missing_fact, stage = _FACTS[fact], ""
    if fact == "montant":
        counts = rows.groupby("etape")["cle"].nunique()
        stage = str(counts.idxmax())
        rows = rows[rows["etape"] == stage]
    keys = set(rows["cle"])
    count, peers_count = len(keys), len(keys & peer_keys)
    placeholders_by_name = {
        "precision": code_label(missing_fact.vocabulary, precision) if precision else "",
        "stage": code_label("etapes", stage).lower(),
    }
    peers_text = f", dont {peers_count} de vos pairs" if peers_count else ""
    givers = pluralize(count, LEVEL_NOUNS[level])
    explanation = (
        f"{missing_fact.todo.format(**placeholders_by_name)}\u00a0: "
        f"{givers} {missing_fact.verbs[count > 1]}{peers_text}."
    )
    return [
        missing_fact.name.format(**placeholders_by_name),
        capitalize_first(explanation),
        count,
        peers_count,
        missing_fact.location,
    ]


def _recorded_facts(level: str) -> pd.DataFrame:
    """Read which facts are recorded at a level; see `rank_missing_facts`."""
    return query(
        """
        WITH faits AS (
            SELECT strategie_id, unnest(list_filter([
                       if(statut IS NOT NULL, 'statut', NULL),
                       if(date_adoption IS NOT NULL, 'date_adoption', NULL),
                       if(annee_debut IS NOT NULL AND annee_fin IS NOT NULL, 'periode', NULL),
                       if(pilotage IS NOT NULL, 'pilotage', NULL),
                       if(gouvernance IS NOT NULL, 'gouvernance', NULL),
                       if(coalesce(concertation_participants, concertation_ateliers,
                                   concertation_contributions) IS NOT NULL, 'concertation', NULL),
                       if(localisation IS NOT NULL, 'localisation', NULL)
                   ], f -> f IS NOT NULL)) AS fait, '' AS precision, '' AS etape
            FROM strategies
            UNION ALL
            SELECT s.strategie_id, 'source_datee', '', ''
            FROM strategies s JOIN sources USING (source_id) WHERE date_publication IS NOT NULL
            UNION ALL
            SELECT DISTINCT strategie_id, 'axes', '', '' FROM priorites
            UNION ALL
            SELECT DISTINCT strategie_id, 'montant', perimetre, etape FROM budgets_comparables
            WHERE list_contains($perimeters, perimetre)
        ),
        lieux AS (
            SELECT DISTINCT territoire_niveau, territoire_code, 'service' AS fait,
                   service AS precision
            FROM services_par_territoire WHERE service <> 'autre'
            UNION ALL
            SELECT DISTINCT territoire_niveau, territoire_code, 'indicateur', indicateur
            FROM indicateurs WHERE indicateur <> 'autre'
        )
        SELECT cle(s.territoire_niveau, s.territoire_code) AS cle, s.strategie_id, s.type,
               f.fait, f.precision, f.etape
        FROM faits f JOIN strategies s USING (strategie_id)
        WHERE s.territoire_niveau = $level
        UNION ALL
        SELECT cle(territoire_niveau, territoire_code), NULL, NULL, fait, precision, ''
        FROM lieux WHERE territoire_niveau = $level
        ORDER BY ALL
        """,
        {"level": level, "perimeters": list(COMPARABLE_PERIMETERS)},
    )
