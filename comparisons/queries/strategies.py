"""Strategies of territories: coverage, documents, priorities, indicators."""

from collections.abc import Sequence

import pandas as pd

from comparisons.database.connection import KEYS_RELATION, query
from comparisons.formatting import (
    capitalize_first,
    curly_apostrophes,
    is_missing,
    join_words,
    to_place,
)
from comparisons.queries import thresholds
from comparisons.queries.axes import SELECTED_AXES_SQL
from comparisons.queries.family_subjects import (
    OVERALL,
    STATE_ORDER,
    families_about,
    is_description,
    speaks_first,
    speaks_first_of_all,
)
from comparisons.queries.large_territories import read_together
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label

# Number of areas that are listed by name; more are only counted.
_MAX_AREAS = 4

# What the axes read say of a theme, territory by territory.
_THEME_SQL = f"""
    WITH lus AS (
        SELECT t.territoire_code, p.strategie_id, p.rang, p.rang_nomme, p.nomme, p.intitule,
               e.etat,
               p.theme = $theme AS principal,
               (p.theme = $theme
                    OR coalesce(list_contains(p.themes_secondaires, $theme), false))
                   AND NOT list_contains($about, d.famille) AS porte,
               s.liste_axes IS NOT DISTINCT FROM 'complete'
                   AND (NOT $nommes OR p.nb_axes = p.nb_axes_nommes) AS entiere,
               coalesce(d.famille = '{OVERALL}' AND t.dans_aire AND NOT {is_description("d")}
                   AND e.annee - d.annee_document <= {thresholds.RECENT_YEARS}, false)
                   AS ensemble
        FROM territoires_couverts t
        JOIN {SELECTED_AXES_SQL} p USING (strategie_id)
        JOIN strategies s USING (strategie_id)
        JOIN etats_annuels e USING (strategie_id)
        JOIN etats_strategies d USING (strategie_id)
        WHERE t.territoire_niveau = $level AND t.lien <> 'aire'
          AND e.annee = coalesce($year, (SELECT annee FROM jeu_de_donnees))
    ),
    par_territoire AS (
        SELECT territoire_code,
               CASE WHEN bool_or(porte AND etat IN ('adoptee', 'en_revision')) THEN 'en_cours'
                    WHEN bool_or(porte AND etat <> 'terminee') THEN 'relevee'
                    WHEN bool_or(porte) THEN 'passee'
                    WHEN bool_or(ensemble) THEN 'absente'
                    ELSE 'hors_champ' END AS classe,
               bool_or(ensemble) AS ensemble_lu,
               bool_or(ensemble AND porte) AS ensemble_porte,
               CASE WHEN bool_and(entiere) THEN 'listes entières'
                    ELSE 'listes partielles' END AS objet,
               min(rang_nomme) FILTER (porte) AS meilleur_rang,
               list(intitule ORDER BY nomme DESC, principal DESC, rang, strategie_id)
                   FILTER (porte) AS intitules,
               count(*) FILTER (porte)::INTEGER AS nb_axes,
               count(*) FILTER (porte AND nomme)::INTEGER AS nb_axes_nommes
        FROM lus GROUP BY territoire_code
    ),
    consacres AS (
        SELECT DISTINCT t.territoire_code
        FROM territoires_couverts t
        JOIN etats_annuels e USING (strategie_id)
        JOIN etats_strategies d USING (strategie_id)
        WHERE t.territoire_niveau = $level AND t.lien <> 'aire'
          AND e.annee = coalesce($year, (SELECT annee FROM jeu_de_donnees))
          AND list_contains($about, d.famille)
    )
    SELECT t.territoire_code, t.nom,
           CASE WHEN coalesce(p.nb_axes, 0) = 0 AND c.territoire_code IS NOT NULL
                    THEN 'objet' ELSE coalesce(p.classe, 'inconnue') END AS classe,
           CASE WHEN coalesce(p.nb_axes, 0) = 0 AND c.territoire_code IS NOT NULL
                    THEN 'document consacré' ELSE coalesce(p.objet, '') END AS objet,
           p.meilleur_rang, coalesce(p.intitules, []) AS intitules, p.nb_axes, p.nb_axes_nommes,
           coalesce(p.ensemble_lu, false) AS ensemble_lu,
           coalesce(p.ensemble_porte, false) AS ensemble_porte
    FROM territoires t
    LEFT JOIN par_territoire p USING (territoire_code)
    LEFT JOIN consacres c USING (territoire_code)
    WHERE t.territoire_niveau = $level
    ORDER BY t.territoire_code
"""


def theme_by_territory(
    level: str, theme: str, year: int | None = None, named_only: bool = False
) -> pd.DataFrame:
    """Return whether each territory of a level sets a theme as a priority, in a year.

    With `named_only`, the axes that documents name themselves are the only ones read. A document's
    own subject is no priority that it sets among others.

    Returns `territoire_code`, `nom`, `classe` (`en_cours`: in a strategy known as adopted;
    `relevee`: in one that is not over; `passee`; `objet`: a document is about it, read or not;
    `absente`: in no axis read of a recent overall document of the whole territory; `hors_champ`: in
    none of others, that are older or on a subject, where its absence says nothing; `inconnue`: no
    priority is recorded for the documents of that year or before),
    `objet` (what it is read in: `listes entières` of axes, `listes partielles` if one may be,
    `document consacré`; empty: nothing), `meilleur_rang` (among named axes), `intitules` (list,
    empty when none), `nb_axes` and `nb_axes_nommes` (that bear it), `ensemble_lu` and
    `ensemble_porte` (a recent overall document of the whole territory is read, and bears it).
    """
    return query(
        _THEME_SQL,
        {
            "level": level,
            "theme": theme,
            "year": year,
            "nommes": named_only,
            "about": families_about(theme),
        },
    )


def covered_years() -> list[int]:
    """Return the years for which the state of strategies is known, that of the dataset last."""
    bounds = query("SELECT min(annee) AS first, max(annee) AS last FROM etats_annuels").iloc[0]
    return list(range(int(bounds["first"]), int(bounds["last"]) + 1))


@read_together("cle")
def strategies_of(keys: Sequence[str]) -> pd.DataFrame:
    """Return all strategies of some territories, the one to show by default first.

    Returns one row per territory (`cle`) × strategy: the columns of `strategies` with `etat`,
    `annee_document`, `remplacee_par_titre`, `lien`, `dans_aire` (false where a former région's
    strategy covers only a part of today's), `population` (covered), `nb_priorites`
    (recorded), `nb_priorites_nommees` (that the document names), `famille`, `rang` (1 = the one to
    show by default: `speaks_first_of_all`), `rang_famille` (1 = the one that speaks for the
    territory in its family: `speaks_first`) and its source
    (`source_titre`, `source_editeur`, `source_url`, `source_date`, `source_consulte_le`).
    """
    return query(
        f"""
        SELECT a.cle, t.lien, t.dans_aire, s.*,
               e.etat, e.etat_deduit, e.annee_document, e.remplacee_par,
               n.titre AS remplacee_par_titre, p.population,
               (SELECT count(*) FROM priorites x WHERE x.strategie_id = s.strategie_id)
                   AS nb_priorites,
               (SELECT count(*) FROM axes x WHERE x.strategie_id = s.strategie_id AND x.nomme)
                   AS nb_priorites_nommees, source_titre, source_editeur, source_url,
               source_date, source_consulte_le,
               e.famille,
               row_number() OVER (
                   PARTITION BY t.territoire_niveau, t.territoire_code
                   ORDER BY {speaks_first_of_all("e", "t")}) AS rang,
               row_number() OVER (
                   PARTITION BY t.territoire_niveau, t.territoire_code, e.famille
                   ORDER BY {speaks_first("e", "t")}) AS rang_famille
        FROM {KEYS_RELATION} a
        JOIN territoires_couverts t USING (territoire_niveau, territoire_code)
        JOIN strategies s USING (strategie_id)
        JOIN etats_strategies e USING (strategie_id)
        LEFT JOIN populations_strategies p USING (strategie_id)
        LEFT JOIN strategies n ON n.strategie_id = e.remplacee_par
        JOIN sources_citees() r ON r.source_id = s.source_id
        WHERE t.lien <> 'aire'
        ORDER BY a.ordre, rang
        """,
        {"keys": keys},
    )


def describe_state(document: object) -> str:
    """Return in French the state of a document, and that it is of a part of its territory.

    A document without `dans_aire` is one of the whole.
    """
    label = code_label("etats_couverture", document.etat)
    return label if getattr(document, "dans_aire", True) else f"{label} (d’une partie de la région)"


def enclosing_strategies(key: str) -> pd.DataFrame:
    """Return the documents of wider areas that contain a territory.

    Returns `strategie_id`, `titre`, `type`, `etat`, `annee_document`, `nom` (who bears it: see
    `bearer`), `aire` (the areas it is common to, in words; empty when it has one) and `cle` (the
    nearest territory that contains this one and has the document), those in force first.
    """
    rows = query(
        """
        WITH aires AS (
            SELECT strategie_id, list(t.nom_article ORDER BY strip_accents(t.nom)) AS noms
            FROM territoires_couverts c
            JOIN territoires t USING (territoire_niveau, territoire_code)
            WHERE c.lien <> 'jumeau' AND c.dans_aire
            GROUP BY strategie_id
        ),
        contenants AS (
            SELECT c.strategie_id,
                   arg_min(cle(a.dans_niveau, a.dans_code),
                           list_position(['epci', 'departement', 'region'], a.dans_niveau)) AS cle
            FROM appartenances a
            JOIN territoires_couverts c
              ON c.territoire_niveau = a.dans_niveau AND c.territoire_code = a.dans_code
            WHERE cle(a.territoire_niveau, a.territoire_code) = $key
              AND a.part_population >= 0.5 AND c.lien <> 'aire'
            GROUP BY c.strategie_id
        )
        SELECT s.strategie_id, s.titre, s.type, e.etat, e.annee_document, s.porteur_nom, a.noms,
               c.cle
        FROM strategies_englobantes g
        JOIN strategies s USING (strategie_id)
        JOIN etats_strategies e USING (strategie_id)
        JOIN aires a USING (strategie_id)
        JOIN contenants c USING (strategie_id)
        WHERE cle(g.territoire_niveau, g.territoire_code) = $key
        ORDER BY list_position($order, e.etat), e.annee_document DESC NULLS LAST, s.strategie_id
        """,
        {"key": key, "order": list(STATE_ORDER)},
    )
    bearers = [bearer(row.porteur_nom, row.noms) for row in iterate_rows(rows)]
    rows["nom"], rows["aire"] = (
        [bearer_name for bearer_name, _ in bearers],
        [common_area for _, common_area in bearers],
    )
    return rows.drop(columns=["porteur_nom", "noms"])


def nearest_with_document(key: str, count: int) -> pd.DataFrame:
    """Return the nearest territories of the level that have a document of their own.

    Returns `cle` and `distance_km` (great circle between the centres), the nearest first.
    """
    return query(
        """
        WITH ici AS (
            SELECT territoire_niveau, longitude, latitude FROM territoires
            WHERE cle(territoire_niveau, territoire_code) = $key
        )
        SELECT cle(t.territoire_niveau, t.territoire_code) AS cle,
               2 * 6371 * asin(sqrt(
                   sin(radians(t.latitude - i.latitude) / 2) ** 2
                   + cos(radians(i.latitude)) * cos(radians(t.latitude))
                     * sin(radians(t.longitude - i.longitude) / 2) ** 2)) AS distance_km
        FROM ici i
        JOIN territoires t USING (territoire_niveau)
        WHERE EXISTS (
            FROM territoires_couverts c
            WHERE c.territoire_niveau = t.territoire_niveau
              AND c.territoire_code = t.territoire_code AND c.lien = 'propre')
          AND cle(t.territoire_niveau, t.territoire_code) <> $key
        ORDER BY distance_km, cle LIMIT $count
        """,
        {"key": key, "count": count},
    )


def bearer(name: object, areas: Sequence[str]) -> tuple[str, str]:
    """Return in French the lead of a document and the areas it is common to.

    Without a known lead, the first text describes the areas and the second is empty. `areas` are
    names with their articles.
    """
    shared_areas = ""
    if len(areas) > _MAX_AREAS:
        shared_areas = f"commun à {len(areas)} territoires"
    elif len(areas) > 1:
        shared_areas = f"commun {join_words(map(to_place, areas))}"
    if not is_missing(name):
        return curly_apostrophes(name), shared_areas
    return (
        capitalize_first(shared_areas) if shared_areas else f"Couvre {curly_apostrophes(areas[0])}"
    ), ""


@read_together("strategie_id")
def priorities(strategy_ids: Sequence[str]) -> pd.DataFrame:
    """Return priorities of some strategies in their official words, with their source.

    Returns the columns of `axes` (`nomme`, `rang_nomme`, `nb_axes`, `nb_axes_nommes` tell named
    axes from those read off) with `titre` (of the strategy), `source_titre`, `source_url`.
    """
    return query(
        """
        SELECT p.*, s.titre, source_titre, source_editeur, source_url
        FROM axes p
        JOIN strategies s USING (strategie_id)
        JOIN sources_citees() r ON r.source_id = p.source_id
        WHERE list_contains($ids, p.strategie_id)
        ORDER BY list_position($ids, p.strategie_id), p.rang
        """,
        {"ids": list(strategy_ids)},
    )


@read_together("cle")
def indicators(keys: Sequence[str]) -> pd.DataFrame:
    """Return measured and targeted values of some territories, with their source."""
    return query(
        f"""
        SELECT a.cle, i.*, source_titre, source_editeur, source_url
        FROM {KEYS_RELATION} a
        JOIN indicateurs i USING (territoire_niveau, territoire_code)
        JOIN sources_citees() r ON r.source_id = i.source_id
        ORDER BY a.ordre, i.indicateur, i.libelle, i.annee
        """,
        {"keys": keys},
    )


@read_together("cle")
def last_lookups(keys: Sequence[str]) -> pd.DataFrame:
    """Return the last time each territory was looked up, with what result; no row = never."""
    return query(
        """
        SELECT cle(territoire_niveau, territoire_code) AS cle, resultat, consulte_le, note
        FROM recherches
        WHERE list_contains($keys, cle(territoire_niveau, territoire_code))
        QUALIFY row_number() OVER (PARTITION BY cle ORDER BY consulte_le DESC) = 1
        """,
        {"keys": list(keys)},
    )


def priorities_by_theme(priorities: pd.DataFrame) -> pd.DataFrame:
    """Return each priority once per theme, main or secondary (`principal`: main)."""
    main_rows = priorities.assign(principal=True)
    secondary_rows = (
        priorities[priorities["themes_secondaires"].notna()]
        .drop(columns="theme")
        .rename(columns={"themes_secondaires": "theme"})
        .explode("theme")
        .dropna(subset=["theme"])
        .assign(principal=False, themes_secondaires=None)
    )
    return (
        pd.concat([main_rows, secondary_rows], ignore_index=True)
        if len(secondary_rows)
        else main_rows
    )


def comparable_indicators(rows: pd.DataFrame) -> set[int]:
    """Return the index of the comparable values of one definition.

    They are of the whole territory, and the latest of each territory are of years at most
    `thresholds.YEARS_APART` apart; none where the definition, or the year, is not known.
    """
    complete = rows[
        rows["definition"].notna() & (rows["etendue"] == "ensemble") & rows["annee"].notna()
    ]
    latest = complete.sort_values("annee").drop_duplicates("cle", keep="last")
    year_gap = latest["annee"].max() - latest["annee"].min() if len(latest) else 0
    return set(latest.index) if year_gap <= thresholds.YEARS_APART else set()
