"""Render the README and the licence of a standard package."""

import re
from collections.abc import Mapping

from comparisons.formatting import format_number
from comparisons.schema.model import load_format

_MARKDOWN_CHARACTERS = re.compile(r"([\\`*_{}\[\]<>()#+!|~&])")
_PUBLISH_SECTION = """\
## Le publier

Trois façons, qui se complètent :

1. **Sur votre portail de données ouvertes.** Déposez les fichiers dans un même dossier, avec
   `datapackage.json` : son adresse suffit à qui veut relire le paquet.
2. **Sur [data.gouv.fr](https://www.data.gouv.fr).** Créez un jeu de données au nom de votre
   organisation, déposez-y l’archive et les tables, et choisissez la licence ci-dessous. Si le
   format figure sur [schema.data.gouv.fr](https://schema.data.gouv.fr), indiquez-le comme schéma
   de chaque table.
3. **Dans Stratoscope.** Proposez l’ajout d’un dossier `data/strategies/{name}/` par une
   *pull request* (demande de fusion) sur le dépôt du projet : les fichiers de cette archive, sans
   le dossier `schemas/`. Le contrôle est relancé, et relu, avant publication.

## Le charger

Sur une installation de Stratoscope :

```
python -m comparisons validate {name}.zip
python -m comparisons import {name}.zip
python -m comparisons build
```

`import` montre ce que le paquet ajoute et ce qu’il remplace, et demande une confirmation. Pour le
garder hors du projet, décompressez-le dans un dossier de paquets que nomme la variable
`STRATOSCOPE_PACKAGES`.

"""
_READ_SECTION = """\
## Le lire

Les tables sont en CSV (UTF-8, virgule, point décimal) ; les colonnes sont décrites par le format.
Une cellule vide veut dire « non renseigné », jamais zéro. Un texte qui commencerait comme une
formule de tableur est précédé d’une apostrophe : en retirer une rend le texte d’origine.
"""


def render_readme(descriptor: Mapping, counts: Mapping[str, int], to_publish: bool = True) -> str:
    """Render the README in Markdown; `counts` is the number of rows by table.

    Without `to_publish` (a past state) it does not explain how to publish and load the package.
    """
    lines = [f"# {_escape(descriptor['title'])}", ""]
    if descriptor.get("description"):
        lines += [_escape(descriptor["description"]), ""]
    lines += [
        "Paquet de données au format « stratégie numérique territoriale » "
        f"{load_format().version}, version {_escape(descriptor['version'])}"
        + (f", du {descriptor['created'][:10]}" if "created" in descriptor else "")
        + ".",
        "",
        "| fichier | lignes | contenu |",
        "|---|---|---|",
        *(
            f"| `{name}.csv` | {format_number(rows)} | {load_format().tables[name].title} |"
            for name, rows in counts.items()
        ),
        "",
        (_PUBLISH_SECTION.format(name=descriptor["name"]) if to_publish else "") + _READ_SECTION,
        "## Licence",
        "",
        render_licence(descriptor),
    ]
    return "\n".join(lines)


def render_licence(descriptor: Mapping) -> str:
    """Render the licences of the facts, and the authors to cite."""
    licence_names = [
        " : ".join(str(item[key]) for key in ("title", "path") if item.get(key)) or item.get("name")
        for item in descriptor["licenses"]
    ]
    authors = [item["title"] for item in descriptor.get("contributors", [])]
    lines = [f"Licence : {_escape(name)}" for name in licence_names if name]
    lines += [f"À citer : {_escape(', '.join(authors))}"] if authors else []
    return "\n\n".join(lines) + "\n"


def _escape(text: object) -> str:
    """Escape a text for Markdown and HTML, except for addresses."""
    return " ".join(
        word
        if re.fullmatch(r"https?://[\w./%-]+", word)
        else _MARKDOWN_CHARACTERS.sub(r"\\\1", word)
        for word in str(text).split()
    )
