"""Strategies most similar to one, by the wordings of their priorities, with the evidence.

Likeness of two wordings is that of `text_similarity` (cosine of TF-IDF weights of pieces of
words), each without the name of its own territory, and its thresholds hold: two priorities answer
each other from 0.25 on with a theme in common, from 0.60 on without. Strategies of one family, with
`_MIN_AXES` priorities each, are near when `_MIN_MATCHES` at least on either side have an answer:
how many do is told, never a likeness of the whole, which short lists would win.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from comparisons.analysis.editions.documents import load_strategies
from comparisons.analysis.editions.wording_similarity import fit_vectorizer
from comparisons.analysis.statements import Statement, common_object
from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.formatting import curly_apostrophes, pluralize
from comparisons.queries.axes import SELECTED_AXES_SQL
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label, family_of, vocabulary_codes
from comparisons.schema.registry import table_columns
from comparisons.text_similarity import MIN_SIMILARITY, MIN_SIMILARITY_SAME_THEME, content_words

# Strategies with fewer axes, or fewer similar wordings, are not compared.
_MIN_AXES, _MIN_MATCHES = 3, 2
METHOD = (
    "Deux axes se répondent quand leurs intitulés se ressemblent (de 0 à 1, par les morceaux de "
    "mots qu’ils partagent, les plus rares comptant le plus) : dès 0,25 s’ils ont un thème en "
    f"commun, 0,60 sinon. Deux documents d’une même famille, de {_MIN_AXES} axes relevés ou plus "
    f"chacun, sont dits proches quand {_MIN_MATCHES} axes au moins de part et d’autre se "
    "répondent ; ceux qui en ont le plus viennent d’abord. Cela ne dit rien de ce qui n’est pas "
    "relevé, ni de la qualité des stratégies."
)


def has_candidates(strategy_id: str, family: str, named_axes: int) -> bool:
    """Return whether a strategy, and another of its family, name `_MIN_AXES` axes each."""
    if named_axes < _MIN_AXES:
        return False
    others = query(
        """
        SELECT count(*) AS nb FROM (
            FROM axes JOIN etats_strategies USING (strategie_id)
            SELECT strategie_id WHERE nomme AND famille = $family AND strategie_id <> $strategy_id
            GROUP BY strategie_id HAVING count(*) >= $least)
        """,
        {"family": family, "strategy_id": strategy_id, "least": _MIN_AXES},
    )
    return bool(others["nb"].iloc[0])


@dataclass(frozen=True)
class _WeightedAxes:
    """All priorities, those of strategy `ids[i]` from `starts[i]` to `starts[i + 1]`."""

    rows: pd.DataFrame
    ids: list[str]
    starts: np.ndarray
    # one row per priority
    vectors: csr_matrix
    # one bit per theme
    themes: np.ndarray

    def rows_of(self, strategy_id: str) -> slice:
        """Return the rows of a strategy, none if it has no priority."""
        if strategy_id not in self.ids:
            return slice(0, 0)
        index = self.ids.index(strategy_id)
        return slice(int(self.starts[index]), int(self.starts[index + 1]))


@cached(pinned=True)
def _weighted_axes(named_only: bool) -> _WeightedAxes:
    """Return the TF-IDF weights of all wordings, or of those that documents name."""
    rows = query(
        f"""
        SELECT p.strategie_id, p.rang, p.rang_nomme, p.nb_axes_nommes, p.intitule, p.theme,
               p.certitude, p.source_id,
               list_concat([p.theme], coalesce(p.themes_secondaires, [])) AS themes,
               source_titre, source_url, t.nom, s.type
        FROM {SELECTED_AXES_SQL} p
        JOIN strategies s USING (strategie_id)
        JOIN territoires t
          ON t.territoire_niveau = s.territoire_niveau AND t.territoire_code = s.territoire_code
        JOIN sources_citees() r ON r.source_id = p.source_id
        ORDER BY p.strategie_id, p.rang
        """,
        {"nommes": named_only},
    )
    named_wordings = zip(rows["intitule"], rows["nom"], strict=True)
    vectors = fit_vectorizer().transform(
        " ".join(content_words(*wording_and_name)) for wording_and_name in named_wordings
    )
    bit_by_theme = {code: 1 << index for index, code in enumerate(vocabulary_codes("themes"))}
    starts = np.flatnonzero(rows["strategie_id"] != rows["strategie_id"].shift())
    return _WeightedAxes(
        rows.drop(columns="nom"),
        list(rows["strategie_id"].iloc[starts]),
        np.append(starts, len(rows)),
        vectors,
        np.array(
            [sum({bit_by_theme[code] for code in codes}) for codes in rows["themes"]], np.int64
        ),
    )


def _matching_pairs(
    axes: _WeightedAxes, own_rows: slice, other_rows: slice = slice(None)
) -> pd.DataFrame:
    """Return the pairs of priorities that answer each other: `ici`, `autre`, `similarite`."""
    similarities = (axes.vectors[own_rows] @ axes.vectors[other_rows].T).tocoo()
    is_similar = similarities.data >= MIN_SIMILARITY_SAME_THEME
    own_positions = similarities.row[is_similar] + (own_rows.start or 0)
    other_positions = similarities.col[is_similar] + (other_rows.start or 0)
    match_similarities = np.round(similarities.data[is_similar], 4).clip(0, 1)
    shares_theme = (axes.themes[own_positions] & axes.themes[other_positions]) != 0
    is_match = shares_theme | (match_similarities >= MIN_SIMILARITY)
    return pd.DataFrame(
        {"ici": own_positions, "autre": other_positions, "similarite": match_similarities}
    )[is_match]


@cached
def similar_strategies(strategy_id: str, named_only: bool = True, limit: int = 10) -> pd.DataFrame:
    """Find the strategies of its family whose priorities are worded most like those of one.

    Returns the columns of `strategies_proches`; those with the most answers first. Only strategies
    of `_MIN_AXES` axes at least on either side, `_MIN_MATCHES` of which answer each other; when
    there is none, `no_match_reason` says why. With `named_only`, of the axes that documents name.
    Raises `KeyError` for an unknown strategy.
    """
    matches = _count_matches(strategy_id, named_only)
    matches = matches[matches["matches"] >= _MIN_MATCHES]
    order = ["matches", "likeness", "strategie_id"]
    matches = matches.sort_values(order, ascending=[False, False, True]).head(limit)
    return _add_descriptions(matches, strategy_id, named_only)


def _count_matches(strategy_id: str, named_only: bool) -> pd.DataFrame:
    """Count the answers of each strategy long enough of a family to one; none if it is too short.

    Returns `strategie_id`, the counts of `similar_strategies`, `matches` (the least of both sides)
    and `likeness` (the sum of that of the best answers, to order those with as many).
    """
    family = load_strategies([strategy_id])["type"].map(family_of).iloc[0]
    axes = _weighted_axes(named_only)
    own_rows = axes.rows_of(strategy_id)
    pairs = _matching_pairs(axes, own_rows)
    pairs = pairs[(pairs["autre"] < own_rows.start) | (pairs["autre"] >= own_rows.stop)]
    strategy_index = np.searchsorted(axes.starts, pairs["autre"], side="right") - 1
    own_best = pairs.groupby([strategy_index, pairs["ici"]])["similarite"].max().groupby(level=0)
    other_best = (
        pairs.groupby([strategy_index, pairs["autre"]])["similarite"].max().groupby(level=0)
    )
    axis_counts = pd.Series(np.diff(axes.starts))
    counts = pd.DataFrame(
        {"nb_repondues": own_best.size(), "nb_repondues_autre": other_best.size()}
    )
    counts["nb_axes"], counts["nb_axes_autre"] = (
        own_rows.stop - own_rows.start,
        axis_counts.loc[counts.index],
    )
    counts["matches"] = counts[["nb_repondues", "nb_repondues_autre"]].min(axis=1)
    counts["likeness"] = (own_best.sum() + other_best.sum()).round(4)
    strategy_ids = [axes.ids[index] for index in counts.index]
    counts["strategie_id"] = pd.Series(strategy_ids, counts.index, dtype="str")
    is_same_family = (
        axes.rows["type"].iloc[axes.starts[counts.index]].map(family_of).to_numpy() == family
    )
    return counts[is_same_family & (counts[["nb_axes", "nb_axes_autre"]].min(axis=1) >= _MIN_AXES)]


def _add_descriptions(matches: pd.DataFrame, strategy_id: str, named_only: bool) -> pd.DataFrame:
    """Return the matches with descriptions of the strategies, scope and reservations."""
    descriptions = load_strategies(list(matches["strategie_id"])).rename(
        columns={"territoire_nom": "nom"}
    )
    descriptions["cle"] = descriptions["territoire_niveau"] + "-" + descriptions["territoire_code"]
    rows = matches.merge(
        descriptions.drop(columns=["nb_priorites", "nb_priorites_nommees"]), on="strategie_id"
    )
    related = query(
        """
        SELECT DISTINCT c.strategie_id FROM territoires_couverts c
        JOIN territoires_couverts d USING (territoire_niveau, territoire_code)
        WHERE d.strategie_id = ? AND c.lien <> 'aire' AND d.lien <> 'aire'
        """,
        [strategy_id],
    )
    rows["meme_collectivite"] = rows["strategie_id"].isin(related["strategie_id"])
    rows["rang"] = range(1, len(rows) + 1)
    own_strategy = load_strategies([strategy_id]).iloc[0]
    list_states = query(
        "SELECT strategie_id, liste_axes FROM strategies WHERE list_contains($ids, strategie_id)",
        {"ids": [strategy_id, *rows["strategie_id"]]},
    ).set_index("strategie_id")["liste_axes"]
    rows["liste_axes"] = list_states[strategy_id]
    rows["liste_axes_autre"] = rows["strategie_id"].map(list_states)
    statements = [_statement(row, own_strategy["type"], named_only) for row in iterate_rows(rows)]
    rows["portee"] = [statement.portee for statement in statements]
    rows["reserves"] = [list(statement.reserves) for statement in statements]
    return rows[table_columns("strategies_proches")].astype({"annee_document": "Int64"})


def _statement(row: object, strategy_type: str, named_only: bool) -> Statement:
    """Describe how many axes of two documents of one family answer each other (else, refuse)."""
    family = common_object([family_of(strategy_type), family_of(row.type)])
    name = code_label("familles_strategie", family)
    axes = "axes que deux documents nomment" if named_only else "axes relevés de deux documents"
    is_complete = row.liste_axes == row.liste_axes_autre == "complete"
    return Statement(
        f"{row.nb_repondues} axes sur {row.nb_axes} se répondent ; chez l’autre "
        f"{row.nb_repondues_autre} sur {row.nb_axes_autre}.",
        "themes",
        (row.strategie_id,),
        f"{axes} de la famille « {name} »",
        ()
        if is_complete
        else ("une liste d’axes est partielle, ou rien ne dit qu’elle soit entière",),
    )


def no_match_reason(strategy_id: str, named_only: bool = True) -> str:
    """Describe why no strategy is near one, or nothing when some are; `KeyError` if unknown."""
    row = load_strategies([strategy_id]).iloc[0]
    axis_count = row["nb_priorites_nommees"] if named_only else row["nb_priorites"]
    title = f"« {curly_apostrophes(row['titre'])} »"
    if not row["nb_priorites"]:
        return (
            f"Aucune priorité n’est relevée pour {title} : rien ne permet de la rapprocher d’une "
            "autre."
        )
    if not axis_count:
        return (
            f"{title} ne nomme aucun de ses axes : ceux qui sont relevés le sont avec nos mots, "
            "qui ne se comparent pas."
        )
    if axis_count < _MIN_AXES:
        axes = pluralize(axis_count, "axe relevé", "axes relevés")
        return f"{title} n’a que {axes} : trop peu pour parler de proximité."
    answered = _count_matches(strategy_id, named_only)
    if answered.empty:
        return f"Aucun de ses {axis_count} axes ne ressemble à ceux d’un document de sa famille."
    if answered["matches"].max() >= _MIN_MATCHES:
        return ""
    if answered["nb_repondues"].max() > 1:
        return (
            "Un seul axe d’un autre document répond aux siens : trop peu pour parler de proximité."
        )
    return f"Un seul axe sur {axis_count} se ressemble : trop peu pour parler de proximité."


@cached
def matching_wordings(strategy_id: str, other_id: str, named_only: bool = True) -> pd.DataFrame:
    """Return the wordings that bring two strategies near: the best answer of each, on either side.

    Returns the columns of `intitules_proches`; the most alike first. Raises `KeyError` for an
    unknown strategy.
    """
    load_strategies([strategy_id, other_id])
    axes = _weighted_axes(named_only)
    pairs = _matching_pairs(axes, axes.rows_of(strategy_id), axes.rows_of(other_id))
    order = ["similarite", "ici", "autre"]
    pairs = pairs.sort_values(order, ascending=[False, True, True], ignore_index=True)
    pairs["meilleure_ici"] = ~pairs["ici"].duplicated()
    pairs["meilleure_autre"] = ~pairs["autre"].duplicated()
    pairs = pairs[pairs["meilleure_ici"] | pairs["meilleure_autre"]]
    own_axes, other_axes = (
        axes.rows.iloc[pairs[side]].reset_index(drop=True) for side in ("ici", "autre")
    )
    common_themes = [
        [code for code in own_themes if code in set(other_themes)]
        for own_themes, other_themes in zip(own_axes["themes"], other_axes["themes"], strict=True)
    ]
    wording_columns, source_columns = (
        ["rang", "intitule", "theme"],
        ["certitude", "source_id", "source_titre", "source_url"],
    )
    match_columns = ["similarite", "meilleure_ici", "meilleure_autre"]
    parts = [
        own_axes[wording_columns],
        other_axes[wording_columns].add_suffix("_autre"),
        pd.Series(common_themes, name="themes_communs", dtype=object),
        pairs[match_columns].reset_index(drop=True),
        own_axes[source_columns],
        other_axes[source_columns].add_suffix("_autre"),
    ]
    return pd.concat(parts, axis=1)


def searchable_strategies(named_only: bool = True) -> pd.DataFrame:
    """List the strategies long enough for one to look for the closest, by name of territory.

    Returns `strategie_id`, `titre`, `cle`, `nom`, `annee_document`, `nb_axes`.
    """
    return query(
        f"""
        WITH connues AS (
            SELECT strategie_id, count(*)::INTEGER AS nb_axes FROM {SELECTED_AXES_SQL}
            GROUP BY strategie_id HAVING count(*) >= {_MIN_AXES}
        )
        SELECT s.strategie_id, s.titre, cle(s.territoire_niveau, s.territoire_code) AS cle,
               t.nom, e.annee_document, c.nb_axes
        FROM connues c
        JOIN strategies s USING (strategie_id)
        JOIN etats_strategies e USING (strategie_id)
        JOIN territoires t
          ON t.territoire_niveau = s.territoire_niveau AND t.territoire_code = s.territoire_code
        ORDER BY strip_accents(lower(t.nom)), cle, e.annee_document DESC NULLS LAST, s.strategie_id
        """,
        {"nommes": named_only},
    ).astype({"annee_document": "Int64"})
