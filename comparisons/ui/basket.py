"""The basket: up to six territories kept from page to page, and in the address of each."""

import streamlit as st

from comparisons.database.cache import cached
from comparisons.formatting import escape_markdown, pluralize
from comparisons.parameters import MAX_COMPARED, BasketParameters
from comparisons.queries.territories import load_territories
from comparisons.schema.territory import parse_key

_HELD = "panier"


def basket_keys() -> tuple[str, ...]:
    """Return keys of the territories in the basket."""
    return st.session_state.get(_HELD, ())


def open_basket() -> None:
    """Take the basket of the address, if it has one; keep the reader's otherwise."""
    query = {_HELD: st.query_params.get_all(_HELD)}
    if st.session_state.pop("panier:choix", False):
        # a choice may come with an address that is out of date
        st.session_state["panier:adresse"] = query[_HELD]
    if query[_HELD] == st.session_state.get("panier:adresse"):
        return
    st.session_state["panier:adresse"] = query[_HELD]
    if query[_HELD]:
        view, notices = BasketParameters.from_query(query)
        known = cached(load_territories)(tuple(map(parse_key, view.panier)))
        st.session_state[_HELD] = tuple(known["cle"])
        for notice in notices:
            st.warning(escape_markdown(notice), icon=":material/info:")


def to_query() -> dict[str, list[str]]:
    """Write the basket as parameters of an address."""
    query = BasketParameters(panier=basket_keys()).to_query()
    st.session_state["panier:adresse"] = query.get(_HELD, [])
    return query


def add_to_basket(key: str) -> None:
    """Place a territory into the basket, unless it is full."""
    st.session_state["panier:choix"] = True
    if key in basket_keys():
        st.toast("Ce territoire est déjà dans le panier.", icon=":material/check:")
    elif len(basket_keys()) >= MAX_COMPARED:
        st.toast(
            f"Le panier est plein ({MAX_COMPARED} territoires) : retirez-en un d’abord.",
            icon=":material/block:",
        )
    else:
        st.session_state[_HELD] = (*basket_keys(), key)
        st.toast(f"Ajouté : {pluralize(len(basket_keys()), 'territoire')} dans le panier.")


def remove_from_basket(*keys: str) -> None:
    """Extract territories from the basket."""
    st.session_state["panier:choix"] = True
    st.session_state[_HELD] = tuple(key for key in basket_keys() if key not in keys)


def basket_menu() -> None:
    """Render the basket: what is in it, taking one out, comparing all."""
    keys = basket_keys()
    with st.popover(
        f"Panier ({len(keys)})",
        icon=":material/shopping_basket:",
        width="stretch",
        key="panier:menu",
    ):
        if not keys:
            st.markdown(
                f"Gardez jusqu’à {MAX_COMPARED} territoires pour les comparer : bouton « Ajouter "
                "au panier » d’une fiche."
            )
            return
        for row in cached(load_territories)(tuple(map(parse_key, keys))).itertuples():
            name, button = st.columns([5, 1], vertical_alignment="center")
            name.markdown(escape_markdown(row.libelle))
            button.button(
                f"Retirer {row.nom}",
                icon=":material/close:",
                key=f"panier:retirer:{row.cle}",
                on_click=remove_from_basket,
                args=(row.cle,),
                type="tertiary",
            )
        st.page_link(
            "comparer.py",
            label="Comparer ces territoires",
            icon=":material/compare_arrows:",
            query_params={"t": list(keys)},
            disabled=len(keys) < 2,
        )
        st.button(
            "Vider le panier",
            icon=":material/delete:",
            on_click=remove_from_basket,
            args=keys,
            key="panier:vider",
        )


def basket_button(key: str, place: str) -> None:
    """Offer to put a territory into the basket, or say that it is there; `place` names where."""
    inside = key in basket_keys()
    st.button(
        "Dans le panier" if inside else "Ajouter au panier",
        icon=":material/check:" if inside else ":material/add:",
        key=f"panier:{place}",
        on_click=remove_from_basket if inside else add_to_basket,
        args=(key,),
        help="Retirer du panier" if inside else None,
    )
