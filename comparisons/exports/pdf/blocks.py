"""The rows of the paper, block by block: each fact in few words, with the number of its source."""

import re
from collections.abc import Mapping
from string import ascii_uppercase

import pandas as pd

from comparisons.analysis import profile
from comparisons.analysis.map_layers import STATE_COLOURS
from comparisons.analysis.profile import Profile
from comparisons.database.connection import query
from comparisons.formatting import (
    MISSING,
    capitalize_first,
    curly_apostrophes,
    format_partial_date,
    format_period,
    is_missing,
)
from comparisons.queries import strategies
from comparisons.queries.axes import rank_words
from comparisons.queries.sources import reading_words
from comparisons.queries.sources import sources as cited_sources
from comparisons.queries.territories import load_territories
from comparisons.schema.model import code_label, vocabulary_codes
from comparisons.schema.territory import parse_key

MAX_LONG_TEXT, MAX_SHORT_TEXT = 110, 60
# A part that bears the name of its whole is told apart by who pays it.
FUNDER_SHARE_LABEL = "part de ce financeur"
LINKS = {
    "jumeau": " ; portée par un territoire jumeau",
    "partagee": " ; document de plusieurs territoires, dont celui-ci",
}


def shorten(value: object, longest: int) -> str:
    """Write a text on one line, cut between two words with « … » where it would be too long."""
    words = re.sub(r"\s*[\t\r\n]\s*", " ", curly_apostrophes(value))
    if len(words) <= longest:
        return words
    return f"{words[: longest - 1].rsplit(' ', 1)[0].rstrip(' ,;:')}…"


def state_badge(code: str) -> dict:
    """Return the words and the colour of a state."""
    return {"state": code_label("etats_couverture", code), "colour": STATE_COLOURS[code]}


def bar_range(row: object) -> dict:
    """Describe from which year to which the bar of a document goes; an end not known stays so."""
    start = row.annee_document if is_missing(row.annee_debut) else row.annee_debut
    return {
        "start": None if is_missing(start) else int(start),
        "end": None if is_missing(row.annee_fin) else int(row.annee_fin) + 1,
    }


def timeline_axis(documents: pd.DataFrame, current: int) -> dict:
    """Return the years of the timeline, at least ten of them, and those that bear a label."""
    columns = ("annee_document", "annee_debut", "annee_fin")
    years = pd.concat([documents[column] for column in columns]).dropna()
    first = min(int(years.min()) if len(years) else current, current - 9)
    last = max(int(years.max()) if len(years) else current, current) + 1
    step = 5 if last - first > 12 else 2
    ticks = [year for year in range(first, last + 1) if year % step == 0]
    return {"first": first, "last": last, "current": current, "ticks": ticks}


def _marks(row: object, references: Mapping[str, int]) -> dict:
    """Describe of a fact which source states it, and whether it is inferred."""
    return {"source": references.get(row.source_id), "inferred": row.certitude == "deduit"}


def _letters(documents: pd.DataFrame) -> dict[str, str]:
    """Return the name of each strategy by a letter.

    So that the second page can refer to the first.
    """
    names = [*ascii_uppercase, *(f"A{letter}" for letter in ascii_uppercase)]
    return dict(zip(documents["strategie_id"], names, strict=False))


def strategy_rows(known: Profile, references: Mapping[str, int]) -> list[dict]:
    """Return each strategy with what it takes to draw it on the timeline."""
    letters = _letters(known.documents)
    rows = []
    for row in known.documents.itertuples():
        later = letters.get(row.remplacee_par) if not is_missing(row.remplacee_par) else None
        adoption = row.date_adoption
        rows.append(
            {
                "letter": letters[row.strategie_id],
                "title": shorten(row.titre, MAX_LONG_TEXT),
                "type": code_label("types_strategie", row.type) + LINKS.get(row.lien, ""),
                **state_badge(row.etat),
                "replaced": f"remplacée par {later}" if later else "",
                "period": format_period(row.annee_debut, row.annee_fin),
                "adopted": ""
                if is_missing(adoption)
                else f"adoptée : {format_partial_date(adoption)}",
                **bar_range(row),
                **_marks(row, references),
            }
        )
    return rows


def other_strategy_row(row: object) -> dict:
    """Return the name of a document of others, its kind and, if it has several.

    The areas it is common to.
    """
    area = getattr(row, "aire", "")
    return {
        "name": shorten(row.nom, 50),
        "title": shorten(row.titre, 90),
        "kind": code_label("types_strategie", row.type)
        + (f" ; {shorten(area, 90)}" if area else ""),
        "year": f"année {MISSING}e" if is_missing(row.annee_document) else int(row.annee_document),
        **state_badge(row.etat),
    }


def peer_documents(key: str) -> pd.DataFrame:
    """Find the strategies of the nearest peers that have one, as for neighbours."""
    territory = parse_key(key)
    rows = query(
        "SELECT pair_code FROM pairs WHERE territoire_niveau = ? AND territoire_code = ? "
        "ORDER BY rang",
        [territory.niveau, territory.code],
    )
    keys = [f"{territory.niveau}-{code}" for code in rows["pair_code"]]
    found = strategies.strategies_of(keys)
    names = load_territories(map(parse_key, keys)).set_index("cle")["nom"]
    return found[found["rang"] == 1].assign(nom=found["cle"].map(names))


def axes(known: Profile) -> tuple[pd.DataFrame, bool]:
    """Return its own axes; when none is recorded, those of the strategies that cover it."""
    if len(known.priorities):
        return known.priorities, False
    covering = current_documents(known.wider)
    owners = covering.set_index("strategie_id")["nom"]
    axes = strategies.priorities(list(owners.index))
    return axes.assign(owner=axes["strategie_id"].map(owners)), len(axes) > 0


def current_documents(documents: pd.DataFrame) -> pd.DataFrame:
    """Keep the documents that are not over."""
    return documents[documents["etat"] != "terminee"]


def priority_rows(known: Profile, axes: pd.DataFrame, references: Mapping[str, int]) -> list[dict]:
    """Return the axes, those of the strategy to show by default first.

    Each under its main theme.
    """
    letters = _letters(known.documents)
    over = set(known.documents.loc[known.documents["etat"] == "terminee", "strategie_id"])
    order = {code: place for place, code in enumerate(vocabulary_codes("themes"))}
    return [
        {
            "theme": code_label("themes", row.theme),
            "order": order[row.theme],
            "wording": shorten(row.intitule, 130),
            "axis": rank_words(row)
            + (" (terminée)" if row.strategie_id in over else ""),
            "owner": shorten(getattr(row, "owner", ""), 40),
            "letter": letters.get(row.strategie_id, ""),
            **_marks(row, references),
        }
        for row in axes.itertuples()
    ]  # fmt: skip


def theme_rows(table: pd.DataFrame) -> list[list[str]]:
    """Return the rows of the alignment, each theme by its name."""
    return [
        [code_label("themes", code), *row]
        for code, row in zip(table.index, table.itertuples(index=False, name=None), strict=True)
    ]


def budget_rows(known: Profile, references: Mapping[str, int]) -> list[dict]:
    """Return every amount in the words of the page, parts under their whole."""
    letters = _letters(known.documents)
    wholes = known.budgets.set_index("budget_id")["libelle"]
    table = profile.budgets_table(known)
    return [
        {
            "depth": int(row.profondeur),
            "what": FUNDER_SHARE_LABEL
            if row.libelle == wholes.get(row.inclus_dans)
            else shorten(row.libelle, 75),
            "cells": [words["Périmètre"], words["Étape"], words["Période"]],
            "amount": words["Montant"],
            "head": words["€/habitant"],
            "funder": shorten(words["Financeur"], 48),
            "letter": letters.get(row.strategie_id, ""),
            **_marks(row, references),
        }
        for row, words in zip(
            known.budgets.itertuples(), table.to_dict("records"), strict=True
        )
    ]  # fmt: skip


def partner_rows(known: Profile, references: Mapping[str, int]) -> list[dict]:
    """Return each organisation once, with the services shared with it in each role."""
    rows = []
    for (_, role, certainty), part in known.links.groupby(
        ["partenaire_id", "role", "certitude"], sort=False
    ):
        first = part.iloc[0]
        acronym = "" if is_missing(first["sigle"]) else f" ({curly_apostrophes(first['sigle'])})"
        services = dict.fromkeys(code_label("services", code).lower() for code in part["service"])
        rows.append(
            {
                "name": shorten(
                    curly_apostrophes(first["partenaire_nom"]) + acronym, MAX_LONG_TEXT
                ),
                "role": f"{code_label('formes', first['forme'])}, "
                f"{code_label('roles', role).lower()}",
                "services": shorten(capitalize_first(" ; ".join(services)), 160),
                "source": references.get(first["source_id"]),
                "inferred": certainty == "deduit",
            }
        )
    return rows


def indicator_rows(known: Profile, references: Mapping[str, int]) -> list[dict]:
    """Return every value in the words of the page."""
    table = profile.indicators_table(known)
    return [
        {
            "what": shorten(words["Indicateur"], 85),
            "value": words["Valeur"],
            "when": f"{words['Nature'].lower()}, {words['Année']}",
            **_marks(row, references),
        }
        for row, words in zip(known.indicators.itertuples(), table.to_dict("records"), strict=True)
    ]


def source_link(url: object) -> dict:
    """Return the address of a source, and its site in words; nothing if it is not a web one."""
    web = isinstance(url, str) and re.match(r"https?://(?:www\.)?([^/?#:]+)", url)
    return {"url": url if web else "", "host": shorten(web[1], 40) if web else ""}


def source_rows(known: Profile, axes: pd.DataFrame) -> list[dict]:
    """List what the paper rests on, in the order in which it is cited."""
    ids = dict.fromkeys([*known.sources["source_id"], *axes["source_id"]])
    rows = []
    for row in cited_sources(list(ids)).itertuples():
        rows.append(
            {
                "source_id": row.source_id,
                "title": shorten(row.titre, MAX_SHORT_TEXT),
                "publisher": shorten(row.editeur, 45),
                "read": reading_words(row.consulte_le, row.relu_le),
                **source_link(row.url),
            }
        )
    return rows
