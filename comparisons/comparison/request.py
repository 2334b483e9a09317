"""What is asked of a comparison, read the same way from an address and from the command line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from comparisons import search, strategies
from comparisons.comparison import SECTIONS, Comparison, compare
from comparisons.territories import parse_key
from comparisons.text import enumeration, plural, typographic
from comparisons.view import MAX_COMPARED, ComparisonView

PARAMETERS = ("t", "doc", "montrer", "rubrique")


class Refused(ValueError):
    """A comparison that cannot be made; its words say why, in French."""


@dataclass(frozen=True)
class Asked:
    """A comparison that can be made: its view, and the sections wanted (all by default)."""

    view: ComparisonView
    sections: tuple[str, ...] = tuple(SECTIONS)

    @property
    def stem(self) -> str:
        """Name the files of this comparison."""
        return f"comparaison-{'-'.join(self.view.t)}"

    def compared(self) -> Comparison:
        """Make the comparison."""
        return compare(tuple(map(parse_key, self.view.t)), self.view.doc)


def read(query: Mapping[str, Sequence[str]]) -> Asked:
    """Read parameters (`t`, `doc`, `montrer`, `rubrique`); nothing in them is left aside.

    Raises `Refused` for whatever is unknown, empty, or makes too few or too many columns.
    """
    for name, values in query.items():
        if name not in PARAMETERS:
            raise Refused(f"Paramètre inconnu : « {name} ». Paramètres : {', '.join(PARAMETERS)}.")
        if not all(values):
            raise Refused(f"Le paramètre « {name} » est vide.")
    shown = query.get("montrer", ())
    if len(shown) > 1:
        raise Refused("« montrer » n’a qu’une valeur.")
    keys = _known_territories(query.get("t", ()))
    view, notices = ComparisonView.from_query(
        {"t": keys, "doc": query.get("doc", ()), "montrer": shown}
    )
    if notices:
        raise Refused(" ".join(notices))
    _check_columns(view)
    return Asked(view, _known_sections(query.get("rubrique", ())))


def _known_territories(raw: Sequence[str]) -> list[str]:
    keys = [key.strip() for value in raw for key in value.split(",") if key.strip()]
    keys = list(dict.fromkeys(keys))
    if len(keys) > MAX_COMPARED:
        raise Refused(_too_many(len(keys), "territoire"))
    wrong = [why for key in keys if (why := search.why_unknown(key))]
    if wrong:
        raise Refused(" ".join(wrong))
    if not keys:
        raise Refused(f"Aucun territoire. {_EXPECTED}")
    return keys


def _known_sections(raw: Sequence[str]) -> tuple[str, ...]:
    names = [name.strip() for value in raw for name in value.split(",")]
    unknown = [name for name in names if name not in SECTIONS]
    if unknown:
        raise Refused(f"Rubrique inconnue : « {unknown[0]} ». Rubriques : {', '.join(SECTIONS)}.")
    return tuple(name for name in SECTIONS if name in names or not names)


_EXPECTED = (
    f"On compare de 2 à {MAX_COMPARED} colonnes : des territoires, ou plusieurs documents d’un "
    "même territoire."
)


def _too_many(count: int, what: str) -> str:
    return f"{plural(count, what)} : c’est trop. {_EXPECTED}"


def _check_columns(view: ComparisonView) -> None:
    """Refuse unknown documents, and a number of columns that the page could not show."""
    documents = strategies.documents(view.t)
    known = set(documents["strategie_id"])
    for chosen in view.doc:
        if chosen not in known:
            raise Refused(
                f"« {chosen} » n’est pas un document de ces territoires. "
                f"Documents connus : {enumeration(sorted(known)) or 'aucun'}."
            )
    chosen = documents[documents["strategie_id"].isin(view.doc)].groupby("cle").size()
    count = sum(max(1, int(chosen.get(key, 0))) for key in view.t)
    if count < 2:
        raise Refused(f"Une seule colonne ne se compare à rien. {_EXPECTED}")
    if count > MAX_COMPARED:
        raise Refused(_too_many(count, "colonne"))


# --- territories in words -------------------------------------------------------------------------


def understood(text: str) -> tuple[str, str]:
    """Find the territory that a text names: its key, and what was understood (if not a key).

    Raises `Refused` when it names none, or several.
    """
    try:
        key = parse_key(text).key
    except ValueError:
        pass
    else:
        wrong = search.why_unknown(key)
        if wrong:
            raise Refused(wrong)
        return key, ""
    found = search.find(text[: search.MAX_TYPED])
    if found.empty:
        raise Refused(search.advice(text))
    meant = _meant(text, found)
    if len(meant) > 1:
        several = enumeration((_named(row) for row in meant.head(5).itertuples()), "ou")
        raise Refused(f"« {text} » peut désigner {several} : donnez l’identifiant entre crochets.")
    row = next(meant.itertuples())
    return row.cle, f"« {text} » : {_named(row)}."


def _meant(text: str, found: pd.DataFrame) -> pd.DataFrame:
    """Keep what bears exactly the name (or number) typed, whole then without its kind; else all."""
    for generic in (frozenset(), search.GENERIC):
        left_out = search.SMALL_WORDS | generic
        typed = _name(text, left_out)
        same = [
            typed in (_name(row.nom, left_out), _name(row.territoire_code, frozenset()))
            for row in found.itertuples()
        ]
        if typed and any(same):
            return found[same]
    return found


def _name(text: str, left_out: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(word for word in search.words(text) if word not in left_out))


def _named(row: object) -> str:
    return f"{typographic(row.nom)}, {search.precision(row)} [{row.cle}]"
