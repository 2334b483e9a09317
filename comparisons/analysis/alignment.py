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

from comparisons.database.connection import query
from comparisons.formatting import MISSING, curly_apostrophes, is_missing, join_words, pluralize
from comparisons.queries.axes import NO_NAMED_AXIS, format_axis_counts
from comparisons.queries.territories import enclosing, load_territories
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
    return _theme_states([*_enclosing_keys(key)[::-1], key], named_only)


def _theme_states(keys: Sequence[str], named_only: bool = False) -> pd.DataFrame:
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
              AND list_contains($keys, c.territoire_niveau || '-' || c.territoire_code)
        ),
        documents AS (
            SELECT territoire_niveau, territoire_code, theme,
                   list_sort(list(DISTINCT strategie_id)) AS strategie_ids
            FROM portent GROUP BY ALL
        )
        SELECT p.territoire_niveau || '-' || p.territoire_code AS cle, t.nom, p.territoire_niveau,
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
        WHERE list_contains($keys, p.territoire_niveau || '-' || p.territoire_code)
          AND (p.nb_priorites_nommees > 0 OR NOT $nommes)
        ORDER BY list_position($keys, cle), v.ordre
        """,
        {"keys": list(keys), "nommes": named_only},
    )


def _enclosing_keys(key: str) -> list[str]:
    """Return territories in which at least half of the people of one live.

    The nearest level first.
    """
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
            zip(group_rows["theme"], map(_format_state, group_rows.itertuples()), strict=True)
        )
    for level, group_rows in counts.groupby("territoire_niveau", sort=False):
        known_count = pluralize(
            group_rows["nb_connus"].iloc[0], "connue" if level != "departement" else "connu"
        )
        columns[f"{LEVEL_NAMES[level]} ({known_count})"] = {
            row.theme: f"{row.nb_en_cours} sur {row.nb_connus}" if row.nb_en_cours else "–"
            for row in group_rows.itertuples()
        }
    table = pd.DataFrame(columns, index=vocabulary_codes("themes")).fillna("–")
    return table[(table != "–").any(axis=1)] if len(columns) else pd.DataFrame()


def _format_state(row: object) -> str:
    match row.etat:
        case "en_cours":
            return _format_rank(row.rang)
        case "passee":
            return f"{_format_rank(row.rang)} (terminée)"
        case _:
            return "–"


def _format_rank(rank: object) -> str:
    return "oui" if is_missing(rank) else f"axe {int(rank)}"


def _axis_counts(keys: Sequence[str]) -> dict[str, int]:
    """Count the axes recorded for each territory, named by its documents or not."""
    rows = query(
        """
        SELECT DISTINCT territoire_niveau || '-' || territoire_code AS cle, nb_priorites
        FROM priorites_par_theme
        WHERE list_contains($keys, territoire_niveau || '-' || territoire_code)
        """,
        {"keys": list(keys)},
    )
    return dict(zip(rows["cle"], rows["nb_priorites"].astype(int), strict=True))


def _describe_unread(names: Mapping[str, str]) -> list[str]:
    """Describe which territories have no axis to read, and whether some are recorded by us."""
    counts = _axis_counts(list(names))
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
        for row in territories.itertuples()
    )
    return f"{' ; '.join(descriptions)}."


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
    names = _names_by_key([*_enclosing_keys(key), key])
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
                "deux "
                f"côtés{_format_theme_list(common)}"
                f" ; pour les autres, nos relevés ne suffisent pas."
            )
        else:
            sentences.append(
                f"Avec {name} : aucun thème n’est relevé des deux côtés ; nos relevés ne suffisent "
                "pas à dire que les priorités diffèrent."
            )
    sentences += _describe_unread(
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

SHARING_PATTERNS = {
    "plusieurs": "Relevé à plusieurs niveaux",
    "un_document": "Relevé dans un document",
    "aucun": "Pas dans les axes lus",
    "inconnu": "Inconnue : aucun axe lu",
}


def enclosing_chain(key: str) -> list[str]:
    """List a territory and those in which at least half of its people live, the widest first.

    Twins are told once (data/reference/jumeaux.csv): of two territories for which one strategy
    counts as both's, the one asked for or else the widest is kept; where one does not act in the
    other (the Département du Rhône in the Métropole de Lyon), it is left out.
    `excluded_territories` says so. Raises `ValueError` when `key` is not of the form `niveau-code`,
    `KeyError` when unknown.
    """
    enclosing_keys, _ = _select_enclosing(key)
    return [*enclosing_keys, key]


def excluded_territories(key: str) -> list[str]:
    """Return a sentence for each enclosing territory that is left out of the chain of one."""
    _, excluded = _select_enclosing(key)
    return list(dict.fromkeys(excluded.values()))


def _select_enclosing(key: str) -> tuple[list[str], dict[str, str]]:
    """Return the territories that contain one, those kept and those left out (key → why)."""
    rows = load_territories([parse_key(key), *map(parse_key, _enclosing_keys(key))])
    if key not in set(rows["cle"]):
        raise KeyError(key)
    level = rows["territoire_niveau"].map({code: index for index, code in enumerate(LEVEL_NAMES)})
    rows = rows.assign(level_index=level).sort_values(
        ["level_index", "population", "cle"], ascending=[True, False, True]
    )
    enclosing_keys = [enclosing_key for enclosing_key in rows["cle"] if enclosing_key != key]
    selected, excluded = [], {}
    outside_pairs, twin_pairs = _twin_pairs([key, *enclosing_keys])
    for enclosing_key in enclosing_keys:
        twin_explanation = next(
            (
                twin_pairs[enclosing_key, included_key]
                for included_key in [key, *selected]
                if (enclosing_key, included_key) in twin_pairs
            ),
            None,
        )
        outside_explanation = next(
            (
                outside_pairs[enclosing_key, included_key]
                for included_key in [key, *enclosing_keys]
                if (enclosing_key, included_key) in outside_pairs
            ),
            None,
        )
        if reason := twin_explanation or outside_explanation:
            excluded[enclosing_key] = reason
        else:
            selected.append(enclosing_key)
    return selected, excluded


def _twin_pairs(keys: Sequence[str]) -> tuple[dict, dict]:
    """Return the pairs of twins among some territories, with the sentence that explains each.

    First those where one does not act in the other, as (one, other), then those for which a
    strategy counts as both's, in both orders.
    """
    rows = query(
        """
        SELECT territoire_niveau || '-' || territoire_code AS cle,
               jumeau_niveau || '-' || jumeau_code AS jumeau, relation, explication
        FROM jumeaux
        WHERE list_contains($keys, cle) AND list_contains($keys, jumeau)
        """,
        {"keys": list(keys)},
    )
    outside_pairs, shared_pairs = {}, {}
    for row in rows.itertuples():
        if row.relation == "hors":
            outside_pairs[row.cle, row.jumeau] = row.explication
        elif row.relation == "vaut_pour":
            shared_pairs[row.cle, row.jumeau] = shared_pairs[row.jumeau, row.cle] = row.explication
    return outside_pairs, shared_pairs


def theme_matrix(keys: Sequence[str], named_only: bool = False) -> pd.DataFrame:
    """Return the matrix of themes × some territories.

    Returns one row per theme of the vocabulary (index: its code, `theme`), a column per territory
    (its key, in the order asked) with the theme's state (`en_cours`, `passee`, `absente`; missing
    when its priorities are not recorded), and `repartition`: in strategies that are not over, the
    theme is recorded at `plusieurs` levels (in documents of their own), in `un_document` alone,
    in `aucun`; `inconnu` when no priorities are recorded at all.
    """
    rows = _theme_states(keys, named_only)
    columns = {
        cle: territory_rows.set_index("theme")["etat"]
        for cle, territory_rows in rows.groupby("cle", sort=False)
    }
    index = pd.Index(vocabulary_codes("themes"), name="theme")
    matrix = pd.DataFrame(
        {key: columns.get(key, pd.Series(dtype="str")).reindex(index) for key in keys},
        index=index,
        dtype="str",
    )
    has_priorities = matrix.notna().any(axis=1)
    current_rows = rows[rows["etat"] == "en_cours"]
    territory_counts = current_rows.groupby("theme")["cle"].nunique().reindex(index, fill_value=0)
    document_counts = (
        current_rows.explode("strategie_ids").groupby("theme")["strategie_ids"].nunique()
    ).reindex(index, fill_value=0)
    # a document that two levels share counts once
    patterns = pd.Series("aucun", index).where(territory_counts == 0, "un_document")
    patterns = patterns.mask((territory_counts > 1) & (document_counts > 1), "plusieurs")
    return matrix.assign(repartition=patterns.where(has_priorities, "inconnu"))


def format_theme_matrix(frame: pd.DataFrame, named_only: bool = False) -> pd.DataFrame:
    """Return the matrix of `theme_matrix` as texts, themes set at several levels first.

    The index is the theme's code; columns are `Répartition`, then the territories. A cell says `axe
    2` (the best rank), `oui` (no named axis bears it), `axe 3 (terminée)`, `–` or, for a territory
    without an axis to read, `aucun axe nommé` (those recorded are worded by us) or `non renseigné`.
    """
    keys = _territory_columns(frame)
    counts = _axis_counts(keys)
    names = _names_by_key(keys)
    states = _theme_states(keys, named_only)
    cells = {(row.cle, row.theme): _format_state(row) for row in states.itertuples()}
    order = list(SHARING_PATTERNS)
    themes = sorted(frame.index, key=lambda theme: order.index(frame.loc[theme, "repartition"]))
    table = pd.DataFrame(
        {
            names[key]: [
                (NO_NAMED_AXIS if counts.get(key) else MISSING)
                if is_missing(frame.loc[theme, key])
                else cells[key, theme]
                for theme in themes
            ]
            for key in keys
        },
        index=pd.Index(themes, name="theme"),
    )
    repartition = [SHARING_PATTERNS[frame.loc[theme, "repartition"]] for theme in themes]
    table.insert(0, "Répartition", repartition)
    return table


def describe_theme_matrix(frame: pd.DataFrame) -> list[str]:
    """Return sentences on the themes recorded at several levels.

    Territories without recorded priorities are named apart.
    """
    keys = _territory_columns(frame)
    names = _names_by_key(keys)
    recorded_keys = [key for key in keys if frame[key].notna().any()]
    sentences = []
    if len(recorded_keys) == 1:
        sentences.append(
            f"Seules les priorités d’un territoire sont lues ({names[recorded_keys[0]]}) : rien ne "
            "dit si les autres partagent ses thèmes."
        )
    elif recorded_keys:
        sentences.append(_describe_theme_group(frame, "plusieurs", "à plusieurs niveaux", names))
        sentences.append(
            "Sont comptés les thèmes des stratégies qui ne sont pas terminées. Ce qui n’est relevé "
            "qu’à un niveau peut être dans les documents des autres : les listes sont partielles, "
            "et les documents ne sont pas de même sorte."
        )
    unread_names = {key: names[key] for key in keys if frame[key].isna().all()}
    if unread_names:
        territories = "ce territoire" if len(unread_names) == 1 else "ces territoires"
        unread = " ".join(_describe_unread(unread_names))
        sentences.append(f"{unread} Rien n’en est déduit pour {territories}.")
    return sentences


def _describe_theme_group(
    frame: pd.DataFrame, repartition: str, scope: str, names: dict[str, str]
) -> str:
    """Describe which themes are of one repartition, each with the territories that set it."""
    rows = frame[frame["repartition"] == repartition]
    descriptions = []
    for theme, row in rows.iterrows():
        current_names, past_names = (
            join_words(names[key] for key in names if row[key] == state)
            for state in ("en_cours", "passee")
        )
        details = (
            f" ({current_names})"
            if current_names
            else f" (stratégie terminée : {past_names})"
            if past_names
            else ""
        )
        descriptions.append(code_label("themes", theme).lower() + details)
    if not descriptions:
        return f"Aucun thème {scope}."
    return f"{pluralize(len(rows), 'thème')} {scope} : {' ; '.join(descriptions)}."


def _territory_columns(frame: pd.DataFrame) -> list[str]:
    return [column for column in frame.columns if column != "repartition"]


def _names_by_key(keys: Sequence[str]) -> dict[str, str]:
    """Return the name of each territory by key, with its level when the name is ambiguous."""
    rows = load_territories(map(parse_key, keys))
    shared_names = set(rows.loc[rows["nom"].duplicated(), "nom"])
    return {
        row.cle: curly_apostrophes(row.nom)
        + (f" ({LEVEL_NOUNS[row.territoire_niveau]})" if row.nom in shared_names else "")
        for row in rows.itertuples()
    }
