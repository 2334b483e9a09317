"""Suggest the most likely themes of a priority from its wording, with the reason; never applied.

A wording is compared, as in `text_similarity` (cosine of TF-IDF weights over the 3- to
5-letter n-grams of words), with the wordings of the published packages, which people coded, and
with the definition of each theme. The score of a theme is the sum of the squared similarities of
its wordings among the 20 nearest, plus three times that of its definition.

Measured on the 541 wordings of the corpus of 2026, each predicted from those of all the other
strategies: the first theme is the coded one for 64 % of them, and one of the first three for 82 %
(a constant answer of the three most frequent themes: 20 % and 45 %). Word pairs instead of letters
give 62 % and 81 %.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
from rapidfuzz import fuzz

from comparisons.datapackage.known_territories import load_territory_reference
from comparisons.datapackage.problems import Problem, quoted, strip_control_characters
from comparisons.datapackage.reader import Package
from comparisons.formatting import curly_apostrophes, fold, join_words, pluralize
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label, load_format
from comparisons.settings import published_dir

_MAX_NEAREST = 20
_DEFINITION_WEIGHT = 3
# Minimal cosine similarity of a wording that is given as a reason.
_MIN_SIMILARITY = 0.15
# Words with the same first letters count as shared: « inclusif », « inclusion ».
_STEM_LENGTH = 6
_COMMON_STEMS = {"numeri", "public", "servic", "territ"}
# Maximal number of suggestions in a report, as they are slow.
_MAX_SUGGESTIONS = 300
_MIN_NAME_SIMILARITY = 80
_RULE_CODES = {"valeur-obligatoire-absente", "code-inconnu"}


@dataclass(frozen=True)
class ThemeSuggestion:
    """A likely theme: its code, the reason, and the highest similarity of its texts (0-1)."""

    theme: str
    reason: str
    similarity: float


@dataclass(frozen=True)
class _LabelledWordings:
    """Wordings with their themes: `rows` has `strategie_id`, `intitule`, `theme`, `lieu`."""

    rows: pd.DataFrame
    weights: object
    wordings: object
    definitions: object


def suggest_themes(
    wording: str, limit: int = 3, without: Collection[str] = ()
) -> list[ThemeSuggestion]:
    """List the `limit` most likely themes of a wording, best first; empty if none is similar.

    `without` holds the `strategie_id` whose wordings are ignored.
    """
    from comparisons.text_similarity import content_words

    labelled = _load_labelled(
        _priority_files(), tuple(path.stat().st_mtime_ns for path in _priority_files())
    )
    vector = labelled.weights.transform([" ".join(content_words(wording))])
    similarities = (labelled.wordings @ vector.T).toarray()[:, 0]
    if without:
        similarities[labelled.rows["strategie_id"].isin(list(without)).to_numpy()] = 0
    nearest = [
        index
        for index in np.argsort(-similarities, kind="stable")[:_MAX_NEAREST]
        if similarities[index] > 0
    ]
    themes = list(load_format().vocabularies["themes"]["code"])
    definition_similarities = (labelled.definitions @ vector.T).toarray()[:, 0]
    scores = dict(zip(themes, _DEFINITION_WEIGHT * definition_similarities**2, strict=True))
    theme_by_row = labelled.rows["theme"].tolist()
    for index in nearest:
        scores[theme_by_row[index]] = scores.get(theme_by_row[index], 0) + similarities[index] ** 2
    best_themes = sorted(themes, key=lambda theme: -scores[theme])[:limit]
    suggestions = []
    for theme in best_themes:
        similar_rows = [
            index
            for index in nearest
            if theme_by_row[index] == theme and similarities[index] >= _MIN_SIMILARITY
        ]
        reason = _describe_reason(wording, theme, labelled.rows.iloc[similar_rows])
        if reason:
            similarity = max(
                [
                    definition_similarities[themes.index(theme)],
                    *(similarities[index] for index in similar_rows),
                ]
            )
            suggestions.append(ThemeSuggestion(theme, reason, round(float(similarity), 2)))
    return suggestions


def add_theme_suggestions(problems: Iterable[Problem], package: Package) -> list[Problem]:
    """Return the problems, with a likely theme for priorities whose theme is empty or unknown."""
    priorities = package.tables.get("priorites")
    file, suggestions_left = package.file("priorites"), _MAX_SUGGESTIONS
    completed = []
    for problem in problems:
        needs_theme = (
            priorities is not None
            and suggestions_left > 0
            and (problem.file, problem.column) == (file, "theme")
            and problem.code in _RULE_CODES
            and problem.line in priorities.index
            and not _is_similar_to_theme(problem.value)
        )
        if needs_theme:
            suggestions_left -= 1
            problem = _suggest_theme(problem, str(priorities.loc[problem.line, "intitule"]))
        completed.append(problem)
    return completed


def _suggest_theme(problem: Problem, wording: str) -> Problem:
    themes = suggest_themes(f"{problem.value} {wording}".strip())
    if not themes:
        return problem
    first, *alternatives = themes
    remedy = f"Thème probable : {quoted(first.theme)} ({code_label('themes', first.theme)}), "
    remedy += f"{first.reason}."
    if alternatives:
        theme_codes = join_words((quoted(suggestion.theme) for suggestion in alternatives), "ou")
        remedy += f" Sinon, peut-être {theme_codes}."
    return replace(problem, remedy=remedy, suggestion=first.theme, is_certain=False)


def _is_similar_to_theme(text: str) -> bool:
    vocabulary = load_format().vocabularies["themes"]
    names = [*vocabulary["code"], *vocabulary["libelle"]]
    return any(fuzz.ratio(fold(text), fold(name)) >= _MIN_NAME_SIMILARITY for name in names)


def _describe_reason(wording: str, theme: str, similar_rows: pd.DataFrame) -> str:
    reasons = []
    shared = _shared_terms(wording, theme)
    if shared:
        reasons.append(join_words(quoted(word) for word in shared[:3]))
    if len(similar_rows):
        first = similar_rows.iloc[0]
        territory = (
            f" ({curly_apostrophes(strip_control_characters(first['lieu']))})"
            if first["lieu"]
            else ""
        )
        count = pluralize(len(similar_rows), "intitulé semblable", "intitulés semblables")
        link_word = "" if len(similar_rows) == 1 else " dont"
        reasons.append(f"{count},{link_word} {quoted(first['intitule'])}{territory}")
    return f"d’après {' et '.join(reasons)}" if reasons else ""


def _shared_terms(wording: str, theme: str) -> list[str]:
    from comparisons.text_similarity import content_words

    row = load_format().vocabularies["themes"].set_index("code").loc[theme]
    theme_stems = {
        word[:_STEM_LENGTH] for word in content_words(f"{row['libelle']} {row['definition']}")
    }
    wording_terms = dict.fromkeys(content_words(wording))
    word_by_folded = {fold(word): word for word in re.findall(r"\w+", wording)}
    shared = [
        folded_word
        for folded_word in wording_terms
        if len(folded_word) >= 4 and folded_word[:_STEM_LENGTH] in theme_stems - _COMMON_STEMS
    ]
    return [word_by_folded.get(word, word) for word in shared]


def _priority_files() -> tuple[Path, ...]:
    return tuple(sorted(published_dir().glob("*/priorites.csv")))


@lru_cache(maxsize=1)
def _load_labelled(files: tuple[Path, ...], stamps: tuple[int, ...]) -> _LabelledWordings:
    """Read the coded wordings; a later package replaces the rows of an earlier one."""
    # The modification times are part of the cache key: a changed file is read again.
    del stamps
    # scikit-learn is slow to import, and a package without a fault does not need it.
    from sklearn.feature_extraction.text import TfidfVectorizer

    from comparisons.text_similarity import content_words

    tables = [_read_table(path) for path in files]
    rows = pd.concat(tables).drop_duplicates(["strategie_id", "rang"], keep="last")
    rows = rows[rows["theme"].isin(load_format().vocabularies["themes"]["code"])]
    rows = rows.sort_values(["strategie_id", "rang"], ignore_index=True)
    rows["lieu"] = rows["strategie_id"].map(_territory_names(files)).fillna("")
    weights = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
    wordings = weights.fit_transform([" ".join(content_words(text)) for text in rows["intitule"]])
    vocabulary = load_format().vocabularies["themes"]
    texts = vocabulary["libelle"] + " " + vocabulary["definition"]
    definitions = weights.transform([" ".join(content_words(text)) for text in texts])
    return _LabelledWordings(rows, weights, wordings, definitions)


def _read_table(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype="str", keep_default_na=False)


def _territory_names(files: tuple[Path, ...]) -> dict[str, str]:
    """Return the name of the territory of each published strategy."""
    reference = load_territory_reference()
    name_by_strategy = {}
    for path in files:
        strategies_file = path.with_name("strategies.csv")
        if strategies_file.exists():
            for row in iterate_rows(_read_table(strategies_file)):
                name = reference.names.get((row.territoire_niveau, row.territoire_code), "")
                name_by_strategy[row.strategie_id] = name
    return name_by_strategy
