"""Computed sentences with their scope; values of unequal objects are refused.

A range, a median or an absence may be said only of values that have one and the same object: what
is counted, for whom, by whom, for how long. Unequal ones are listed, never put in one sentence.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from comparisons.queries import thresholds


class UnequalObjects(ValueError):
    """What was to be compared is not of one object, or its object is not known."""


@dataclass(frozen=True)
class Statement:
    """One sentence, the section it is about, and the rows it is computed from.

    `portee` says of what it holds (documents, object of an amount), `reserves` what it leaves open:
    they go wherever the sentence goes. `UnequalObjects` without a `portee`: nothing is said of
    what nobody knows.
    """

    texte: str
    rubrique: str
    lignes: tuple[str, ...]
    portee: str
    reserves: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.portee:
            raise UnequalObjects(f"phrase sans objet : {self.texte}")

    def qualification(self) -> str:
        """Write what the sentence holds of and what it leaves open."""
        return " ; ".join((self.portee, *self.reserves))

    def in_full(self) -> str:
        """Write the sentence with what it holds of and what it leaves open."""
        return f"{self.texte} [{self.qualification()}]"


@dataclass(frozen=True)
class Value:
    """A number with its owner, its formatted text and its object ("" when not known).

    `year` is that of a measure; what has its period in its object has none. `origin` is what may
    be counted once in a range: the document of an amount, the territory of a measure.
    """

    name: str
    value: float
    words: str
    about: str
    year: int | None = None
    origin: str = ""


@dataclass(frozen=True)
class Quartiles:
    """How values of one object are spread (linear interpolation between ordered values)."""

    minimum: float
    q1: float
    mediane: float
    q3: float
    maximum: float


def common_object(objects: Collection[str]) -> str:
    """Return the one object of some values; `UnequalObjects` when they have several, or none."""
    distinct = set(objects)
    if len(distinct) != 1 or "" in distinct:
        raise UnequalObjects(f"objets différents ou inconnus : {sorted(distinct)}")
    return distinct.pop()


def object_of(values: Collection[Value]) -> str:
    """Return the one object of some values, of one time; else `UnequalObjects`."""
    description = common_object([value.about for value in values])
    years = [value.year for value in values if value.year is not None]
    if years and (len(years) < len(values) or max(years) - min(years) > thresholds.YEARS_APART):
        raise UnequalObjects(f"années trop éloignées, ou inconnues : {sorted(years)}")
    return description


def quartiles(values: Sequence[Value], total: int, placed: Value | None = None) -> Quartiles:
    """Return the quartiles of the known values of `total` items; `placed` is compared with them.

    `UnequalObjects` when they are of several objects or times, or too few (`verdicts`): then
    nothing is drawn, and they are listed.
    """
    object_of([*values, placed] if placed else values)
    if not thresholds.has_median(len(values), total):
        raise UnequalObjects(f"trop peu de valeurs connues : {len(values)} sur {total}")
    numbers = [value.value for value in values]
    return Quartiles(*map(float, np.quantile(numbers, [0, 0.25, 0.5, 0.75, 1])))


def proportion(answers: Mapping[str, bool], objects: Mapping[str, str]) -> tuple[int, int]:
    """Count the yes among answers read in documents of one object, each by who gives it.

    `objects` say where each answer was read ("" where a list may be partial): `UnequalObjects` when
    they are several, or one is not known.
    """
    common_object([objects[name] for name in answers])
    return sum(answers.values()), len(answers)


def check_classes(
    classes: Iterable[str], objects: Iterable[str], about: Mapping[str, Collection[str]]
) -> None:
    """Raise `UnequalObjects` when a class of a map holds a territory that its words are not about.

    `objects` say what the class of each territory is read in ("": nothing), `about` what the words
    of each class hold of.
    """
    pairs = set(zip(classes, objects, strict=True))
    if foreign := [(code, read) for code, read in pairs if read not in about.get(code, ())]:
        raise UnequalObjects(f"objets étrangers à leur classe : {sorted(map(str, foreign))}")


def check_distinct(origins: Collection[str]) -> None:
    """Raise `UnequalObjects` unless there are two origins at least, all known, each once."""
    if len(origins) < 2 or "" in origins or len(set(origins)) < len(origins):
        raise UnequalObjects(f"un même document, ou un document inconnu : {sorted(origins)}")


def extremes(values: Sequence[Value]) -> str:
    """Describe between which values some lie, and whose these are: « de 2 (A) à 5 (B) ».

    `UnequalObjects` when they are of several objects, or two of them of one origin.
    """
    object_of(values)
    check_distinct([value.origin for value in values])
    ordered = sorted(values, key=lambda value: value.value)
    low, high = ordered[0], ordered[-1]
    preposition = "d’" if low.words.startswith("environ") else "de "
    return f"{preposition}{low.words} ({low.name}) à {high.words} ({high.name})"


@dataclass(frozen=True)
class ThemeList:
    """The axes of a document as a list of themes that it may be said not to set.

    `other_themes` are set elsewhere by the same territory, or the subject of its documents.
    """

    document: str
    family: str
    is_whole: bool
    other_themes: Collection[str] = ()


def set_by_one_alone(
    setters: Mapping[str, Collection[str]], lists: Mapping[str, ThemeList]
) -> dict[str, list[str]]:
    """Return the themes that one document alone sets, by the column of that document.

    `setters` are the columns that set each theme, `lists` the list of each column. A theme that
    another column's territory sets elsewhere is left out. `UnequalObjects` when the documents
    are of several families, one of them stands twice, or one of the lists may be partial.
    """
    common_object([themes.family for themes in lists.values()])
    check_distinct([themes.document for themes in lists.values()])
    if not all(themes.is_whole for themes in lists.values()):
        raise UnequalObjects("une liste d’axes est partielle, ou rien ne dit qu’elle soit entière")
    single_setters = {theme: next(iter(by)) for theme, by in setters.items() if len(by) == 1}
    alone: dict[str, list[str]] = {}
    for column in lists:
        others = [themes.other_themes for other, themes in lists.items() if other != column]
        themes_alone = [
            theme
            for theme, setter in single_setters.items()
            if setter == column and not any(theme in themes for themes in others)
        ]
        if themes_alone:
            alone[column] = themes_alone
    return alone
