"""Check that every sentence of the code agrees with its numbers: one function writes plurals."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from comparisons.settings import PROJECT_DIR

MODULES = [
    path for folder in ("comparisons", "pages") for path in (PROJECT_DIR / folder).rglob("*.py")
]
# A plural noun after a number, and words that only look like one.
PLURAL_NOUN = re.compile(
    r"[ \u00a0\u202f]+(?!dans|sans|sous|plus|pas|fois|des|les|près|depuis)([a-zà-ÿœ]+[sx])\b"
)
PLURAL_VERB = re.compile(r"[ \u00a0]+(?:[a-zà-ÿ]+ent|ont|sont|font|vont)\b")
# Limits, and numbers of inhabitants: always many.
LIMIT = re.compile(r"_?[A-Z][A-Z_]+|limits?|max_rows|tolerance|draws|POPULATION")
MANY = {"habitants", "actes"}
# The condition above them says that there are two or more, or they count the whole of France.
TWO_OR_MORE = {
    "analysis/comparison/columns.py": {"aux"},
    "analysis/comparison/summary.py": {"colonnes", "documents"},
    "analysis/completeness/reliability.py": {"faits", "retirés", "axes", "stratégies"},
    "analysis/completeness/rules_territories.py": {"couples"},
    "analysis/peers/portrait.py": {"communes"},
    "analysis/peers/position.py": {"pairs", "stratégies"},
    "analysis/shared_services/simulator.py": {"membres"},
    "analysis/themes/similar_strategies.py": {"axes"},
    "charts/completeness.py": {"territoires", "faits", "vus", "jamais", "confirmés"},
    "charts/simulator.py": {"membres"},
    "exports/pdf/comparison.py": {"documents", "colonnes"},
    "exports/sql_files.py": {"premières"},
    "exports/table_files.py": {"cellules"},
    "queries/strategies.py": {"territoires"},
    "ui/comparison_page.py": {"aux"},
    "ui/data/completeness.py": {"retirés"},
    "ui/questions_page.py": {"questions"},
}


def sentences(path: Path) -> Iterator[ast.JoinedStr]:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return (node for node in nodes if isinstance(node, ast.JoinedStr))


def values_and_texts(sentence: ast.JoinedStr) -> Iterator[tuple[ast.expr, str]]:
    """Yield each value that a sentence holds, with the text that follows it."""
    for index, part in enumerate(sentence.values):
        if isinstance(part, ast.FormattedValue):
            yield part.value, "".join(map(text_of, sentence.values[index + 1 :]))


def text_of(part: ast.expr) -> str:
    if isinstance(part, ast.Constant):
        return part.value
    return " " if "NBSP" in ast.unparse(part.value) else "\0"


def names_in(value: ast.expr) -> set[str]:
    nodes = list(ast.walk(value))
    return {node.id for node in nodes if isinstance(node, ast.Name)} | {
        node.attr for node in nodes if isinstance(node, ast.Attribute)
    }


def wrong_values(path: Path) -> Iterator[str]:
    """Yield the numbers of a module that are before a plural noun, whatever they are."""
    module = path.relative_to(PROJECT_DIR).as_posix().removeprefix("comparisons/")
    plural_nouns = MANY | TWO_OR_MORE.get(module, set())
    for sentence in sentences(path):
        for value, text in values_and_texts(sentence):
            noun, names = PLURAL_NOUN.match(text), names_in(value)
            if "pluralize" in names:
                is_right = not PLURAL_VERB.match(text)
            else:
                is_right = (
                    not noun
                    or noun[1] in plural_nouns
                    or isinstance(value, ast.IfExp)
                    or any(map(LIMIT.fullmatch, names))
                )
            if not is_right:
                yield f"{module}:{sentence.lineno} {{{ast.unparse(value)}}}{text[:30]}"


def test_numbers_are_written_with_their_noun_by_one_function():
    assert [wrong for path in MODULES for wrong in wrong_values(path)] == []


def test_nouns_of_several_words_have_a_plural_of_their_own():
    calls = (
        node
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "pluralize"
    )
    singulars = [
        call.args[1].value
        for call in calls
        if len(call.args) == 2 and isinstance(call.args[1], ast.Constant)
    ]
    assert len(singulars) > 50
    assert [noun for noun in singulars if re.search(r" |(?:s|x|z|al|eau|eu)$", noun)] == []
