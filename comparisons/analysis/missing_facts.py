"""What a strategy still lacks to be comparable, the most useful first.

A fact is worth what it lets one compare: the number of other territories of the same level of
which it is recorded, then of peers. A fact that nobody else gives is not asked for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from comparisons.analysis.peers import search
from comparisons.database.connection import placeholders, query
from comparisons.formatting import capitalize_first, pluralize
from comparisons.parameters import COMPARABLE_PERIMETERS
from comparisons.schema.model import code_label
from comparisons.schema.territory import LEVEL_NOUNS

COLUMNS = ["ordre", "strategie_id", "manque", "pourquoi", "combien", "nb_pairs", "ou"]
# Among the services, or the indicators, that others tell of: more would hide the rest.
MAX_PER_FACT = 3


@dataclass(frozen=True)
class MissingFact:
    """A fact to give: its name, what to do, what is said of those who give it, where it goes.

    `precision` stands for the label of what makes several facts of one (a perimeter, a service).
    `told` has the verb for one territory and for several.
    """

    name: str
    todo: str
    told: tuple[str, str]
    place: str
    vocabulary: str = ""


_GIVES = ("la donne", "la donnent")
FACTS = {
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
        "Date d’adoption", "Donnez la date d’adoption", _GIVES, "strategies : date_adoption"
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
        _GIVES,
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
        return rank_missing_facts(_known("region").iloc[:0], pd.DataFrame(), {})
    first = list(strategy_ids)[:limit]
    asked = query(
        "SELECT strategie_id, territoire_niveau AS niveau, type, "
        "territoire_niveau || '-' || territoire_code AS cle FROM strategies "
        f"WHERE strategie_id IN ({placeholders(first)}) ORDER BY strategie_id",
        first,
    )
    found = {key: frozenset(search.find_peers(key).table["cle"]) for key in asked["cle"].unique()}
    parts = [
        rank_missing_facts(_known(str(level)), rows, found)
        for level, rows in asked.groupby("niveau")
    ]
    return pd.concat(parts, ignore_index=True)


def rank_missing_facts(
    known: pd.DataFrame, asked: pd.DataFrame, near: dict[str, Iterable[str]]
) -> pd.DataFrame:
    """Order what strategies lack; see `missing_facts` for what is returned.

    `known` has one row per fact recorded at a level: `cle`, `strategie_id` and `type` (missing
    for facts of the territory itself), `fait` (a key of `FACTS`), `precision` (a code; a perimeter
    for an amount), `etape`. `asked` has the strategies (`strategie_id`, `cle`, `niveau`, `type`),
    all of that level; `near` the keys of the peers of each territory.
    """
    rows = [
        [order, strategy.strategie_id, *row]
        for strategy in asked.itertuples()
        for order, row in enumerate(_lacks(known, strategy, set(near[strategy.cle])), 1)
    ]
    whole = {"ordre": int, "combien": int, "nb_pairs": int}
    return pd.DataFrame(rows, columns=COLUMNS).astype(whole)


def _lacks(known: pd.DataFrame, strategy: object, near: set[str]) -> list[list]:
    own = known["strategie_id"] == strategy.strategie_id
    own |= known["strategie_id"].isna() & (known["cle"] == strategy.cle)
    given = set(zip(known.loc[own, "fait"], known.loc[own, "precision"], strict=True))
    others = known[known["cle"] != strategy.cle]
    lacks = []
    for fact, all_rows in others.groupby("fait"):
        rows = all_rows
        if fact == "montant":
            # networks are not asked of a plan for uses: only what its like give
            alike = rows.loc[rows["type"] == strategy.type, "precision"]
            rows = rows[rows["precision"].isin(set(alike))] if len(alike) else rows
        lines = [
            _line(str(fact), str(precision), part, strategy.niveau, near)
            for precision, part in rows.groupby("precision")
            if (fact, precision) not in given
        ]
        lacks += sorted(lines, key=_usefulness)[:MAX_PER_FACT]
    return sorted(lacks, key=_usefulness)


def _usefulness(line: list) -> tuple:
    name, _, count, peers_count, _ = line
    return -count, -peers_count, name


def _line(fact: str, precision: str, rows: pd.DataFrame, level: str, near: set[str]) -> list:
    """Return for one fact who gives it; of an amount, at the stage at which most give it."""
    words, stage = FACTS[fact], ""
    if fact == "montant":
        counts = rows.groupby("etape")["cle"].nunique()
        stage = str(counts.idxmax())
        rows = rows[rows["etape"] == stage]
    keys = set(rows["cle"])
    count, peers_count = len(keys), len(keys & near)
    said = {
        "precision": code_label(words.vocabulary, precision) if precision else "",
        "stage": code_label("etapes", stage).lower(),
    }
    among = f", dont {peers_count} de vos pairs" if peers_count else ""
    who = pluralize(count, LEVEL_NOUNS[level])
    why = f"{words.todo.format(**said)}\u00a0: {who} {words.told[count > 1]}{among}."
    return [words.name.format(**said), capitalize_first(why), count, peers_count, words.place]


def _known(level: str) -> pd.DataFrame:
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
        SELECT s.territoire_niveau || '-' || s.territoire_code AS cle, s.strategie_id, s.type,
               f.fait, f.precision, f.etape
        FROM faits f JOIN strategies s USING (strategie_id)
        WHERE s.territoire_niveau = $level
        UNION ALL
        SELECT territoire_niveau || '-' || territoire_code, NULL, NULL, fait, precision, ''
        FROM lieux WHERE territoire_niveau = $level
        ORDER BY ALL
        """,
        {"level": level, "perimeters": list(COMPARABLE_PERIMETERS)},
    )
