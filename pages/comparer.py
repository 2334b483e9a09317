"""Comparer: two to six territories side by side."""

import streamlit as st

from comparisons import charts, comparison, ui
from comparisons.format import label
from comparisons.territories import parse_key
from comparisons.text import enumeration, markdown_escaped
from comparisons.view import ComparisonView
from comparisons.warehouse import metadata

PAGE = "comparer"


def show() -> None:
    """Show the page."""
    st.title("Comparer des territoires", anchor=False)
    view = ui.known_choice(PAGE, ui.open_view(PAGE, ComparisonView))
    keys = ui.choose_territories(PAGE, view)
    view = ui.keep_view(PAGE, view, t=tuple(keys))
    if len(keys) < 2:
        st.info("Choisissez de deux à six territoires, de tous niveaux.", icon=":material/compare:")
        return
    view = ui.choose_documents(PAGE, view)
    side = ui.cached(comparison.compare)(tuple(map(parse_key, keys)), view.doc)
    if side.territories["territoire_niveau"].nunique() > 1:
        st.warning(
            "Ces territoires ne sont pas de même niveau : leurs compétences et leurs budgets ne se "
            "comparent pas directement.",
            icon=":material/balance:",
        )

    st.header("Identité", anchor="identite", divider="gray")
    ui.words_table(comparison.identity(side))

    st.header("Documents et calendrier", anchor="documents", divider="gray")
    ui.words_table(comparison.calendar(side))
    names = side.territories.set_index("cle")["nom"]
    dated = side.documents.assign(nom=side.documents["cle"].map(names))
    figure = charts.timeline(dated, int(metadata()["annee"]), narrow=ui.window_kind() == "narrow")
    if figure is not None:
        with st.expander("Frise de tous les documents connus", icon=":material/timeline:"):
            ui.chart(
                figure,
                "frise",
                "Frise des stratégies connues de chaque territoire, colorées par état.",
            )

    st.header("Priorités par thème", anchor="priorites", divider="gray")
    themes = comparison.theme_matrix(side)
    if themes.empty:
        st.markdown("Aucune priorité n’est relevée pour ces documents : non renseigné.")
    else:
        st.caption(
            "Rang de l’axe qui porte le thème parmi les axes relevés ; « – » : pas dans les axes "
            "relevés. Le nombre d’axes n’est pas une mesure : chacun découpe les siens à sa façon."
        )
        ui.words_table(themes.rename(index=lambda code: label("themes", code)))
        st.caption(f"Lu dans : {markdown_escaped(' ; '.join(comparison.documents_read(side)))}.")
        ui.wordings(side)

    st.header("Budgets comparables", anchor="budgets", divider="gray")
    money = comparison.budget_matrix(side)
    if money.empty:
        st.markdown("Aucun montant comparable n’est connu : non renseigné.")
    else:
        st.caption(
            "Un seul périmètre et une seule étape par ligne ; montants additifs du document en "
            "vigueur ou le plus récent qui en donne, rapportés à la population qu’il couvre. Les "
            "actions et les axes isolés ne sont pas comparés : ils sont sur la page de chaque "
            "territoire."
        )
        ui.words_table(money)

    st.header("Partenaires et services", anchor="partenaires", divider="gray")
    for partner, shared_by in comparison.common_partners(side).items():
        st.markdown(
            f"- **{markdown_escaped(partner)}** est commun à "
            f"{markdown_escaped(enumeration(shared_by))}."
        )
    st.caption("« – » : aucun organisme connu. Un service peut exister sans qu’une source le dise.")
    services = comparison.service_matrix(side)
    ui.facts(
        services.rename(index=lambda code: label("services", code)),
        "Aucun organisme de mutualisation connu.",
    )

    st.header("Indicateurs", anchor="indicateurs", divider="gray")
    ui.facts(comparison.indicator_matrix(side), "Aucun indicateur commun relevé.")

    st.header("Télécharger", anchor="telecharger", divider="gray")
    ui.downloads("comparaison", side.sheets(), f"Comparaison : {enumeration(names)}", view)
    ui.source_line()


show()
