"""Render how representative the data are: completeness, reliability, sources."""

from collections.abc import Iterator, Mapping

import pandas as pd
import streamlit as st

from comparisons.analysis import map_layers, replies
from comparisons.analysis.completeness import (
    conclusions,
    evidence,
    fields,
    missing_map,
    reliability,
    sources,
)
from comparisons.analysis.completeness import levels as completeness_levels
from comparisons.analysis.completeness import tables as completeness_tables
from comparisons.analysis.completeness.shares import format_bounded_share
from comparisons.charts import completeness, maps
from comparisons.formatting import (
    escape_markdown,
    format_number,
    format_partial_date,
    format_percent,
    is_missing,
    pluralize,
)
from comparisons.page_parameters import DataParameters
from comparisons.queries.sources import describe_links
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label
from comparisons.schema.territory import LEVEL_NAMES
from comparisons.ui.controls import choose_one, choose_unsaved
from comparisons.ui.figures import (
    Figure,
    cached_figure,
    image_bar,
    image_buttons,
    show_chart,
    show_map,
)
from comparisons.ui.glossary import glossary_help
from comparisons.ui.state import is_dark, viewport
from comparisons.ui.tables import download_buttons, source_line, text_table

# The part of the page that shows these figures, none of which has a choice in its address.
_VIEW = DataParameters(partie="representativite")
_MEASURES = {"territoires": "En territoires", "population": "En habitants"}


def show_completeness(page: str, view: DataParameters) -> None:
    """Render the conclusions that the data support, and their completeness."""
    st.info(escape_markdown(conclusions.headline()), icon=":material/balance:")
    st.header("Qu’en conclure ?", anchor="conclure", divider="gray")
    _show_conclusions()
    st.header("Quelle part de la France avons-nous lue ?", anchor="connu", divider="gray")
    _show_levels(page)
    st.header("La carte de ce qui manque", anchor="manque", divider="gray")
    view = choose_one(page, view, "niveau", "Niveau", LEVEL_NAMES)
    _show_missing(page, view)
    st.header("Fait par fait", anchor="faits", divider="gray")
    _show_facts(page)
    st.header("Fiabilité : ce qu’une seconde lecture a donné", anchor="fiabilite", divider="gray")
    _show_reliability(page)
    st.header("Les sources", anchor="sources", divider="gray")
    _show_sources(page)
    st.header("Télécharger", anchor="telecharger", divider="gray")
    title = "Représentativité du jeu de données"
    download_buttons("representativite", _NamedTables(), title, view)
    source_line()


class _NamedTables(Mapping[str, pd.DataFrame]):
    """The tables, each made once it is read; a worksheet needs names without their prefix."""

    _prefix = "representativite_"

    def __getitem__(self, name: str) -> pd.DataFrame:
        return completeness_tables.TABLES[f"{self._prefix}{name}"]()

    def __iter__(self) -> Iterator[str]:
        return (name.removeprefix(self._prefix) for name in completeness_tables.TABLES)

    def __len__(self) -> int:
        return len(completeness_tables.TABLES)


def _show_conclusions() -> None:
    statements = conclusions.current_conclusions()
    icons = {
        evidence.SUPPORTED: ":material/check_circle:",
        evidence.UNSUPPORTED: ":material/block:",
    }
    for column, (group, title) in zip(
        st.columns(2, gap="large"), evidence.GROUPS.items(), strict=True
    ):
        with column:
            st.subheader(title, anchor=False)
            for statement in statements:
                if statement.groupe == group:
                    with st.expander(escape_markdown(statement.sujet), icon=icons[group]):
                        st.markdown(escape_markdown(statement.phrase))
                        st.caption(f"Seuil : {escape_markdown(statement.seuil)}")


def _show_levels(page: str) -> None:
    measure = choose_unsaved("Compter", _MEASURES, f"{page}:mesure")
    levels = completeness_levels.completeness_by_level()
    figure = cached_figure(completeness.completeness_bars, levels, measure, is_dark())
    alt_text = completeness.completeness_alt_text(levels, measure)
    show_chart(figure, f"{page}-niveaux", alt_text, (f"connu-{measure}", _VIEW))
    text_table(
        {
            "Niveau": [LEVEL_NAMES[code] for code in levels["territoire_niveau"]],
            "Attendus": [format_number(count) for count in levels["nb_territoires"]],
            "Stratégie connue": _shares(levels, "avec_strategie"),
            "Des faits seulement": _shares(levels, "partielle"),
            "Cherché, rien trouvé": _shares(levels, "non_trouvee"),
            "Jamais cherché": _shares(levels, "non_cherchee"),
            "Dernière recherche": [
                format_partial_date(day) for day in levels["derniere_recherche"]
            ],
        }
    )
    unrecorded = (
        levels["nb_territoires"] - levels["nb_cherches"] - levels["nb_non_cherchee"]
    ).sum()
    st.caption(
        "Attendus : tous les territoires du niveau. Un territoire couvert par la stratégie d’un "
        "territoire plus large n’est pas compté comme connu. Stratégie connue sans qu’une "
        f"recherche soit notée : {pluralize(int(unrecorded), 'territoire')}, qui ne sont comptés "
        "ni parmi les cherchés ni parmi les jamais cherchés."
    )
    with st.expander(
        "Par type de stratégie", icon=":material/category:", key=f"{page}:types", on_change="rerun"
    ) as opened:
        if opened.open:
            _show_types(page, measure)


def _show_types(page: str, measure: str) -> None:
    types = completeness_levels.completeness_by_level_and_type()
    for level in ("region", "departement"):
        st.markdown(f"**{LEVEL_NAMES[level]}**")
        rows = types[types["territoire_niveau"] == level]
        figure = cached_figure(completeness.completeness_bars, rows, measure, is_dark())
        alt_text = completeness.completeness_alt_text(rows, measure)
        image = (f"connu-{measure}-{level}", _VIEW)
        show_chart(figure, f"{page}-types-{level}", alt_text, image)


def _shares(levels: pd.DataFrame, state: str) -> list[str]:
    shares = levels[f"part_{state}"].astype(float)
    return [
        f"{format_number(count)} ({format_bounded_share(part)})" if count else "0"
        for count, part in zip(levels[f"nb_{state}"], shares, strict=True)
    ]


def _show_missing(page: str, view: DataParameters) -> None:
    layer = missing_map.completeness_layer(view.niveau)
    window = "narrow" if viewport() == "narrow" else "medium"
    st.subheader(escape_markdown(layer.title), anchor=False)
    figure = cached_figure(_completeness_map, view.niveau, window, is_dark())
    show_map(figure, f"{page}-manque-{view.niveau}", maps.alt_text(layer), layer.title)
    with image_bar(f"{page}-manque"):
        image_buttons(f"{page}-manque", "manque", view)
    st.caption(map_layers.describe_coverage(layer))


def _completeness_map(level: str, window: str, dark: bool) -> Figure:
    return maps.choropleth(missing_map.completeness_layer(level), window=window, dark=dark)


def _show_facts(page: str) -> None:
    st.markdown("Part des stratégies connues dont chaque fait est renseigné, par niveau.")
    facts = fields.completeness_by_fact()
    by_level = fields.completeness_by_fact_and_level(facts)
    figure = cached_figure(completeness.fact_heatmap, by_level, is_dark(), viewport() == "narrow")
    alt_text = completeness.facts_alt_text(by_level)
    show_chart(figure, f"{page}-faits", alt_text, ("faits", _VIEW))
    columns = fields.completeness_by_column()
    with st.expander("Colonne par colonne", icon=":material/view_column:"):
        text_table(
            {
                "Table": [f"`{name}`" for name in columns["table_nom"]],
                "Colonne": [f"`{name}`" for name in columns["colonne"]],
                "Renseigné": [
                    f"{format_number(row.nb_renseignes)} / {format_number(row.nb_lignes)}"
                    for row in iterate_rows(columns)
                ],
                "Part": [format_percent(share) for share in columns["part"].astype(float)],
                "Un vide veut dire": [
                    "–" if is_missing(word) else word for word in columns["vide_signifie"]
                ],
            },
            ("Table", "Colonne"),
        )


def _show_reliability(page: str) -> None:
    tables = reliability.reliability_by_table()
    total = tables.iloc[-1]
    if not total["nb_vus"]:
        st.markdown("Aucune source n’a encore été relue.")
        return
    st.markdown(
        f"Des lecteurs ont rouvert les sources une seconde fois : sur "
        f"**{format_number(total['nb_vus'])}** faits qu’ils ont pu voir, "
        f"**{format_number(total['nb_confirmes'])}** tenaient mot pour mot ({_rate(total)}), "
        f"{format_number(total['nb_corriges'])} ont été corrigés et "
        f"{format_number(total['nb_retires'])} "
        f"retirés ; {format_number(total['nb_non_visibles'])} n’ont pas pu être vus. Les faits "
        "montrés ici sont déjà corrigés. Ce qui n’a été lu qu’une fois n’a pas cette garantie."
    )
    show_chart(
        cached_figure(completeness.reliability_bars, tables, "table_titre", is_dark()),
        f"{page}-fiabilite",
        completeness.reliability_alt_text(tables, "table_titre"),
        ("fiabilite", _VIEW),
    )
    _reliability_table(tables, "table_titre", "Table")
    with st.expander("Par niveau de territoire", icon=":material/stacks:"):
        levels = reliability.reliability_by_level()
        _reliability_table(levels, "niveau_libelle", "Niveau")
    st.caption(
        "Relus : faits d’aujourd’hui dont la source a été rouverte pour cette table. Confirmés, "
        "corrigés, retirés, non visibles : jugement du second lecteur sur l’édition précédente. "
        "Accord : part des faits vus qui tenaient, avec son intervalle à 95 % (Wilson). "
        "Le début seulement des longues pages a été relu."
    )
    st.markdown(f"**Les liens vivent-ils ?** {escape_markdown(describe_links())}")
    st.markdown(f"**Relu par les collectivités.** {escape_markdown(replies.describe_rates())}")


def _reliability_table(rows: pd.DataFrame, column: str, title: str) -> None:
    text_table(
        {
            title: rows[column],
            "Faits": [format_number(count) for count in rows["nb_faits"]],
            "Relus": [format_number(count) for count in rows["nb_faits_relus"]],
            "Confirmés": [format_number(count) for count in rows["nb_confirmes"]],
            "Corrigés": [format_number(count) for count in rows["nb_corriges"]],
            "Retirés": [format_number(count) for count in rows["nb_retires"]],
            "Non visibles": [format_number(count) for count in rows["nb_non_visibles"]],
            "Accord": [_rate(row) for _, row in rows.iterrows()],
        }
    )


def _rate(row: pd.Series) -> str:
    """Return a rate of agreement with its interval: `79 % (78 à 81 %)`."""
    if is_missing(row["taux_accord"]):
        return "–"
    low, high = 100 * row["taux_accord_min"], format_percent(row["taux_accord_max"])
    return f"{format_percent(row['taux_accord'])} ({format_number(low, 0)} à {high})"


def _show_sources(page: str) -> None:
    ages, kinds = sources.sources_by_age(), sources.sources_by_kind()
    age_column, certainty_column = st.columns(2, gap="large")
    with age_column:
        st.markdown("**Âge des documents**, en années jusqu’à celle du jeu de données")
        show_chart(
            cached_figure(completeness.age_bars, ages, is_dark()),
            f"{page}-ages",
            completeness.ages_alt_text(ages),
            ("ages", _VIEW),
        )
    with certainty_column:
        st.markdown("**Explicite ou déduit**", help=glossary_help("Explicite", "Déduit"))
        _show_certainties()
    text_table(
        {
            "Type de source": [code_label("types_source", code) for code in kinds["type"]],
            "Sources": [format_number(count) for count in kinds["nb_sources"]],
            "Part": [format_percent(share) for share in kinds["part"].astype(float)],
            "Datées": [format_percent(share) for share in kinds["part_datees"].astype(float)],
            "De": [format_partial_date(day) for day in kinds["premiere_publication"]],
            "À": [format_partial_date(day) for day in kinds["derniere_publication"]],
            "Consultées le": [format_partial_date(day) for day in kinds["derniere_consultation"]],
        }
    )


def _show_certainties() -> None:
    rows = sources.certainty_counts()
    totals = rows.groupby(["table_titre", "certitude"], sort=False)["nb_lignes"].sum().unstack()
    table_totals = totals.sum(axis=1)
    text_table(
        {"Table": totals.index}
        | {
            code_label("certitudes", code): [
                format_percent(count / table_total)
                for count, table_total in zip(totals[code], table_totals, strict=True)
            ]
            for code in totals.columns
        }
    )
