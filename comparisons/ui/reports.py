"""Build and render the ways to write to the owner of the site, above all that a fact is wrong."""

from urllib.parse import quote, urlencode, urlsplit

import streamlit as st

from comparisons.formatting import escape_markdown
from comparisons.settings import site_contact


def report_error_link(table: str, identifier: str, label: str = "Signaler une erreur") -> str:
    """Return the Markdown link to the form on which a reader says that a fact is wrong.

    `table` is one of the format; `identifier` is the key of the row, its columns joined by « / »
    as in the list of changes.
    """
    query = urlencode({"table": table, "fait": identifier}, quote_via=quote)
    return f"[{escape_markdown(label)}](contact?{query}#signaler)"


def show_write_button(subject: str, body: str) -> None:
    """Render the button that opens a message to the owner of the site, who has an address."""
    contact = site_contact()
    label = "Ouvrir la page de contact" if contact.startswith("http") else f"Écrire à {contact}"
    st.link_button(label, message_address(subject, body), icon=":material/mail:")


def message_address(subject: str, body: str) -> str:
    """Return the address that opens a message to the owner of the site; empty without contact.

    A web address gets the message only if it is that of a new ticket, whose form can be filled.
    """
    contact = site_contact()
    if contact and not contact.startswith("http"):
        return f"mailto:{contact}?{urlencode({'subject': subject, 'body': body}, quote_via=quote)}"
    if urlsplit(contact).path.endswith("/issues/new"):
        return f"{contact}?{urlencode({'title': subject, 'body': body}, quote_via=quote)}"
    return contact
