"""Parts of the peers page: method, list of peers, position among them, gaps."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from comparisons.analysis.peers import portrait, position, search, stability
from comparisons.analysis.peers.explanation import describe_distance, unit
from comparisons.analysis.peers.group import BY_DEDUCTION, BY_SUBJECT, NO, UNKNOWN, YES
from comparisons.analysis.peers.wording import SECTION_TITLES
from comparisons.charts import bars
from comparisons.charts.peers_map import peers_map
from comparisons.formatting import (
    capitalize_first,
    curly_apostrophes,
    escape_markdown,
    format_number,
    format_percent,
    join_words,
    pluralize,
)
from comparisons.page_parameters import MAX_COMPARED, PeersParameters
from comparisons.queries import budgets, known_facts, thresholds
from comparisons.queries.territories import load_territories
from comparisons.rows import iterate_rows
from comparisons.schema import peer_options, peer_variables
from comparisons.ui.controls import choose_one, page_link, removable_chips
from comparisons.ui.figures import cached_figure, image_bar, image_buttons, show_chart, show_map
from comparisons.ui.state import is_dark, update_parameters, widget_key
from comparisons.ui.tables import TextColumns, text_table
from comparisons.ui.territory_search import pick_territory

_WEIGHT_LABELS = {0: "écartée", 1: "normal", 2: "double", 3: "triple"}
_ANSWERS = {
    YES: "oui",
    BY_SUBJECT: "oui, par son objet",
    BY_DEDUCTION: "par déduction",
    NO: "non",
    UNKNOWN: "non renseigné",
}


def choose_peers(page: str, view: PeersParameters) -> PeersParameters:
    """Render the choice of the method that finds peers; return the updated view."""
    with st.container(horizontal=True, vertical_alignment="center"):
        view = choose_one(page, view, "maniere", "Manière", peer_options.WEIGHTING_METHODS)
        if view.maniere != "liste":
            with st.popover("Affiner", icon=":material/tune:", width="content"):
                return _refine(page, view)
    return _choose_own_list(page, view)


def _refine(page: str, view: PeersParameters) -> PeersParameters:
    """Render how many peers are wanted, where, and the weights; return the updated view."""
    peer_count = st.select_slider(
        "Combien de pairs, au plus",
        tuple(map(str, range(1, peer_options.MAX_PEERS + 1))),
        key=widget_key(page, view, "nombre"),
    )
    view = update_parameters(page, view, nombre=peer_count)
    view = choose_one(page, view, "region", "Où", peer_options.REGION_CHOICES, titled=True)
    return _choose_weights(page, view) if view.maniere == "structure" else view


def _choose_weights(page: str, view: PeersParameters) -> PeersParameters:
    """Render the weight of each structural variable; return the updated view."""
    level = view.t.partition("-")[0]
    chosen = dict(weight.split(":") for weight in view.poids)
    weight_by_code = {}
    names = [peer_variables.BY_CODE[code] for code in peer_variables.peer_variables(level)]
    with st.expander("Variables de structure et leur poids", icon=":material/balance:"):
        st.caption(
            "Seulement ce qu’un territoire ne peut guère changer : jamais ses stratégies ni ses "
            "résultats, sinon on comparerait un résultat avec lui-même."
        )
        with st.grid(min_column_width=260):
            for variable in names:
                widget = f"{page}:poids:{variable.code}"
                if widget not in st.session_state:
                    st.session_state[widget] = int(chosen.get(variable.code, 1))
                weight_by_code[variable.code] = st.select_slider(
                    variable.titre,
                    tuple(_WEIGHT_LABELS),
                    format_func=_WEIGHT_LABELS.get,
                    key=widget,
                    help=variable.explication,
                )
        if not any(weight_by_code.values()):
            st.warning("Gardez au moins une variable.")
    weights = tuple(f"{code}:{weight}" for code, weight in weight_by_code.items() if weight != 1)
    return update_parameters(page, view, poids=weights if any(weight_by_code.values()) else ())


def _choose_own_list(page: str, view: PeersParameters) -> PeersParameters:
    """Render the list of peers chosen by the reader, removable; return the updated view."""
    added_key = pick_territory("Ajouter un pair à ma liste", key=f"{page}:avec")
    own_keys = tuple(dict.fromkeys([*view.avec, added_key])) if added_key else view.avec
    own_keys = own_keys[: peer_options.MAX_PEERS]

    def set_peers(keys: Sequence[str]) -> None:
        update_parameters(page, view, avec=tuple(keys))

    with st.container(horizontal=True):
        removable_chips(page, load_territories(own_keys), set_peers)
    view = update_parameters(page, view, avec=own_keys)
    if added_key:
        st.rerun()
    return view


def show_peers(result: search.PeerSearchResult, stable_shares: pd.DataFrame) -> None:
    """Render the table of peers: distance, reason, what is known of them, stability.

    `stable_shares` has `cle` and `part`, the share of draws in which a territory stays a peer.
    """
    st.markdown(escape_markdown(result.explication))
    for refusal in result.refus:
        st.caption(escape_markdown(refusal))
    if result.table.empty:
        return
    share = stable_shares.set_index("cle")["part"] if len(stable_shares) else {}
    rows = list(iterate_rows(result.table))
    table = pd.DataFrame(
        {
            "Pair": [_territory_link(row) for row in rows],
            "Profil": [portrait.describe_territory(row) for row in rows],
            "Points communs et écarts": [portrait.explain_peer(row) for row in rows],
            "Données connues": _describe_known_facts(result.table),
            "Écart": [format_number(row.distance, 2) for row in rows],
            "Stabilité": [format_percent(share.get(row.cle)) for row in rows],
        }
    )
    if result.table["distance"].isna().all():
        table = table.drop(columns="Écart")
    if stable_shares["part"].isna().all():
        table = table.drop(columns="Stabilité")
    text_table(table, ("Pair",))


def _explain_figures(result: search.PeerSearchResult, stable_shares: pd.DataFrame) -> str:
    """Return what the distance and the stability of the peers are."""
    notes = []
    if result.table["distance"].notna().any():
        notes.append(
            f"Écart : différence moyenne de structure, en {unit(result.soi['territoire_niveau'])} "
            f"(0 : même structure ; au-delà de {format_number(result.plafond, 1)}, personne n’est "
            "pair)."
        )
    notes.append(
        stability.describe_stability(result.choix)
        if stable_shares["part"].notna().any()
        else stability.describe_missing_stability(result)
    )
    return "\n\n".join(filter(None, notes))


def _describe_known_facts(table: pd.DataFrame) -> list[str]:
    counts = known_facts.count_known_facts(tuple(table["cle"]))
    return [known_facts.describe_known_facts(counts.loc[key]) for key in table["cle"]]


def show_documented(
    view: PeersParameters, result: search.PeerSearchResult, stable_shares: pd.DataFrame
) -> None:
    """Render the map of the peers, and what is known of them.

    Of too few peers with a known document, the nearest territories that have one stand beside.
    """
    facts = known_facts.count_known_facts(tuple(result.table["cle"]))
    known_count = int((facts["documents"] > 0).sum())
    documented = search.find_documented(result)
    map_column, side_column = st.columns([1, 2])
    with map_column:
        _show_peers_map(result, documented[~documented["cle"].isin(result.table["cle"])])
        with image_bar("carte-pairs"):
            image_buttons("carte-pairs", "pairs", view)
    with side_column:
        if count := len(result.table):
            st.markdown(
                f"De {pluralize(count, 'pair')}, {known_count or 'aucun'} "
                f"{'ont' if known_count > 1 else 'n’a' if not known_count else 'a'} un document "
                "connu."
            )
            comparison_link(view, tuple(result.table["cle"]))
            page_link("themes", "Chercher chez mes pairs", "search", chez=list(result.table["cle"]))
        if len(documented):
            _show_documented_table(view, result, documented)
        if len(result.table):
            st.caption(escape_markdown(_explain_figures(result, stable_shares)))


def _show_peers_map(result: search.PeerSearchResult, others: pd.DataFrame) -> None:
    soi = result.soi
    groups = {
        title: dict(zip(rows["cle"], rows["nom"].map(curly_apostrophes), strict=True))
        for title, rows in (
            (curly_apostrophes(soi["nom"]), soi.to_frame().T),
            ("Pairs", result.table),
            ("Autres, avec un document connu", others),
        )
    }
    names = " ; ".join(f"{title} : {join_words(rows.values())}" for title, rows in groups.items())
    figure = cached_figure(peers_map, groups, is_dark())
    show_map(figure, "carte-pairs", f"Carte. {names}.", f"Pairs {soi['nom_de']}")


def _show_documented_table(
    view: PeersParameters, result: search.PeerSearchResult, documented: pd.DataFrame
) -> None:
    """Render the nearest territories with a known document; those too far are called no peers."""
    near = list(documented.loc[documented["distance"] <= result.plafond, "cle"])
    title = f"{'Pairs' if near else 'Territoires'} dont on sait quelque chose"
    st.subheader(title, anchor="documentes")
    st.markdown("Les plus proches dont un document est connu :")
    if len(near) < len(documented):
        st.warning(
            "Au-delà d’un écart-type, ce ne sont pas des pairs : lisez leurs documents, ne vous "
            "comparez pas à leurs chiffres.",
            icon=":material/balance:",
        )
    text_table(
        {
            "Territoire": [_territory_link(row) for row in iterate_rows(documented)],
            "Écart": [
                f"{format_number(row.distance, 2)} : {describe_distance(row.distance)}"
                for row in iterate_rows(documented)
            ],
            "Données connues": _describe_known_facts(documented),
        },
        ("Territoire",),
    )
    with st.container(horizontal=True):
        page_link("comparer", "Comparer avec eux", "compare_arrows", t=[view.t, *documented["cle"]])
        if near:
            page_link("pairs", "En faire mes pairs", "groups", t=view.t, maniere="liste", avec=near)


def _territory_link(row: object) -> str:
    """Return a Markdown link to the page of a territory."""
    return f"[{escape_markdown(row.nom)}](/territoire?t={row.cle})"


def comparison_link(view: PeersParameters, keys: Sequence[str]) -> None:
    """Render the link to the comparison with the first peers."""
    compared = [view.t, *keys][:MAX_COMPARED]
    page_link(
        "comparer",
        f"Comparer avec les {pluralize(len(compared) - 1, 'premier', 'premiers')}"
        if len(compared) > 2
        else "Comparer avec ce pair",
        "compare_arrows",
        t=compared,
    )


def show_position(
    page: str, view: PeersParameters, keys: tuple[str, ...], name: str
) -> PeersParameters:
    """Render the position of the territory among its peers, one section at a time."""
    view = choose_one(page, view, "rubrique", "Quoi", SECTION_TITLES)
    section = view.rubrique
    points = position.peer_observations(view.t, keys, (section,), view.nommes)
    summary = position.position_summary(points)
    if section == "budgets":
        _show_quoted_amounts(view.t, keys, summary.empty)
        if summary.empty:
            return view
    if summary.empty:
        st.markdown("Aucune donnée, ni ici ni chez les pairs.")
        return view
    figure = cached_figure(bars.position_boxes, summary, points, name)
    if figure is not None:
        show_chart(
            figure,
            f"position-{section}",
            "Position parmi les pairs : quartiles, médiane, un point par pair, un losange pour "
            f"{name}. Le tableau dessous donne les chiffres.",
            (f"position-{section}", view),
        )
        st.caption(
            "Bande : de la moitié centrale des pairs (1er au 3e quartile) ; trait : médiane ; "
            "point : un pair ; losange : vous, qui n’entrez pas dans le calcul."
        )
    # of too few peers, nothing is compared
    is_known = summary["n_renseignes"].map(thresholds.is_enough)
    if is_known.any():
        text_table(_position_table(summary[is_known], name))
    if len(few := summary[~is_known]):
        with st.expander(pluralize(len(few), "ligne") + " sans assez de données"):
            st.caption(
                f"Moins de {thresholds.MIN_SAMPLE} pairs dont la réponse soit connue : rien ne s’y "
                "compare."
            )
            text_table(_position_table(few, name))
    for sentence in position.shared_strategies(points):
        st.caption(escape_markdown(sentence))
    return _rank_on_demand(page, view, points, summary)


def _show_quoted_amounts(key: str, peer_keys: tuple[str, ...], alone: bool) -> None:
    """Render amounts of different objects one by one; `alone` if no others are drawn."""
    rows = budgets.quoted((key, *peer_keys))
    if rows.empty:
        st.markdown("Aucun montant n’est connu, ni ici ni chez les pairs : non renseigné.")
        return
    count = rows["cle"].nunique()
    st.markdown(
        f"{pluralize(count, 'territoire')} de ce groupe {'a' if count == 1 else 'ont'} un montant "
        "connu, mais d’objets différents (un réseau entier, une tranche, la part d’un financeur, "
        "des durées inégales) : lisez-les un par un, nous n’en donnons pas de médiane."
        if alone
        else "Montants d’un autre objet, à lire un par un :"
    )
    text_table(
        {
            "Territoire": rows["nom"].map(curly_apostrophes),
            "Pour quoi": rows["quoi"],
            "Montant": rows["texte"],
            "Pourquoi non comparé": rows["pourquoi"],
            "Document": [
                f"[{escape_markdown(curly_apostrophes(title))}](/territoire?t={cle}#budgets)"
                for title, cle in zip(rows["titre"], rows["cle"], strict=True)
            ],
        },
        ("Document",),
    )


def _position_table(summary: pd.DataFrame, name: str) -> TextColumns:
    return {
        "Mesure": summary["titre"],
        name: [
            f"{_ANSWERS[row.ici]} : {row.texte}" if row.forme == "oui_non" else row.texte
            for row in iterate_rows(summary)
        ],
        "Les pairs": summary["phrase"],
        "Porte sur": [curly_apostrophes(capitalize_first(text)) for text in summary["portee"]],
    }


def _rank_on_demand(
    page: str, view: PeersParameters, points: pd.DataFrame, summary: pd.DataFrame
) -> PeersParameters:
    """Render the ranks if the reader asks for them, since a rank is not a merit."""
    numbers = summary[(summary["forme"] == "valeur") & (summary["portee"] != "")]
    numbers = numbers[numbers["n_renseignes"] > 0]
    if numbers.empty:
        return view
    show_ranks = st.toggle(
        "Montrer aussi les valeurs de chacun, de la plus haute à la plus basse",
        key=widget_key(page, view, "rang"),
        help="Un rang ne dit rien du mérite, ni de ceux dont la valeur n’est pas renseignée.",
    )
    view = update_parameters(page, view, rang=show_ranks)
    if show_ranks:
        for row in iterate_rows(numbers):
            ranked = position.rank(points, row.quantite)
            st.markdown(f"**{escape_markdown(row.titre)}**")
            text_table(
                {
                    "Rang": ranked["rang"].astype(str),
                    "Territoire": ranked["nom"],
                    "Valeur": ranked["texte"],
                }
            )
    return view
