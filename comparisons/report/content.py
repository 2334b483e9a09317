"""What the paper says of a territory: words only, as the template sets them."""

import re
from collections.abc import Mapping
from string import ascii_uppercase

import pandas as pd

from comparisons import alignment, exports, profile, strategies
from comparisons.format import codes, label
from comparisons.layers import COVERED, STATE_COLOURS
from comparisons.profile import Profile
from comparisons.report.locator import Locator
from comparisons.territories import described, parse_key
from comparisons.text import (
    MISSING,
    capitalised,
    is_missing,
    partial_date,
    period,
    plural,
    typographic,
)
from comparisons.warehouse import metadata, query

# How fast each block of a page is given its rows, until the page is full.
WEIGHTS = (
    {"strategies": 100, "wider": 2, "neighbours": 2, "peers": 0.01},
    {"priorities": 6, "themes": 4, "budgets": 5, "partners": 3, "indicators": 2, "sources": 4},
)
# Rows of some blocks of the first page for which map and text need not shrink further.
ENOUGH = {"wider": 5, "neighbours": 6, "peers": 0}
LONG, SHORT = 110, 60
# A part that bears the name of its whole is told apart by who pays it.
PART = "part de ce financeur"
LINKS = {
    "jumeau": " ; portée par un territoire jumeau",
    "partagee": " ; stratégie d’un autre territoire, qui nomme celui-ci",
}


def content(known: Profile, located: Locator, address: str) -> dict:
    """Give all the words of the paper, and the order in which rows are given to its blocks."""
    data = metadata()
    priorities, borrowed = _axes(known)
    sources = _sources(known, priorities)
    themes = alignment.alignment_table(known.key)
    references = {row["source_id"]: place for place, row in enumerate(sources, 1)}
    blocks = {
        "strategies": _strategies(known, references),
        "wider": [_other(row) for row in in_force(known.wider).itertuples()],
        "neighbours": [_other(row) for row in known.neighbours.itertuples()],
        "peers": [_other(row) for row in _peers(known.key).itertuples()],
        "priorities": _priorities(known, priorities, references),
        "themes": _themes(themes),
        "budgets": _budgets(known, references),
        "partners": _partners(known, references),
        "indicators": _indicators(known, references),
        "sources": sources,
    }
    rows = {name: len(block) for name, block in blocks.items()}
    cited = max((row["source"] or 0 for row in blocks["strategies"]), default=0)
    return {
        "name": known.name,
        "identity": profile.identity_sentence(known),
        "twins": [typographic(sentence) for sentence in known.twins],
        "figures": _figures(known),
        "date": [int(part) for part in data["date"].split("-")],
        "dated": partial_date(data["date"]),
        "map": _map(known, located),
        "axis": _axis(known.documents, int(data["annee"])),
        "summary": _summary(known),
        "absence": profile.absence(known),
        "search": "" if known.searches.empty else profile.search_sentence(known),
        "neighbours_sentence": _neighbours_sentence(known.neighbours),
        "borrowed": borrowed,
        "alignment": [clipped(text, 420) for text in alignment.alignment_sentences(known.key)],
        "theme_columns": [clipped(name, 45) for name in themes.columns],
        "identity_sources": profile.identity_sources(known),
        "citation": exports.citation(),
        "address": address,
        "blocks": blocks,
        # the first page cites the sources of its strategies: they are listed, whatever is cut
        "cited": cited,
        "grants": [
            grants(rows, WEIGHTS[0]),
            ["sources"] * cited + grants(rows | {"sources": rows["sources"] - cited}, WEIGHTS[1]),
        ],
        "needed": {name: min(count, ENOUGH.get(name, count)) for name, count in rows.items()},
    }


def grants(rows: Mapping[str, int], weights: Mapping[str, int]) -> list[str]:
    """Name the block that gets a row, turn by turn, until every row of every block is given."""
    turns = [
        (turn / weights[name], place, name)
        for place, name in enumerate(weights)
        for turn in range(1, rows[name] + 1)
    ]
    return [name for *_, name in sorted(turns)]


def clipped(value: object, longest: int) -> str:
    """Write a text on one line, cut between two words with « … » where it would be too long."""
    words = re.sub(r"\s*[\t\r\n]\s*", " ", typographic(value))
    if len(words) <= longest:
        return words
    return f"{words[: longest - 1].rsplit(' ', 1)[0].rstrip(' ,;:')}…"


def in_force(documents: pd.DataFrame) -> pd.DataFrame:
    """Keep the documents that are not over."""
    return documents[documents["etat"] != "terminee"]


def _figures(known: Profile) -> list[list[str]]:
    """Give the figures of the page; a commune is not told that it is one commune."""
    figures = [list(figure) for figure in profile.headline(known)]
    if known.documents.empty:
        figures = [
            [title, value, "" if "trat" in title else text] for title, value, text in figures
        ]
    is_commune = known.territory["territoire_niveau"] == "commune"
    return [figure for figure in figures if not (is_commune and figure[0] == "Communes")]


def _state(code: str) -> dict:
    return {"state": label("etats_couverture", code), "colour": STATE_COLOURS[code]}


def _map(known: Profile, located: Locator) -> dict:
    """Give the words beside the map: what it shows, its legend with counts, this territory."""
    shown = located.layer
    counts = shown.counts()
    legend = [
        {"label": c.label, "colour": c.colour, "hatched": c.code in COVERED,
         "count": counts[c.code]}
        for c in shown.classes if counts[c.code]
    ]  # fmt: skip
    own = shown.data.set_index("territoire_code")["classe"].get(known.territory["territoire_code"])
    words = {c.code: c.label for c in shown.classes}
    counted = " ; ".join(f"{line['label']} : {line['count']}" for line in legend)
    return {
        "title": shown.title,
        "subtitle": shown.subtitle,
        "legend": legend,
        "own": words.get(own, ""),
        "drawn": located.drawn,
        "group": located.group_drawn,
        "alt": f"Carte : {shown.subtitle}. {shown.title} {counted}. {known.name} y est entouré.",
    }


def _letters(documents: pd.DataFrame) -> dict[str, str]:
    """Name each strategy by a letter, so that the second page can refer to the first."""
    names = [*ascii_uppercase, *(f"A{letter}" for letter in ascii_uppercase)]
    return dict(zip(documents["strategie_id"], names, strict=False))


def _strategies(known: Profile, references: Mapping[str, int]) -> list[dict]:
    letters = _letters(known.documents)
    rows = []
    for row in known.documents.itertuples():
        later = letters.get(row.remplacee_par) if not is_missing(row.remplacee_par) else None
        adoption = row.date_adoption
        start = row.annee_document if is_missing(row.annee_debut) else row.annee_debut
        rows.append(
            {
                "letter": letters[row.strategie_id],
                "title": clipped(row.titre, LONG),
                "type": label("types_strategie", row.type) + LINKS.get(row.lien, ""),
                **_state(row.etat),
                "replaced": f"remplacée par {later}" if later else "",
                "period": period(row.annee_debut, row.annee_fin),
                "adopted": "" if is_missing(adoption) else f"adoptée : {partial_date(adoption)}",
                "start": None if is_missing(start) else int(start),
                "end": None if is_missing(row.annee_fin) else int(row.annee_fin) + 1,
                **_marks(row, references),
            }
        )
    return rows


def _axis(documents: pd.DataFrame, current: int) -> dict:
    """Give the years of the timeline, at least ten of them, and those that bear a label."""
    columns = ("annee_document", "annee_debut", "annee_fin")
    years = pd.concat([documents[column] for column in columns]).dropna()
    first = min(int(years.min()) if len(years) else current, current - 9)
    last = max(int(years.max()) if len(years) else current, current) + 1
    step = 5 if last - first > 12 else 2
    ticks = [year for year in range(first, last + 1) if year % step == 0]
    return {"first": first, "last": last, "current": current, "ticks": ticks}


def _summary(known: Profile) -> str:
    """Tell what the strategy to show by default says, in a few words."""
    texts = known.documents["resume"].dropna()
    return clipped(texts.iloc[0], 300) if len(texts) else ""


def _other(row: object) -> dict:
    """Name the strategy of another territory."""
    return {
        "name": clipped(row.nom, 50),
        "title": clipped(row.titre, 90),
        "year": f"année {MISSING}e" if is_missing(row.annee_document) else int(row.annee_document),
        **_state(row.etat),
    }


def _peers(key: str) -> pd.DataFrame:
    """Find the strategies of the nearest peers that have one, as for neighbours."""
    territory = parse_key(key)
    rows = query(
        "SELECT pair_code FROM pairs WHERE territoire_niveau = ? AND territoire_code = ? "
        "ORDER BY rang",
        [territory.niveau, territory.code],
    )
    keys = [f"{territory.niveau}-{code}" for code in rows["pair_code"]]
    found = strategies.documents(keys)
    names = described(map(parse_key, keys)).set_index("cle")["nom"]
    return found[found["rang"] == 1].assign(nom=found["cle"].map(names))


def _neighbours_sentence(rows: pd.DataFrame) -> str:
    total = rows.attrs["nb_voisins"]
    if not total:
        return "Ce territoire n’a pas de voisin de même niveau."
    return f"{plural(len(rows), 'voisin')} sur {total} avec une stratégie connue."


def _marks(row: object, references: Mapping[str, int]) -> dict:
    """Say of a fact which source states it, and whether it is inferred."""
    return {"source": references.get(row.source_id), "inferred": row.certitude == "deduit"}


def _axes(known: Profile) -> tuple[pd.DataFrame, bool]:
    """Give its own axes; when none is recorded, those of the strategies that cover it."""
    if len(known.priorities):
        return known.priorities, False
    covering = in_force(known.wider)
    owners = covering.set_index("strategie_id")["nom"]
    axes = strategies.priorities(list(owners.index))
    return axes.assign(owner=axes["strategie_id"].map(owners)), len(axes) > 0


def _priorities(known: Profile, axes: pd.DataFrame, references: Mapping[str, int]) -> list[dict]:
    """Give the axes, those of the strategy to show by default first, each under its main theme."""
    letters = _letters(known.documents)
    over = set(known.documents.loc[known.documents["etat"] == "terminee", "strategie_id"])
    order = {code: place for place, code in enumerate(codes("themes"))}
    return [
        {
            "theme": label("themes", row.theme),
            "order": order[row.theme],
            "wording": clipped(row.intitule, 130),
            "axis": f"{row.rang} sur {row.nb_axes}"
            + (" (terminée)" if row.strategie_id in over else ""),
            "owner": clipped(getattr(row, "owner", ""), 40),
            "letter": letters.get(row.strategie_id, ""),
            **_marks(row, references),
        }
        for row in axes.itertuples()
    ]  # fmt: skip


def _themes(table: pd.DataFrame) -> list[list[str]]:
    return [
        [label("themes", code), *row]
        for code, row in zip(table.index, table.itertuples(index=False, name=None), strict=True)
    ]


def _budgets(known: Profile, references: Mapping[str, int]) -> list[dict]:
    """Give every amount in the words of the page, parts under their whole."""
    letters = _letters(known.documents)
    wholes = known.budgets.set_index("budget_id")["libelle"]
    table = profile.budgets_table(known)
    return [
        {
            "depth": int(row.profondeur),
            "what": PART
            if row.libelle == wholes.get(row.inclus_dans)
            else clipped(row.libelle, 75),
            "cells": [words["Périmètre"], words["Étape"], words["Période"]],
            "amount": words["Montant"],
            "head": words["€/habitant"],
            "funder": clipped(words["Financeur"], 48),
            "letter": letters.get(row.strategie_id, ""),
            **_marks(row, references),
        }
        for row, words in zip(
            known.budgets.itertuples(), table.to_dict("records"), strict=True
        )
    ]  # fmt: skip


def _partners(known: Profile, references: Mapping[str, int]) -> list[dict]:
    """Give each organisation once, with the services shared with it in each role."""
    rows = []
    for (_, role, certainty), part in known.links.groupby(
        ["partenaire_id", "role", "certitude"], sort=False
    ):
        first = part.iloc[0]
        acronym = "" if is_missing(first["sigle"]) else f" ({typographic(first['sigle'])})"
        services = dict.fromkeys(label("services", code).lower() for code in part["service"])
        rows.append(
            {
                "name": clipped(typographic(first["partenaire_nom"]) + acronym, LONG),
                "role": f"{label('formes', first['forme'])}, {label('roles', role).lower()}",
                "services": clipped(capitalised(" ; ".join(services)), 160),
                "source": references.get(first["source_id"]),
                "inferred": certainty == "deduit",
            }
        )
    return rows


def _indicators(known: Profile, references: Mapping[str, int]) -> list[dict]:
    table = profile.indicators_table(known)
    return [
        {
            "what": clipped(words["Indicateur"], 85),
            "value": words["Valeur"],
            "when": f"{words['Nature'].lower()}, {words['Année']}",
            **_marks(row, references),
        }
        for row, words in zip(known.indicators.itertuples(), table.to_dict("records"), strict=True)
    ]


def _sources(known: Profile, axes: pd.DataFrame) -> list[dict]:
    """List what the paper rests on, in the order in which it is cited."""
    ids = dict.fromkeys([*known.sources["source_id"], *axes["source_id"]])
    rows = []
    for row in strategies.sources(list(ids)).itertuples():
        web = isinstance(row.url, str) and re.match(r"https?://(?:www\.)?([^/?#]+)", row.url)
        rows.append(
            {
                "source_id": row.source_id,
                "title": clipped(row.titre, SHORT),
                "publisher": clipped(row.editeur, 45),
                "consulted": partial_date(row.consulte_le),
                "url": row.url if web else "",
                "host": clipped(web[1], 40) if web else "",
            }
        )
    return rows
