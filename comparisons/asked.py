"""What programs and terminals ask for, read strictly: nothing in it is left aside.

A page ignores a wrong parameter and says so; an address for programs, or a command, refuses it.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

import pandas as pd

from comparisons import search
from comparisons.territories import parse_key
from comparisons.text import enumeration, typographic
from comparisons.view import View

V = TypeVar("V", bound=View)
Query = Mapping[str, Sequence[str]]


class Refused(ValueError):
    """Something asked for that cannot be given; its words say why, in French.

    `status` is what it is called over HTTP.
    """

    status = 400


class Unknown(Refused):
    """A name of nothing that is here."""

    status = 404


class Gone(Refused):
    """Something that was here, and has been replaced."""

    status = 410


class TooLarge(Refused):
    """More than a format, or this site, can give at once."""

    status = 413


def check_parameters(query: Query, known: Collection[str]) -> None:
    """Raise `Refused` for a parameter that is unknown, or empty."""
    for name, values in query.items():
        if name not in known:
            raise Refused(f"Paramètre inconnu : « {name} ». Paramètres : {', '.join(known)}.")
        if not all(values):
            raise Refused(f"Le paramètre « {name} » est vide.")


def check_single(query: Query, names: Collection[str]) -> None:
    """Raise `Refused` for a parameter given twice, of those that have one value."""
    for name in names:
        if len(query.get(name, ())) > 1:
            raise Refused(f"« {name} » n’a qu’une valeur.")


def separated(raw: Sequence[str]) -> list[str]:
    """Take values apart, repeated or separated by commas; each once."""
    values = [part.strip() for value in raw for part in value.split(",") if part.strip()]
    return list(dict.fromkeys(values))


def check_territories(keys: Sequence[str]) -> None:
    """Raise `Refused` when some are no territories; it says which they may have meant."""
    wrong = [why for key in keys if (why := search.why_unknown(key))]
    if wrong:
        raise Refused(" ".join(wrong))


def viewed(kind: type[V], query: Query) -> V:
    """Read an address as a page does, but raise `Refused` where the page would ignore a value."""
    view, notices = kind.from_query(query)
    if notices:
        raise Refused(" ".join(map(_refusing, notices)))
    return view


def _refusing(notice: str) -> str:
    """Turn the notice of a page, which ignores a value, into a refusal."""
    return notice.replace(" et a été ignoré", "").replace("a été ignoré pour", "ne va pas pour")


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
        check_territories([key])
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
