"""The whole dataset as one package of the format: tables, schemas, vocabularies, licence.

It can be validated, hosted elsewhere, or imported again; the same dataset gives the same bytes.
"""

import json

from comparisons.database.connection import dataset_metadata
from comparisons.exports import table_files, table_writers
from comparisons.formatting import format_number
from comparisons.queries.catalog import table_catalog
from comparisons.queries.selection import Selection
from comparisons.schema.model import load_format
from comparisons.settings import FORMAT_DIR


def to_package_zip(site: str) -> bytes:
    """Return the package as a zip; `site` is the address of the site, for its README."""
    members: dict[str, bytes] = {
        "datapackage.json": _as_json(_descriptor(site)),
        "README.md": _readme(site).encode("utf-8"),
    }
    for name in load_format().tables:
        members[f"{name}.csv"] = table_files.to_bytes(Selection.from_query(name, {}), "csv", "")
        members[f"schemas/{name}.json"] = (FORMAT_DIR / "schemas" / f"{name}.json").read_bytes()
    for path in sorted((FORMAT_DIR / "vocabulaires").glob("*.csv")):
        members[f"vocabulaires/{path.name}"] = path.read_bytes()
    return table_writers.dated_zip(members)


def _descriptor(site: str) -> dict:
    """Return the descriptor of the package (Data Package v2)."""
    base = json.loads((FORMAT_DIR / "datapackage.json").read_text(encoding="utf-8"))
    data = dataset_metadata()
    return base | {
        "name": "stratoscope",
        "title": "Stratoscope : stratégies numériques des territoires français",
        "version": f"{load_format().version}+{data['version']}",
        "created": f"{data['date']}T00:00:00Z",
        # which the standard wants whole
        **({"homepage": site} if site.startswith("http") else {}),
        "conformeA": f"strategie-numerique-territoriale@{load_format().version}",
        "sources": [{"title": "Documents publics cités dans la table « sources »",
                     "path": "sources.csv"}],
        "citation": table_writers.citation_sentence(),
    }  # fmt: skip


def _readme(site: str) -> str:
    """Return the README of the package, in French: content, use, citation."""
    data = dataset_metadata()
    lines = [
        "# Stratoscope : stratégies numériques des territoires français",
        "",
        f"Version {data['version']}, données du {data['date']}. Format « stratégie numérique "
        f"territoriale » {load_format().version}. {table_writers.LICENCE}.",
        "",
        "| fichier | lignes | une ligne est |",
        "|---|---|---|",
    ]
    for row in table_catalog().itertuples():
        if row.nom in load_format().tables:
            first_sentence = row.description.split(". ")[0].rstrip(".")
            lines.append(f"| `{row.nom}.csv` | {format_number(row.nb_lignes)} | {first_sentence} |")
    lines += [
        "",
        "Les colonnes sont décrites dans `schemas/`, les codes dans `vocabulaires/`. Une cellule "
        "vide veut dire « non renseigné », jamais zéro. Un texte qui commencerait comme une "
        "formule de tableur est précédé d’une apostrophe : en retirer une rend le texte d’origine.",
        "",
        "À savoir avant de s’en servir :",
        "",
        "- `certitude` = `deduit` : tiré de la source sans y être écrit. La moitié des axes "
        "le sont : leurs mots et leur rang ne se comparent pas.",
        "- `inclus_dans` rend les sommes sûres : n’additionnez que les lignes où il est vide, "
        "dans une même stratégie, un même périmètre et une même étape ; jamais les "
        "parties d’un tout.",
        "- Deux montants ne se comparent qu’à objet égal (`etendue`, payeur, durée, territoire) ; "
        "`abandonne` = `oui` n’entre dans aucun calcul. Ne mêlez pas réseaux et usages.",
        "- Une liste d’axes est partielle sauf si `liste_axes` = `complete` : un thème qui n’y "
        "est pas peut être dans le document. Deux indicateurs ne se comparent "
        "qu’à `definition` égale.",
        "- Une recherche porte sur un territoire, pas sur un type de document, sauf si elle "
        "le dit : l’absence d’une stratégie n’en prouve pas l’inexistence.",
        "",
        f"Pour citer : {table_writers.citation_sentence()}",
        "",
        f"Tables calculées, comparaisons et requêtes : {site}donnees",
        "",
    ]
    return "\n".join(lines)


def _as_json(value: dict) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode("utf-8")
