"""Tables of the page of a territory: its priorities, amounts, shared services, indicators, sources.

They are made from the tables of a `Profile`; their columns are in French, their cells written for
reading.
"""

import pandas as pd

from comparisons.analysis.replies import REPLY_COLUMN, Reply
from comparisons.analysis.shared_services.links import DIRECT
from comparisons.database.cache import cached
from comparisons.formatting import (
    MISSING,
    NBSP,
    capitalize_first,
    curly_apostrophes,
    format_approximation,
    format_euros,
    format_euros_per_inhabitant,
    format_number,
    format_partial_date,
    format_period,
    is_missing,
    join_words,
)
from comparisons.queries.axes import format_rank
from comparisons.queries.sources import source_link
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label, vocabulary_codes


@cached
def priorities_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return priorities by theme, in the words of the documents."""
    several_documents = rows["strategie_id"].nunique() > 1
    table = pd.DataFrame(
        {
            "Document": [curly_apostrophes(row.titre) for row in iterate_rows(rows)],
            "Axe": [format_rank(row) for row in iterate_rows(rows)],
            "Intitulé": [_with_detail(row.intitule, row.description) for row in iterate_rows(rows)],
            "Thèmes": [
                join_words(
                    code_label("themes", code)
                    for code in [
                        row.theme,
                        *([] if is_missing(row.themes_secondaires) else row.themes_secondaires),
                    ]
                )
                for row in iterate_rows(rows)
            ],
            "Certitude": [code_label("certitudes", code) for code in rows["certitude"]],
            "Source": _format_sources(rows),
        }
    )
    table = _add_replies(table, rows)
    return table if several_documents else table.drop(columns="Document")


@cached
def priorities_by_theme(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the same wordings, theme by theme.

    An axis that bears several themes is read under each.
    """
    wordings = []
    for row in iterate_rows(rows):
        secondary_themes = (
            [] if is_missing(row.themes_secondaires) else list(row.themes_secondaires)
        )
        for theme in dict.fromkeys([row.theme, *secondary_themes]):
            wordings.append(
                {
                    "theme": theme,
                    "Thème": code_label("themes", theme),
                    "Intitulé": curly_apostrophes(row.intitule),
                    "Axe": format_rank(row) + ("" if theme == row.theme else ", thème secondaire"),
                    "Document": curly_apostrophes(row.titre),
                    "Certitude": code_label("certitudes", row.certitude),
                    REPLY_COLUMN: _format_reply(getattr(row, "avis", None)),
                    "Source": source_link(row.source_editeur or row.source_titre, row.source_url),
                }
            )
    table = pd.DataFrame(wordings)
    if table.empty:
        return table
    order = {code: index for index, code in enumerate(vocabulary_codes("themes"))}
    table = table.sort_values("theme", key=lambda theme: theme.map(order), kind="stable")
    hidden = ["theme"] if "avis" in rows else ["theme", REPLY_COLUMN]
    table = table.drop(columns=hidden).reset_index(drop=True)
    return table if rows["strategie_id"].nunique() > 1 else table.drop(columns="Document")


@cached
def sources_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return every document that states something of this page, with its link and dates."""
    return pd.DataFrame(
        {
            "Source": [source_link(row.titre, row.url) for row in iterate_rows(rows)],
            "Éditeur": [curly_apostrophes(text) for text in rows["editeur"]],
            "Nature": [code_label("types_source", code) for code in rows["type"]],
            "Publiée le": [format_partial_date(date) for date in rows["date_publication"]],
            "Consultée le": [format_partial_date(date) for date in rows["consulte_le"]],
            "Relue le": [format_partial_date(date) for date in rows["relu_le"]],
            "Ce qu’elle établit": [join_words(subjects) for subjects in rows["sujets"]],
        }
    )


@cached
def budgets_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return every amount, parts under their whole."""
    amounts = list(iterate_rows(rows))
    several_documents = rows["strategie_id"].nunique() > 1
    table = pd.DataFrame(
        {
            "Document": [curly_apostrophes(row.titre) for row in amounts],
            "Objet": [
                f"{'↳ ' * int(row.profondeur)}{curly_apostrophes(row.libelle)}" for row in amounts
            ],
            "Périmètre": [code_label("perimetres", code) for code in rows["perimetre"]],
            "Étape": [code_label("etapes", code) for code in rows["etape"]],
            "Montant": [
                format_approximation(row.approximatif)
                + format_euros(row.montant)
                + ("" if is_missing(row.recurrence) else " par an")
                + (f"{NBSP}(déduit)" if row.certitude == "deduit" else "")
                for row in amounts
            ],
            "€/habitant": [
                format_euros_per_inhabitant(
                    row.montant / row.population, not is_missing(row.recurrence)
                )
                if row.profondeur == 0
                else "inclus ci-dessus"
                for row in amounts
            ],
            "Période": [format_period(row.annee_debut, row.annee_fin) for row in amounts],
            "Financeur": [_format_funder(row) for row in amounts],
            "Source": _format_sources(rows),
        }
    )
    table = _add_replies(table, rows)
    return table if several_documents else table.drop(columns="Document")


@cached
def links_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the table of shared services: organisation, role, first year."""
    table = pd.DataFrame(
        {
            "Service": [code_label("services", code) for code in rows["service"]],
            "Organisme": [
                curly_apostrophes(row.partenaire_nom)
                + ("" if is_missing(row.sigle) else f" ({curly_apostrophes(row.sigle)})")
                for row in iterate_rows(rows)
            ],
            "Forme": [code_label("formes", code) for code in rows["forme"]],
            "Rôle": [code_label("roles", code) for code in rows["role"]],
            "Solution": [curly_apostrophes(text) for text in rows["solution"]],
            "Depuis": [
                MISSING if is_missing(year) else f"{int(year)}" for year in rows["annee_debut"]
            ],
            "Certitude": [code_label("certitudes", code) for code in rows["certitude"]],
            "Source": _format_sources(rows),
        }
    )
    return _add_replies(table, rows)


@cached
def indicators_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return measured values and targets."""
    table = pd.DataFrame(
        {
            "Indicateur": [
                _with_detail(
                    row.libelle
                    if row.indicateur == "autre"
                    else code_label("indicateurs", row.indicateur),
                    None if row.indicateur == "autre" else row.libelle,
                )
                for row in iterate_rows(rows)
            ],
            "Valeur": [
                format_approximation(row.approximatif)
                + f"{format_number(row.valeur, 2)} {curly_apostrophes(row.unite)}"
                for row in iterate_rows(rows)
            ],
            "Nature": [code_label("natures_indicateur", code) for code in rows["nature"]],
            "Année": [MISSING if is_missing(year) else f"{int(year)}" for year in rows["annee"]],
            "Certitude": [code_label("certitudes", code) for code in rows["certitude"]],
            "Source": _format_sources(rows),
        }
    )
    return _add_replies(table, rows)


def _add_replies(table: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return a table with what the territory replied of its rows, before their sources, if any."""
    if "avis" not in rows:
        return table
    replies = [_format_reply(reply) for reply in rows["avis"]]
    table.insert(len(table.columns) - 1, REPLY_COLUMN, replies)
    return table


def _format_reply(reply: Reply | None) -> str:
    return reply.to_markdown() if reply else MISSING


def _with_detail(text: str, detail: object) -> str:
    return (
        curly_apostrophes(text)
        if is_missing(detail)
        else f"{curly_apostrophes(text)} : {curly_apostrophes(detail)}"
    )


def _format_funder(row: object) -> str:
    if not is_missing(row.financeur_nom):
        return capitalize_first(curly_apostrophes(row.financeur_nom))
    return (
        MISSING if is_missing(row.financeur_type) else code_label("financeurs", row.financeur_type)
    )


def _format_sources(rows: pd.DataFrame) -> list[str]:
    """Return markdown links to the sources, named by their publisher."""
    return [
        source_link(
            row.source_titre if is_missing(row.source_editeur) else row.source_editeur,
            row.source_url,
        )
        for row in iterate_rows(rows)
    ]


def organisations_around_table(links: pd.DataFrame) -> pd.DataFrame:
    """Return the organisations of inherited links (`effective_links`): services, through whom."""
    inherited = links[links["lien"] != DIRECT]
    return pd.DataFrame(
        [
            {
                "Organisme": curly_apostrophes(rows["partenaire_nom"].iloc[0]),
                "Services": join_words(
                    dict.fromkeys(code_label("services", code) for code in rows["service"])
                ),
                "Par": join_words(dict.fromkeys(map(curly_apostrophes, rows["via_nom"]))),
            }
            for _, rows in inherited.groupby("partenaire_id", sort=False)
        ]
    )
