"""Render the documentation of the API: addresses, filters, example script."""

import streamlit as st

from comparisons.page_parameters import DataParameters
from comparisons.queries.filters import OPERATOR_SEPARATOR, OPERATORS
from comparisons.queries.selection import RESERVED_PARAMETERS
from comparisons.settings import PROJECT_DIR
from comparisons.ui.state import base_url
from comparisons.ui.tables import source_line, text_table

_SCRIPT = PROJECT_DIR / "docs" / "reproduire_une_comparaison.py"
# expression by which the script reads the address of the site from the command line
_ARGUMENT = "f\"{sys.argv[1].rstrip('/')}/api/v1\""
_ADDRESSES = (
    ("Ce qui peut être lu", "api/v1/"),
    ("Description de toutes les adresses (OpenAPI)", "api/v1/openapi.json"),
    ("La même, à lire et à essayer", "api/v1/docs"),
    ("La méthode", "api/v1/methode.md"),
    ("La citation", "api/v1/citation.bib"),
    ("Toutes les tables du format, en un paquet", "api/v1/package.zip"),
    ("Une table, filtrée", "api/v1/tables/budgets.csv?perimetre=usages&montant__gte=100000"),
    ("Le dictionnaire d’une table", "api/v1/schemas/budgets.json"),
    ("Les stratégies des régions, sur une carte",
     "api/v1/tables/strategies.gpkg?territoire_niveau=region"),
    ("Une comparaison", "api/v1/comparaison.json?t=departement-35,departement-29"),
    ("Des pairs", "api/v1/pairs.json?t=departement-53"),
    ("Une requête SQL", "api/v1/sql?q=SELECT count(*) FROM strategies"),
    ("Une recherche dans les textes", "api/v1/textes?q=médiation"),
    ("Un territoire, par son nom", "api/v1/recherche?q=st brieuc"),
    ("Les contours des cartes", "api/v1/geo/departement.geojson"),
)  # fmt: skip


def show_api_docs(page: str, view: DataParameters) -> None:
    """Render the documentation of the API."""
    st.markdown(
        "Tout ce que ces pages montrent se lit aussi par une adresse, sans compte ni clé, depuis "
        "tout site et tout langage. Les noms sont ceux du format, partout les mêmes."
    )
    text_table(
        {
            "Quoi": [title for title, _ in _ADDRESSES],
            "Adresse": [
                f"[`/{path}`]({base_url()}{path.replace(' ', '%20')})" for _, path in _ADDRESSES
            ],
        },
        ("Adresse",),
    )
    st.markdown(
        "Avec `lang=en`, ce qui décrit les données est en anglais : documentation, dictionnaires, "
        "méthode, citation, paquet. Les noms et les codes restent les mêmes."
    )
    st.header("Un exemple en dix lignes", anchor="exemple", divider="gray")
    st.markdown(
        "Ce programme Python compare deux régions, puis recalcule les euros par habitant à partir "
        "de la table d’où ils viennent."
    )
    site_address = f'"{base_url().rstrip("/")}/api/v1"'
    script = _SCRIPT.read_text(encoding="utf-8")
    script = script.replace(_ARGUMENT, site_address).replace("import sys\n\n", "")
    # the colours of syntax highlighting lack contrast
    st.code(script, language=None, wrap_lines=True)
    st.header("Demander", anchor="demander", divider="gray")
    st.markdown(
        "Un filtre s’écrit `colonne=valeur` ou `colonne__operateur=valeur`. Un filtre faux est "
        "refusé, avec la façon de le corriger : il ne donne jamais la table entière."
    )
    text_table(
        {
            "Opérateur": [
                f"`{OPERATOR_SEPARATOR}{operator.name}`" if operator.name else "`=`"
                for operator in OPERATORS.values()
            ],
            "Garde les lignes où la colonne": [operator.help for operator in OPERATORS.values()],
        },
        ("Opérateur",),
    )
    text_table(
        {
            "Paramètre": [f"`{name}`" for name in RESERVED_PARAMETERS],
            "Effet": list(RESERVED_PARAMETERS.values()),
        },
        ("Paramètre",),
    )
    st.markdown(
        "Sans `_limite`, une table vient entière. Avec elle, l’en-tête `Link` mène à la page "
        'suivante (`rel="next"`) et `X-Total-Count` dit combien de lignes répondent. `ETag` dit '
        "si rien n’a changé ; avec `_version`, l’adresse se garde pour toujours. Les erreurs sont "
        'du JSON : `{"erreur": "…"}`.'
    )
    source_line()
