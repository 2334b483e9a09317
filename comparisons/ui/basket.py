"""The basket: up to six territories kept in the session and in the address of every page."""

import streamlit as st

from comparisons.formatting import escape_markdown, pluralize
from comparisons.page_parameters import MAX_COMPARED, BasketParameters
from comparisons.queries.territories import load_territories
from comparisons.rows import iterate_rows

_STATE_KEY = "panier"


def basket_keys() -> tuple[str, ...]:
    """Return the keys of the territories in the basket."""
    return st.session_state.get(_STATE_KEY, ())


def open_basket() -> None:
    """Read the basket from the address if it holds one; otherwise keep that of the session."""
    query = {_STATE_KEY: st.query_params.get_all(_STATE_KEY)}
    if st.session_state.pop("panier:choix", False):
        # a click may be sent with an outdated address, which must not undo it
        st.session_state["panier:adresse"] = query[_STATE_KEY]
    if query[_STATE_KEY] == st.session_state.get("panier:adresse"):
        return
    st.session_state["panier:adresse"] = query[_STATE_KEY]
    if query[_STATE_KEY]:
        view, notices = BasketParameters.from_query(query)
        territories = load_territories(view.panier)
        st.session_state[_STATE_KEY] = tuple(territories["cle"])
        for notice in notices:
            st.warning(escape_markdown(notice), icon=":material/info:")


def to_query() -> dict[str, list[str]]:
    """Return the basket as parameters of an address, lists of values by name."""
    query = BasketParameters(panier=basket_keys()).to_query()
    st.session_state["panier:adresse"] = query.get(_STATE_KEY, [])
    return query


def _add_to_basket(key: str) -> None:
    """Add a territory to the basket, unless it is full."""
    st.session_state["panier:choix"] = True
    if key in basket_keys():
        st.toast("Ce territoire est déjà dans le panier.", icon=":material/check:")
    elif len(basket_keys()) >= MAX_COMPARED:
        st.toast(
            f"Le panier est plein ({MAX_COMPARED} territoires) : retirez-en un d’abord.",
            icon=":material/block:",
        )
    else:
        st.session_state[_STATE_KEY] = (*basket_keys(), key)
        st.toast(f"Ajouté : {pluralize(len(basket_keys()), 'territoire')} dans le panier.")


def _remove_from_basket(*keys: str) -> None:
    """Remove territories from the basket."""
    st.session_state["panier:choix"] = True
    st.session_state[_STATE_KEY] = tuple(key for key in basket_keys() if key not in keys)


def basket_menu(is_compact: bool = False) -> None:
    """Render the basket: its territories, a button to remove each, a link to compare them.

    A compact one, for phones, has no name beside its icon.
    """
    keys = basket_keys()
    with st.popover(
        f"({len(keys)})" if is_compact else f"Panier ({len(keys)})",
        help="Panier : les territoires à comparer" if is_compact else None,
        icon=":material/shopping_basket:",
        width="content",
        key="panier:menu",
    ):
        if not keys:
            st.markdown(
                f"Gardez jusqu’à {MAX_COMPARED} territoires pour les comparer : bouton « Ajouter "
                "au panier » d’une fiche."
            )
            return
        for row in iterate_rows(load_territories(keys)):
            st.button(
                escape_markdown(row.libelle),
                icon=":material/close:",
                key=f"panier:retirer:{row.cle}",
                on_click=_remove_from_basket,
                args=(row.cle,),
                help="Retirer",
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
            on_click=_remove_from_basket,
            args=keys,
            key="panier:vider",
        )


def basket_button(key: str, location: str) -> None:
    """Render the button that adds a territory to the basket or removes it.

    `location` distinguishes the widget keys of the buttons of one page.
    """
    in_basket = key in basket_keys()
    st.button(
        "Dans le panier" if in_basket else "Ajouter au panier",
        icon=":material/check:" if in_basket else ":material/add:",
        key=f"panier:{location}",
        on_click=_remove_from_basket if in_basket else _add_to_basket,
        args=(key,),
        help="Retirer du panier" if in_basket else None,
    )
