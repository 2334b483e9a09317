"""Directory of organisations, and the sheet of one."""

import pandas as pd
import streamlit as st

from comparisons.analysis import map_layers
from comparisons.analysis.shared_services.links import INHERITANCE, WAYS
from comparisons.analysis.shared_services.organisation import Body, body, served
from comparisons.analysis.shared_services.organisations import Filters, bodies
from comparisons.analysis.shared_services.service_area import area_layer
from comparisons.analysis.shared_services.wording import told_words
from comparisons.charts import maps
from comparisons.database.cache import cached
from comparisons.formatting import capitalised, is_missing, markdown_escaped, plural, typographic
from comparisons.parameters import PoolingView
from comparisons.queries.sources import source_link
from comparisons.schema.model import label
from comparisons.ui.figures import show_map
from comparisons.ui.shared_services.selectors import (
    choose_code,
    choose_level,
    choose_service,
    choose_zone,
)
from comparisons.ui.state import is_dark, keep_view, widget_key, window_kind
from comparisons.ui.tables import downloads, source_line, words_table

MAX_SHOWN = 40


def show_directory(page: str, view: PoolingView) -> None:
    """Show the directory, or the sheet of the organisation chosen in it."""
    known = cached(bodies)(Filters())
    if view.organisme and view.organisme not in set(known["partenaire_id"]):
        st.warning(f"« {markdown_escaped(view.organisme)} » n’est pas un organisme connu.")
        view = keep_view(page, view, organisme="")
    if view.organisme:
        _show_body(page, view)
    else:
        _show_list(page, view)


def _show_list(page: str, view: PoolingView) -> None:
    words, service, form, zone = st.columns(4, vertical_alignment="bottom")
    with words:
        text = st.text_input(
            "Nom, sigle, service, solution",
            key=widget_key(page, view, "texte", ""),
            placeholder="mégalis, archivage…",
        )
        view = keep_view(page, view, texte=text)
    with service:
        view = choose_service(page, view, every="Tous les services")
    with form:
        view = choose_code(page, view, "forme", "formes", "Forme", every="Toutes les formes")
    with zone:
        view = choose_zone(page, view)
    found = cached(bodies)(Filters(view.service, view.forme, view.zone, view.texte))
    st.markdown(f"**{plural(len(found), 'organisme')}**")
    if found.empty:
        st.markdown("Aucun ne répond à ces filtres : retirez-en un, ou cherchez un autre mot.")
        return
    words_table(_list_table(found.head(MAX_SHOWN)), ("Organisme",))
    if len(found) > MAX_SHOWN:
        st.caption(f"Les {MAX_SHOWN} premiers ; tous sont dans les fichiers ci-dessous.")
    downloads("organismes", {"organismes": found}, "Organismes de mutualisation", view)
    source_line()


def _list_table(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Organisme": [
                f"[{markdown_escaped(row.nom)}](/mutualisation?organisme={row.partenaire_id})"
                + ("" if is_missing(row.sigle) else f" ({markdown_escaped(row.sigle)})")
                for row in rows.itertuples()
            ],
            "Forme": [label("formes", code) for code in rows["forme"]],
            "Siège": [typographic(name) for name in rows["siege_nom"]],
            "Services": [
                ", ".join(label("services", code) for code in codes[:4])
                + (f" et {len(codes) - 4} autres" if len(codes) > 4 else "")
                for codes in rows["services"]
            ],
            "Territoires": [told_words(r.nb_cites, r.nb_deduits) for r in rows.itertuples()],
        }
    ).reset_index(drop=True)


def _show_body(page: str, view: PoolingView) -> None:
    known: Body = cached(body)(view.organisme)
    st.header(markdown_escaped(known.identite["nom"]), anchor="organisme", divider="gray")
    st.button(
        "Tous les organismes",
        icon=":material/arrow_back:",
        on_click=lambda: keep_view(page, view, organisme=""),
        key=f"{page}:retour",
        type="tertiary",
    )
    told = told_words(known.identite["nb_cites"], known.identite["nb_deduits"])
    st.markdown(f"**{capitalised(told)}**")
    facts, area = st.columns([1, 1.2])
    with facts:
        words_table(
            pd.DataFrame(
                {
                    "Fait": known.faits["fait"],
                    "Valeur": [
                        f"{row.valeur} ({int(row.annee)})" if not is_missing(row.annee)
                        else row.valeur for row in known.faits.itertuples()
                    ],
                    "Source": [
                        "" if is_missing(row.source_url) else source_link("source", row.source_url)
                        for row in known.faits.itertuples()
                    ],
                }
            ),
            ("Source",),
        )  # fmt: skip
    with area:
        view = choose_level(page, view)
        shown = cached(area_layer)(view.organisme, view.niveau)
        figure = maps.choropleth(
            shown, window="narrow" if window_kind() == "narrow" else "medium", dark=is_dark()
        )
        show_map(figure, f"{page}-aire", maps.alternative_text(shown), shown.title)
        st.caption(map_layers.summary(shown))
    st.subheader("Services et solutions", anchor="services")
    words_table(_services_table(known.services))
    st.subheader("Membres et bénéficiaires connus", anchor="membres")
    words_table(_members_table(known.membres), ("Source",))
    st.caption(INHERITANCE)
    served_there = cached(served)(view.organisme, view.niveau)
    with st.expander(f"Voir l’aire en tableau ({len(served_there)})", icon=":material/table:"):
        table = pd.DataFrame(
            {
                "Territoire": served_there["libelle"],
                "Lien": [WAYS[code] for code in served_there["lien"]],
                "Explication": served_there["explication"],
            }
        )
        words_table(table.head(MAX_SHOWN))
        if len(served_there) > MAX_SHOWN:
            st.caption(f"Les {MAX_SHOWN} premiers ; tous sont dans les fichiers.")
    sheets = {
        "aire": served_there,
        "membres": known.membres,
        "services": known.services,
        "faits": known.faits,
    }
    downloads(f"organisme-{view.organisme}", sheets, known.identite["nom"], view)
    source_line()


def _services_table(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Service": [label("services", code) for code in rows["service"]],
            "Solutions": [", ".join(map(typographic, names)) or "–" for names in rows["solutions"]],
            "Territoires": [told_words(r.nb_cites, r.nb_deduits) for r in rows.itertuples()],
            "Depuis": ["non renseigné" if is_missing(y) else str(int(y)) for y in rows["depuis"]],
            "Certitude": [label("certitudes", code) for code in rows["certitude"]],
        }
    )


def _members_table(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Territoire": [typographic(name) for name in rows["libelle"]],
            "Rôle": [label("roles", code) for code in rows["role"]],
            "Services": [
                ", ".join(label("services", code) for code in codes) for codes in rows["services"]
            ],
            "Depuis": ["non renseigné" if is_missing(y) else str(int(y)) for y in rows["depuis"]],
            "Certitude": [label("certitudes", code) for code in rows["certitude"]],
            "Source": [source_link(r.source_titre, r.source_url) for r in rows.itertuples()],
        }
    )
