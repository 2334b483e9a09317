"""Vertical alignment: themes of a territory, of those that contain it and of those inside it.

A theme's state, for one territory: `en_cours` (a priority of a strategy that is not over),
`passee` (of one that is), `absente` (not among its recorded priorities). A territory whose
priorities are not recorded, or not named by its documents where only named axes are read, has no
row at all: nothing can be said of it.

`themes_by_level` and `count_below` read one territory and those around it; `enclosing_chain` and
`theme_matrix` build one matrix of territories that contain one another.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.formatting import curly_apostrophes, is_missing, join_words, pluralize
from comparisons.queries.axes import format_axis_counts
from comparisons.queries.territories import enclosing, load_territories
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label, vocabulary_codes
from comparisons.schema.territory import LEVEL_NAMES, LEVEL_NOUNS, parse_key


def themes_by_level(key: str, named_only: bool = False) -> pd.DataFrame:
    """Return themes of a territory and of those it lies in (for at least half of its people).

    Returns one row per territory with recorded priorities × theme: `cle`, `nom`,
    `territoire_niveau`, `theme`, `etat`, `rang` (the best of the named axes of that state; missing
    where none is named), `nb_priorites` and `nb_priorites_nommees` (recorded for the territory);
    the widest territory first, the territory itself last. With `named_only`, only the axes that
    documents name are read.
    """
    return theme_states([*enclosing_keys(key)[::-1], key], named_only)


def theme_states(keys: Sequence[str], named_only: bool = False) -> pd.DataFrame:
    """Return the rows of `themes_by_level` for some territories, in the order asked.

    `strategie_ids` are the strategies, not over, that bear the theme.
    """
    return query(
        """
        WITH portent AS (
            SELECT c.territoire_niveau, c.territoire_code, x.strategie_id,
                   unnest(list_distinct([x.theme] || coalesce(x.themes_secondaires, []))) AS theme
            FROM territoires_couverts c
            JOIN axes x USING (strategie_id)
            JOIN etats_strategies e USING (strategie_id)
            WHERE c.lien <> 'aire' AND e.etat <> 'terminee' AND (x.nomme OR NOT $nommes)
              AND list_contains($keys, cle(c.territoire_niveau, c.territoire_code))
        ),
        documents AS (
            SELECT territoire_niveau, territoire_code, theme,
                   list_sort(list(DISTINCT strategie_id)) AS strategie_ids
            FROM portent GROUP BY ALL
        )
        SELECT cle(p.territoire_niveau, p.territoire_code) AS cle, t.nom, p.territoire_niveau,
               p.theme,
               CASE WHEN CASE WHEN $nommes THEN presence_nommee_en_cours
                              ELSE presence_en_cours END THEN 'en_cours'
                    WHEN CASE WHEN $nommes THEN presence_nommee ELSE presence END THEN 'passee'
                    ELSE 'absente' END AS etat,
               CASE WHEN CASE WHEN $nommes THEN presence_nommee_en_cours
                              ELSE presence_en_cours END
                    THEN p.meilleur_rang_en_cours ELSE p.meilleur_rang END AS rang,
               p.nb_priorites, p.nb_priorites_nommees,
               coalesce(d.strategie_ids, []) AS strategie_ids
        FROM priorites_par_theme p
        LEFT JOIN documents d USING (territoire_niveau, territoire_code, theme)
        JOIN territoires t USING (territoire_niveau, territoire_code)
        JOIN vocabulaires v ON v.vocabulaire = 'themes' AND v.code = p.theme
        WHERE list_contains($keys, cle(p.territoire_niveau, p.territoire_code))
          AND (p.nb_priorites_nommees > 0 OR NOT $nommes)
        ORDER BY list_position($keys, cle), v.ordre
        """,
        {"keys": list(keys), "nommes": named_only},
    )


def enclosing_keys(key: str) -> list[str]:
    """Return territories in which at least half of the people of one live, the nearest first."""
    enclosing_territories = enclosing(key)
    return list(enclosing_territories[enclosing_territories["part_population"] >= 0.5]["cle"])


def count_below(key: str, named_only: bool = False) -> pd.DataFrame:
    """Count the territories inside one that set each theme in a strategy that is not over.

    Returns one row per level below × theme: `territoire_niveau`, `theme`, `nb_en_cours`,
    `nb_connus` (those whose priorities are recorded).
    """
    territory = parse_key(key)
    return query(
        """
        SELECT p.territoire_niveau, p.theme,
               count(*) FILTER (CASE WHEN $nommes THEN p.presence_nommee_en_cours
                                ELSE p.presence_en_cours END)::INTEGER AS nb_en_cours,
               count(*)::INTEGER AS nb_connus
        FROM appartenances a
        JOIN priorites_par_theme p USING (territoire_niveau, territoire_code)
        WHERE a.dans_niveau = $level AND a.dans_code = $code AND a.part_population >= 0.5
          AND (p.nb_priorites_nommees > 0 OR NOT $nommes)
        GROUP BY p.territoire_niveau, p.theme
        ORDER BY p.territoire_niveau, p.theme
        """,
        {"level": territory.niveau, "code": territory.code, "nommes": named_only},
    )


@cached
def format_alignment_table(key: str, named_only: bool = False) -> pd.DataFrame:
    """Build the table of themes set above, in and below a territory: one row per theme set.

    The index is the theme's code; a column per territory (above, here), then per level below. A
    cell says `axe 2`, `oui` (no axis that bears it is named), `axe 3 (terminée)` or `–`; below,
    `4 sur 7`. Empty when nothing is recorded.
    """
    rows, counts = themes_by_level(key, named_only), count_below(key, named_only)
    columns: dict[str, dict[str, str]] = {}
    for _, group_rows in rows.groupby("cle", sort=False):
        name = curly_apostrophes(group_rows["nom"].iloc[0])
        # a commune and its département may have the same name
        level_noun = LEVEL_NOUNS[group_rows["territoire_niveau"].iloc[0]]
        name = f"{name} ({level_noun})" if name in columns else name
        columns[name] = dict(
            zip(group_rows["theme"], map(format_state, iterate_rows(group_rows)), strict=True)
        )
    for level, group_rows in counts.groupby("territoire_niveau", sort=False):
        known_count = pluralize(
            group_rows["nb_connus"].iloc[0], "connue" if level != "departement" else "connu"
        )
        columns[f"{LEVEL_NAMES[level]} ({known_count})"] = {
            row.theme: f"{row.nb_en_cours} sur {row.nb_connus}" if row.nb_en_cours else "–"
            for row in iterate_rows(group_rows)
        }
    table = pd.DataFrame(columns, index=vocabulary_codes("themes")).fillna("–")
    return table[(table != "–").any(axis=1)] if len(columns) else pd.DataFrame()


def format_state(row: object) -> str:
    """Return in French the state of a theme in a row of `themes_by_level`."""
    match row.etat:
        case "en_cours":
            return _format_rank(row.rang)
        case "passee":
            return f"{_format_rank(row.rang)} (terminée)"
        case _:
            return "–"


def _format_rank(rank: object) -> str:
    return "oui" if is_missing(rank) else f"axe {int(rank)}"


def axis_counts(keys: Sequence[str]) -> dict[str, int]:
    """Count the axes recorded for each territory, named by its documents or not."""
    rows = query(
        """
        SELECT DISTINCT cle(territoire_niveau, territoire_code) AS cle, nb_priorites
        FROM priorites_par_theme
        WHERE list_contains($keys, cle(territoire_niveau, territoire_code))
        """,
        {"keys": list(keys)},
    )
    return dict(zip(rows["cle"], rows["nb_priorites"].astype(int), strict=True))


def describe_unread(names: Mapping[str, str]) -> list[str]:
    """Describe which territories have no axis to read, and whether some are recorded by us."""
    counts = axis_counts(list(names))
    unnamed = [
        f"{name} ({pluralize(counts[key], 'relevé')} par nous)"
        for key, name in names.items()
        if counts.get(key)
    ]
    unrecorded = [name for key, name in names.items() if not counts.get(key)]
    sentences = [f"Aucun axe nommé par les documents : {join_words(unnamed)}."] if unnamed else []
    if unrecorded:
        sentences.append(f"Aucune priorité relevée : {join_words(unrecorded)}.")
    return sentences


def _describe_axes(rows: pd.DataFrame, names: Mapping[str, str]) -> str:
    """Return a sentence that counts the axes read, and those named, for each territory."""
    territories = rows.drop_duplicates("cle")
    descriptions = (
        f"{names[row.cle]} : {format_axis_counts(row.nb_priorites, row.nb_priorites_nommees)}"
        for row in iterate_rows(territories)
    )
    return f"{' ; '.join(descriptions)}."


@cached
def describe_alignment(key: str, named_only: bool = False) -> list[str]:
    """Describe which themes are recorded both for the territory and for each of those above.

    What is not recorded on one side proves nothing: lists are partial and of unlike documents. A
    document that both share is told once, as shared. One sentence per territory above whose
    priorities are recorded, one for those of which nothing is, one that counts the axes read.
    """
    rows = themes_by_level(key, named_only)
    current_rows = rows[rows["etat"] == "en_cours"]
    strategies_by_theme_and_key = {
        other_key: dict(zip(territory_rows["theme"], territory_rows["strategie_ids"], strict=True))
        for other_key, territory_rows in current_rows.groupby("cle")
    }
    names = names_by_key([*enclosing_keys(key), key])
    recorded = set(rows["cle"])
    sentences = []
    for other_key, name in names.items():
        if other_key == key or other_key not in recorded or key not in strategies_by_theme_and_key:
            continue
        other_strategies = strategies_by_theme_and_key.get(other_key, {})
        shared_ids = set().union(*strategies_by_theme_and_key[key].values()) & set().union(
            *other_strategies.values()
        )
        # a document that both share is not evidence of agreement
        common = [
            code
            for code in vocabulary_codes("themes")
            if {*strategies_by_theme_and_key[key].get(code, ())} - shared_ids
            and {*other_strategies.get(code, ())} - shared_ids
        ]
        if shared_ids and not common:
            sentences.append(f"Avec {name} : les mêmes documents, dits une fois.")
        elif common:
            sentences.append(
                f"Avec {name} : {pluralize(len(common), 'thème relevé', 'thèmes relevés')} des "
                f"deux côtés{_format_theme_list(common)}"
                f" ; pour les autres, nos relevés ne suffisent pas."
            )
        else:
            sentences.append(
                f"Avec {name} : aucun thème n’est relevé des deux côtés ; nos relevés ne suffisent "
                "pas à dire que les priorités diffèrent."
            )
    sentences += describe_unread(
        {other_key: name for other_key, name in names.items() if other_key not in recorded}
    )
    if len(rows):
        sentences.append(_describe_axes(rows, names))
    return sentences


def _format_theme_list(themes: list[str]) -> str:
    return (
        f" ({join_words(code_label('themes', code).lower() for code in themes)})" if themes else ""
    )


# --- one matrix of territories that contain one another -------------------------------------------


def names_by_key(keys: Sequence[str]) -> dict[str, str]:
    """Return the name of each territory by key, with its level when the name is ambiguous."""
    rows = load_territories(keys)
    shared_names = set(rows.loc[rows["nom"].duplicated(), "nom"])
    return {
        row.cle: curly_apostrophes(row.nom)
        + (f" ({LEVEL_NOUNS[row.territoire_niveau]})" if row.nom in shared_names else "")
        for row in iterate_rows(rows)
    }
