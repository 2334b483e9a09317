"""Rows of each block of a territory's PDF, with the numbers of their sources."""

import re
from collections.abc import Mapping
from string import ascii_uppercase

import pandas as pd

from comparisons.analysis import profile_tables
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
    shorten,
)
from comparisons.queries import strategies
from comparisons.queries.axes import format_rank
from comparisons.queries.sources import describe_readings, name_publisher
from comparisons.queries.sources import sources as cited_sources
from comparisons.queries.strategies import describe_state
from comparisons.queries.territories import load_territories
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label, vocabulary_codes
from comparisons.schema.territory import parse_key

_MAX_LONG_TEXT, _MAX_SHORT_TEXT = 110, 60
# Label of a part that has the same name as its whole: only the funder differs.
_FUNDER_SHARE_LABEL = "part de ce financeur"
_LINKS = {
    "jumeau": " ; portée par un territoire jumeau",
    "partagee": " ; document de plusieurs territoires, dont celui-ci",
}


def shorten_line(value: object, length: int) -> str:
    """Write a text on one line, shortened to `length` characters."""
    return shorten(re.sub(r"\s*[\t\r\n]\s*", " ", curly_apostrophes(value)), length)


def state_badge(document: object) -> dict:
    """Return the label and the colour of the state of a document."""
    return {"state": describe_state(document), "colour": STATE_COLOURS[document.etat]}


def bar_range(row: object) -> dict:
    """Return the first and last years of the bar of a document; None where one is unknown."""
    start = row.annee_document if is_missing(row.annee_debut) else row.annee_debut
    return {
        "start": None if is_missing(start) else int(start),
        "end": None if is_missing(row.annee_fin) else int(row.annee_fin) + 1,
    }


def timeline_axis(documents: pd.DataFrame, current: int) -> dict:
    """Return the years of the timeline, at least ten of them, and those with a label."""
    columns = ("annee_document", "annee_debut", "annee_fin")
    years = pd.concat([documents[column] for column in columns]).dropna()
    first = min(int(years.min()) if len(years) else current, current - 9)
    last = max(int(years.max()) if len(years) else current, current) + 1
    step = 5 if last - first > 12 else 2
    ticks = [year for year in range(first, last + 1) if year % step == 0]
    return {"first": first, "last": last, "current": current, "ticks": ticks}


def _marks(row: object, references: Mapping[str, int]) -> dict:
    """Return the number of the source of a fact, and whether it is inferred."""
    return {"source": references.get(row.source_id), "inferred": row.certitude == "deduit"}


def _letters(documents: pd.DataFrame) -> dict[str, str]:
    """Return a letter for each strategy, by which the second page refers to the first."""
    names = [*ascii_uppercase, *(f"A{letter}" for letter in ascii_uppercase)]
    return dict(zip(documents["strategie_id"], names, strict=False))


def strategy_rows(territory_profile: Profile, references: Mapping[str, int]) -> list[dict]:
    """Return one row per strategy, with the years of its bar on the timeline."""
    letters = _letters(territory_profile.documents)
    rows = []
    for row in iterate_rows(territory_profile.documents):
        later = letters.get(row.remplacee_par) if not is_missing(row.remplacee_par) else None
        adoption = row.date_adoption
        rows.append(
            {
                "letter": letters[row.strategie_id],
                "title": shorten_line(row.titre, _MAX_LONG_TEXT),
                "type": code_label("types_strategie", row.type) + _LINKS.get(row.lien, ""),
                **state_badge(row),
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
    """Return the row of a document of another territory: name, kind, areas, year, state."""
    area = getattr(row, "aire", "")
    return {
        "name": shorten_line(row.nom, 50),
        "title": shorten_line(row.titre, 90),
        "kind": code_label("types_strategie", row.type)
        + (f" ; {shorten_line(area, 90)}" if area else ""),
        "year": f"année {MISSING}e" if is_missing(row.annee_document) else int(row.annee_document),
        **state_badge(row),
    }


def peer_documents(key: str) -> pd.DataFrame:
    """Return the main strategy of each of the nearest peers that have one, with `nom`."""
    territory = parse_key(key)
    rows = query(
        "SELECT pair_code FROM pairs WHERE territoire_niveau = ? AND territoire_code = ? "
        "ORDER BY rang",
        [territory.niveau, territory.code],
    )
    keys = [f"{territory.niveau}-{code}" for code in rows["pair_code"]]
    documents = strategies.strategies_of(keys)
    names = load_territories(keys).set_index("cle")["nom"]
    return documents[documents["rang"] == 1].assign(nom=documents["cle"].map(names))


def displayed_axes(territory_profile: Profile) -> tuple[pd.DataFrame, bool]:
    """Return the axes of a territory, and whether they are those of the strategies covering it.

    These stand in where no axis of its own is recorded.
    """
    if len(territory_profile.priorities):
        return territory_profile.priorities, False
    covering = current_documents(territory_profile.enclosing_documents)
    owners = covering.set_index("strategie_id")["nom"]
    axes = strategies.priorities(list(owners.index))
    return axes.assign(owner=axes["strategie_id"].map(owners)), len(axes) > 0


def current_documents(documents: pd.DataFrame) -> pd.DataFrame:
    """Return the documents that are not over."""
    return documents[documents["etat"] != "terminee"]


def priority_rows(
    territory_profile: Profile, axes: pd.DataFrame, references: Mapping[str, int]
) -> list[dict]:
    """Return one row per axis, with its main theme; those of the default strategy first."""
    letters = _letters(territory_profile.documents)
    over = set(
        territory_profile.documents.loc[
            territory_profile.documents["etat"] == "terminee", "strategie_id"
        ]
    )
    order = {code: index for index, code in enumerate(vocabulary_codes("themes"))}
    return [
        {
            "theme": code_label("themes", row.theme),
            "order": order[row.theme],
            "wording": shorten_line(row.intitule, 130),
            "axis": format_rank(row)
            + (" (terminée)" if row.strategie_id in over else ""),
            "owner": shorten_line(getattr(row, "owner", ""), 40),
            "letter": letters.get(row.strategie_id, ""),
            **_marks(row, references),
        }
        for row in iterate_rows(axes)
    ]  # fmt: skip


def theme_rows(table: pd.DataFrame) -> list[list[str]]:
    """Return the rows of the alignment table, with the labels of themes."""
    return [
        [code_label("themes", code), *row]
        for code, row in zip(table.index, table.itertuples(index=False, name=None), strict=True)
    ]


def budget_rows(territory_profile: Profile, references: Mapping[str, int]) -> list[dict]:
    """Return one row per amount, as formatted on the page; parts follow their whole."""
    letters = _letters(territory_profile.documents)
    wholes = territory_profile.budgets.set_index("budget_id")["libelle"]
    table = profile_tables.budgets_table(territory_profile.budgets)
    return [
        {
            "depth": int(row.profondeur),
            "what": _FUNDER_SHARE_LABEL
            if row.libelle == wholes.get(row.inclus_dans)
            else shorten_line(row.libelle, 75),
            "cells": [texts["Périmètre"], texts["Étape"], texts["Période"]],
            "amount": texts["Montant"],
            "head": texts["€/habitant"],
            "funder": shorten_line(texts["Financeur"], 48),
            "letter": letters.get(row.strategie_id, ""),
            **_marks(row, references),
        }
        for row, texts in zip(
            iterate_rows(territory_profile.budgets), table.to_dict("records"), strict=True
        )
    ]  # fmt: skip


def partner_rows(territory_profile: Profile, references: Mapping[str, int]) -> list[dict]:
    """Return one row per organisation and role, with the services shared."""
    rows = []
    for (_, role, certainty), role_links in territory_profile.links.groupby(
        ["partenaire_id", "role", "certitude"], sort=False
    ):
        first = role_links.iloc[0]
        acronym = "" if is_missing(first["sigle"]) else f" ({curly_apostrophes(first['sigle'])})"
        services = dict.fromkeys(
            code_label("services", code).lower() for code in role_links["service"]
        )
        rows.append(
            {
                "name": shorten_line(
                    curly_apostrophes(first["partenaire_nom"]) + acronym, _MAX_LONG_TEXT
                ),
                "role": f"{code_label('formes', first['forme'])}, "
                f"{code_label('roles', role).lower()}",
                "services": shorten_line(capitalize_first(" ; ".join(services)), 160),
                "source": references.get(first["source_id"]),
                "inferred": certainty == "deduit",
            }
        )
    return rows


def indicator_rows(territory_profile: Profile, references: Mapping[str, int]) -> list[dict]:
    """Return one row per indicator, as formatted on the page."""
    table = profile_tables.indicators_table(territory_profile.indicators)
    return [
        {
            "what": shorten_line(texts["Indicateur"], 85),
            "value": texts["Valeur"],
            "when": f"{texts['Nature'].lower()}, {texts['Année']}",
            **_marks(row, references),
        }
        for row, texts in zip(
            iterate_rows(territory_profile.indicators), table.to_dict("records"), strict=True
        )
    ]


def source_link(url: object) -> dict:
    """Return the address and the host of a source; empty texts if it is not on the web."""
    web = isinstance(url, str) and re.match(r"https?://(?:www\.)?([^/?#:]+)", url)
    return {"url": url if web else "", "host": shorten_line(web[1], 40) if web else ""}


def source_rows(territory_profile: Profile, axes: pd.DataFrame) -> list[dict]:
    """Return one row per source of the profile and its axes, in the order of citation."""
    ids = dict.fromkeys([*territory_profile.sources["source_id"], *axes["source_id"]])
    rows = []
    for row in iterate_rows(cited_sources(list(ids))):
        rows.append(
            {
                "source_id": row.source_id,
                "title": shorten_line(row.titre, _MAX_SHORT_TEXT),
                "publisher": shorten_line(name_publisher(row), 54),
                "read": describe_readings(row.consulte_le, row.relu_le),
                **source_link(row.url),
            }
        )
    return rows
