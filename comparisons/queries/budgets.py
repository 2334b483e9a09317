"""Amounts of strategies, compared only within one perimeter and one stage."""

from collections.abc import Sequence

import pandas as pd

from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.formatting import MISSING, format_euros, format_period, is_missing
from comparisons.queries import thresholds
from comparisons.queries.large_territories import read_together
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label, vocabulary_codes

# French words for the object of an amount: extent, payer, length.
_EXTENT_LABELS = {"ensemble": "tout le programme", "zone_publique": "toute la zone publique"}
_PAYERS = {
    "tous": "coût total",
    "porteur": "part de la collectivité",
    "un_autre": "un seul financeur",
}
_LENGTHS = {
    "par_an": "chaque année",
    "jusqu_a_7_ans": "sur 7 ans au plus",
    "de_8_a_15_ans": "sur 8 à 15 ans",
    "plus_de_15_ans": "sur plus de 15 ans",
}
_REASONS = {
    "abandonne": "projet abandonné",
    "etendue_inconnue": "on ne sait pas quelle part du programme il paie",
    "partiel": "une tranche ou une partie",
    "payeur_inconnu": "on ne sait pas qui paie",
    "un_seul_financeur": "part d’un seul financeur",
    "duree_inconnue": "durée inconnue",
    "ancien": "document de plus de dix ans",
    "autre_objet": "objet différent des autres",
}
# Relative gap accepted between the sum of shares and their whole.
_TOLERANCE = 0.005
# One sum per strategy × perimeter × stage: what is paid each year of one period is not added to
# what is of another, and a sum has a period only if all its parts have one.
_SUMS_SQL = """
    SELECT strategie_id, territoire_niveau, territoire_code, perimetre, etape, population, etendue,
           payeur, duree, comparable, motif, recurrence IS NOT NULL AS annuel,
           -- the whole of a plan on one subject is not the whole of an overall strategy
           CASE WHEN perimetre = 'strategie' THEN famille ELSE '' END AS famille,
           sum(montant) AS montant,
           CASE WHEN count(annee_debut) = count(*) THEN min(annee_debut) END AS annee_debut,
           CASE WHEN count(annee_fin) = count(*) THEN max(annee_fin) END AS annee_fin
    FROM budgets_comparables
    JOIN (SELECT strategie_id, famille FROM etats_strategies) USING (strategie_id)
    GROUP BY strategie_id, territoire_niveau, territoire_code, perimetre, etape, population,
             etendue, payeur, duree, famille, comparable, motif, annuel,
             CASE WHEN recurrence IS NOT NULL THEN [annee_debut, annee_fin] END
"""
# Per year: a yearly amount, or a total divided by its years when both ends are known.
_YEARLY_SQL = """
    CASE WHEN annuel THEN montant / population
         WHEN annee_debut IS NOT NULL AND annee_fin IS NOT NULL
             THEN montant / population / (annee_fin - annee_debut + 1) END
"""

# Amounts that may be divided by the people of their area.
_PER_INHABITANT_SQL = f"""
    WITH sommes AS ({_SUMS_SQL}),
    mesures AS (
        SELECT *, CASE WHEN $measure = 'par_an' THEN {_YEARLY_SQL}
                       WHEN NOT annuel THEN montant / population END AS valeur
        FROM sommes WHERE perimetre = $perimeter AND etape = $stage
    ),
    retenues AS (
        SELECT t.territoire_code, m.*, s.titre
        FROM mesures m
        JOIN strategies s USING (strategie_id)
        JOIN etats_strategies e USING (strategie_id)
        JOIN territoires_couverts t USING (strategie_id)
        JOIN etats_annuels y USING (strategie_id)
        WHERE y.annee = coalesce($year, (SELECT annee FROM jeu_de_donnees))
          AND m.montant IS NOT NULL AND t.territoire_niveau = $level
          AND (m.annuel OR $measure = 'total' OR m.valeur IS NOT NULL)
          AND (s.territoire_niveau = $level OR t.lien = 'jumeau')
          -- the amount of a former région is not painted over the whole of today's
          AND t.dans_aire
        QUALIFY row_number() OVER (
            PARTITION BY t.territoire_code
            -- what compares comes first; then the most recent document that says something
            ORDER BY (m.comparable AND m.valeur IS NOT NULL) DESC,
                     e.annee_document DESC NULLS LAST, (m.valeur IS NOT NULL) DESC,
                     m.annuel DESC, s.strategie_id,
                     m.annee_fin DESC NULLS LAST, m.annee_debut DESC NULLS LAST,
                     m.montant DESC, m.etendue, m.payeur, m.duree) = 1
    ),
    objet AS (
        SELECT etendue, payeur, duree, famille FROM retenues
        WHERE comparable AND valeur IS NOT NULL
        GROUP BY etendue, payeur, duree, famille HAVING count(*) >= $enough
        ORDER BY count(*) DESC, etendue, payeur, duree, famille LIMIT 1
    ),
    jugees AS (
        SELECT r.*, r.comparable
               AND (r.etendue, r.payeur, r.duree, r.famille) IN (FROM objet) AS retenue
        FROM retenues r
    )
    SELECT t.territoire_code, t.nom, CASE WHEN r.retenue THEN round(r.valeur, 2) END AS valeur,
           r.strategie_id, r.titre, r.montant, r.population, r.annee_debut, r.annee_fin,
           r.etendue, r.payeur, r.duree, r.famille,
           CASE WHEN NOT r.retenue THEN coalesce(r.motif, 'autre_objet') END AS motif
    FROM territoires t
    LEFT JOIN jugees r USING (territoire_code)
    WHERE t.territoire_niveau = $level
    ORDER BY t.territoire_code
"""


def amounts_per_inhabitant(
    level: str, perimeter: str, stage: str, measure: str = "total", year: int | None = None
) -> pd.DataFrame:
    """Return € per inhabitant of each territory of a level, for one perimeter × stage.

    The amounts are those of the most recent strategy known in `year` (by default the dataset's),
    led at this level (or by a twin), that gives any; additive rows of that one strategy are summed.
    Only amounts of one object (extent, payer, length; the family of the document, of the amount of
    a whole strategy) are given a value: the object that most
    territories have, if enough have it (`thresholds.is_enough`). `measure` is `total` (amounts of a
    whole period) or `par_an` (yearly amounts of the last period that has any, or a total divided by
    its years when all are known).

    Returns `territoire_code`, `nom`, `valeur` (missing when unknown or not comparable),
    `strategie_id`, `titre`, `montant` (€), `population` (of its area), `annee_debut`, `annee_fin`,
    `etendue`, `payeur`, `duree`, `famille` (of a whole strategy), `motif` (why an amount that is
    known has no value: a code of `budgets_comparables`, or `autre_objet`); of what is only listed
    too.
    """
    return query(
        _PER_INHABITANT_SQL,
        {
            "level": level,
            "perimeter": perimeter,
            "stage": stage,
            "measure": measure,
            "year": year,
            "enough": thresholds.MIN_SAMPLE,
        },
    )


def available_amounts(level: str) -> pd.DataFrame:
    """Return the number of strategies of a level with an amount, per perimeter × stage.

    Returns `perimetre`, `etape`, `nb_strategies`, the largest numbers first.
    """
    return query(
        """
        SELECT perimetre, etape, count(DISTINCT strategie_id)::INTEGER AS nb_strategies
        FROM budgets_comparables WHERE territoire_niveau = $level
        GROUP BY perimetre, etape ORDER BY nb_strategies DESC, perimetre, etape
        """,
        {"level": level},
    )


def format_object(row: object) -> str:
    """Describe the object of an amount: `tout le programme, coût total, sur 8 à 15 ans`.

    The amount of a whole strategy begins with the family of its document.
    """
    labels = (
        "" if is_missing(row.famille) else code_label("familles_strategie", row.famille).lower(),
        _EXTENT_LABELS.get(row.etendue)
        or ("" if is_missing(row.etendue) else code_label("etendues", row.etendue).lower()),
        _PAYERS.get(row.payeur, ""),
        _LENGTHS.get(row.duree, ""),
    )
    return ", ".join(filter(None, labels))


def compared_object(row: object) -> str:
    """Describe the object of a comparable amount; "" when it is not comparable.

    What it pays for, who pays and for how long are known; it is whole, and not one payer's share.
    """
    is_unknown = any(map(is_missing, (row.etendue, row.payeur, row.duree)))
    is_part = row.etendue not in _EXTENT_LABELS or row.payeur not in ("tous", "porteur")
    return "" if is_unknown or is_part or not is_missing(row.motif) else format_object(row)


@cached
def quoted(keys: Sequence[str]) -> pd.DataFrame:
    """Return the amounts of some territories of one level that are not comparable.

    One per territory × perimeter × stage, the one that a map would show (of a whole period).
    Returns `cle`, `nom`, `quoi` (perimeter and stage), `texte` (amount, object, period),
    `pourquoi` (why it is not compared), `titre` (of the document); territories as asked.
    """
    level = keys[0].split("-")[0]
    parts = []
    for perimeter in vocabulary_codes("perimetres"):
        for stage in vocabulary_codes("etapes"):
            rows = amounts_per_inhabitant(level, perimeter, stage).dropna(subset=["montant"])
            rows = rows[rows["valeur"].isna()]
            parts.append(
                rows.assign(
                    cle=f"{level}-" + rows["territoire_code"],
                    quoi=f"{code_label('perimetres', perimeter)}, "
                    f"{code_label('etapes', stage).lower()}",
                )
            )
    rows = pd.concat(parts, ignore_index=True)
    rows = rows[rows["cle"].isin(keys)]
    order = rows["cle"].map({key: order for order, key in enumerate(keys)})
    rows = rows.iloc[order.argsort(kind="stable")]
    texts = [
        ", ".join(
            text
            for text in (
                format_euros(row.montant),
                format_object(row),
                format_period(row.annee_debut, row.annee_fin),
            )
            if text not in ("", MISSING)
        )
        for row in iterate_rows(rows)
    ]
    rows = rows.assign(texte=texts, pourquoi=rows["motif"].map(_REASONS))
    return rows[["cle", "nom", "quoi", "texte", "pourquoi", "titre"]].reset_index(drop=True)


@read_together("strategie_id")
def budget_lines(strategy_ids: Sequence[str]) -> pd.DataFrame:
    """Return every amount of some strategies, wholes before their parts, with their source.

    Returns the columns of `budgets` with `titre`, `population` (of its area; missing
    where that is not known), `profondeur` (0 for an
    additive amount, 1 for a part of it ...), `source_titre`, `source_url`.
    """
    return query(
        """
        WITH RECURSIVE arbre AS (
            -- a part stays one where its whole is not read (`use_source_type`)
            SELECT budget_id, (inclus_dans IS NOT NULL)::INTEGER AS profondeur,
                   [budget_id] AS chemin
            FROM budgets WHERE inclus_dans IS NULL
                OR inclus_dans NOT IN (SELECT budget_id FROM budgets)
            UNION ALL
            SELECT b.budget_id, a.profondeur + 1, list_append(a.chemin, b.budget_id)
            FROM budgets b JOIN arbre a ON b.inclus_dans = a.budget_id
        )
        SELECT b.*, s.titre, a.profondeur,
               CASE WHEN b.territoire_code IS NOT NULL THEN t.population
                    WHEN b.etendue = 'partie' THEN NULL ELSE p.population END AS population,
               source_titre, source_editeur, source_url
        FROM budgets b
        JOIN arbre a USING (budget_id)
        JOIN strategies s USING (strategie_id)
        LEFT JOIN populations_strategies p USING (strategie_id)
        LEFT JOIN territoires t ON t.territoire_niveau = b.territoire_niveau
                               AND t.territoire_code = b.territoire_code
        JOIN sources_citees() r ON r.source_id = b.source_id
        WHERE list_contains($ids, b.strategie_id)
        ORDER BY list_position($ids, b.strategie_id), a.chemin
        """,
        {"ids": list(strategy_ids)},
    )


@read_together("strategie_id")
def comparable_budgets(strategy_ids: Sequence[str]) -> pd.DataFrame:
    """Return rows of `budgets_comparables` of some strategies, in the order asked."""
    return query(
        """
        SELECT * FROM budgets_comparables
        WHERE list_contains($ids, strategie_id)
        ORDER BY list_position($ids, strategie_id), perimetre, etape, recurrence, annee_debut
        """,
        {"ids": list(strategy_ids)},
    )


@read_together("strategie_id")
def budget_totals(strategy_ids: Sequence[str]) -> pd.DataFrame:
    """Return comparable sums of some strategies, in the order asked, the last period first.

    Returns one row per strategy × area × perimeter × stage × object (`etendue`, `payeur`, `duree`,
    `famille` of a whole strategy, `comparable`, `motif`) × `annuel` (× period of yearly amounts):
    `montant` (€), `euros_par_habitant` (missing for yearly amounts), `euros_par_habitant_par_an`
    (missing unless yearly or of known years), `population`, `annee_debut`, `annee_fin`.
    """
    return query(
        f"""
        SELECT *, CASE WHEN NOT annuel THEN montant / population END AS euros_par_habitant,
               {_YEARLY_SQL} AS euros_par_habitant_par_an
        FROM ({_SUMS_SQL})
        WHERE list_contains($ids, strategie_id)
        ORDER BY list_position($ids, strategie_id), perimetre, etape, annuel,
                 annee_fin DESC NULLS LAST, annee_debut DESC NULLS LAST
        """,
        {"ids": list(strategy_ids)},
    )


def funder_shares(amounts: pd.DataFrame) -> pd.DataFrame:
    """Split each additive amount into its funders' shares and the rest.

    `amounts` has the columns of `budget_lines`. A share is a part paid by one funder, at the stage
    and recurrence of the whole. One amount may be split twice (by funder, by kind of work): parts
    of several funders are not shares, and no share is returned where they exceed their whole.

    Returns `budget_id` (of the whole), `financeur_type` (missing: no known funder),
    `financeur_nom`, `libelle`, `montant` (€), `source_id`.
    """
    shares = []
    parts_by_total = dict(list(amounts.groupby("inclus_dans")))
    for total in iterate_rows(amounts[(amounts["profondeur"] == 0) & (amounts["montant"] > 0)]):
        remainder = total.montant
        if total.budget_id in parts_by_total:
            parts = _funder_parts(total, parts_by_total[total.budget_id])
            for part in iterate_rows(parts):
                shares.append((total.budget_id, part.financeur_type, part.financeur_nom,
                               part.libelle, part.montant, part.source_id))  # fmt: skip
            remainder -= parts["montant"].sum()
        if remainder > _TOLERANCE * total.montant:
            one_funder = not is_missing(total.financeur_type) and total.financeur_type != "multiple"
            funder_type = total.financeur_type if one_funder else None
            shares.append((total.budget_id, funder_type, total.financeur_nom, total.libelle,
                           remainder, total.source_id))  # fmt: skip
    columns = ["budget_id", "financeur_type", "financeur_nom", "libelle", "montant", "source_id"]
    return pd.DataFrame(shares, columns=columns)


def _funder_parts(total: object, parts: pd.DataFrame) -> pd.DataFrame:
    """Return those parts of an amount that are shares; none if its funder is known."""
    has_funder = not is_missing(total.financeur_type) and total.financeur_type != "multiple"
    if has_funder:
        return parts.iloc[:0]
    parts = parts[
        (parts["etape"] == total.etape)
        & (parts["recurrence"].isna() == is_missing(total.recurrence))
        & parts["financeur_type"].notna()
        & (parts["financeur_type"] != "multiple")
    ]
    exceeds_total = parts["montant"].sum() > (1 + _TOLERANCE) * total.montant
    return parts.iloc[:0] if exceeds_total else parts
