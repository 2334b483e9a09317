"""The whole dataset as one package of the format: tables, schemas, vocabularies, licence.

It can be validated, hosted elsewhere, or imported again; the same dataset gives the same bytes.
"""

import json

import pandas as pd

from comparisons.database.connection import dataset_metadata
from comparisons.exports import table_files, table_writers
from comparisons.formatting import format_number
from comparisons.queries.catalog import table_catalog
from comparisons.queries.selection import Selection
from comparisons.rows import iterate_rows
from comparisons.schema.model import load_format
from comparisons.settings import FORMAT_DIR
from comparisons.tabular_files import to_csv
from comparisons.translation import FRENCH, translate, translate_values

_TITLE = "Stratoscope : stratégies numériques des territoires français"
# texts of the descriptor and of the schemas, columns of the vocabularies
_TRANSLATED_KEYS = ("title", "description", "unite", "videSignifie")
_TRANSLATED_COLUMNS = ("libelle", "definition")
_IDENTITY = (
    "Version {version}, données du {date}. Format « stratégie numérique territoriale » {format}. "
    "{licence}."
)
_CONTENT = (
    "Les colonnes sont décrites dans `schemas/`, les codes dans `vocabulaires/`. Une cellule vide "
    "veut dire « non renseigné », jamais zéro. Un texte qui commencerait comme une formule de "
    "tableur est précédé d’une apostrophe : en retirer une rend le texte d’origine."
)
_WARNINGS = (
    "`certitude` = `deduit` : tiré de la source sans y être écrit. La moitié des axes le sont : "
    "leurs mots et leur rang ne se comparent pas.",
    "`inclus_dans` rend les sommes sûres : n’additionnez que les lignes où il est vide, dans une "
    "même stratégie, un même périmètre et une même étape ; jamais les parties d’un tout.",
    "Deux montants ne se comparent qu’à objet égal (`etendue`, payeur, durée, territoire) ; "
    "`abandonne` = `oui` n’entre dans aucun calcul. Ne mêlez pas réseaux et usages.",
    "Une liste d’axes est partielle sauf si `liste_axes` = `complete` : un thème qui n’y est pas "
    "peut être dans le document. Deux indicateurs ne se comparent qu’à `definition` égale.",
    "Une recherche porte sur un territoire, pas sur un type de document, sauf si elle le dit : "
    "l’absence d’une stratégie n’en prouve pas l’inexistence.",
)
_OTHER_LANGUAGE = "In English: {adresse}?lang=en"


def to_package_zip(site: str, language: str = FRENCH) -> bytes:
    """Return the package as a zip; `site` is the address of the site, for its README.

    What describes the tables is in a language; names and codes are the same in all.
    """
    members: dict[str, bytes] = {
        "datapackage.json": _as_json(_descriptor(site, language)),
        "README.md": _readme(site, language).encode("utf-8"),
    }
    for name in load_format().tables:
        members[f"{name}.csv"] = table_files.to_bytes(Selection.from_query(name, {}), "csv", "")
        schema = (FORMAT_DIR / "schemas" / f"{name}.json").read_bytes()
        members[f"schemas/{name}.json"] = (
            schema if language == FRENCH else _as_json(_translated(json.loads(schema), language))
        )
    for path in sorted((FORMAT_DIR / "vocabulaires").glob("*.csv")):
        members[f"vocabulaires/{path.name}"] = (
            path.read_bytes() if language == FRENCH else to_csv(_vocabulary(path.stem, language))
        )
    return table_writers.dated_zip(members)


def _translated(value: dict, language: str) -> dict:
    return translate_values(value, _TRANSLATED_KEYS, language)


def _vocabulary(name: str, language: str) -> pd.DataFrame:
    rows = load_format().vocabularies[name].copy()
    for column in _TRANSLATED_COLUMNS:
        rows[column] = [translate(text, language) for text in rows[column]]
    return rows


def _descriptor(site: str, language: str) -> dict:
    """Return the descriptor of the package (Data Package v2)."""
    base = json.loads((FORMAT_DIR / "datapackage.json").read_text(encoding="utf-8"))
    data = dataset_metadata()
    content = base | {
        "name": "stratoscope",
        "title": _TITLE,
        "version": f"{load_format().version}+{data['version']}",
        "created": f"{data['date']}T00:00:00Z",
        # which the standard wants whole
        **({"homepage": site} if site.startswith("http") else {}),
        "conformeA": f"strategie-numerique-territoriale@{load_format().version}",
        "sources": [{"title": "Documents publics cités dans la table « sources »",
                     "path": "sources.csv"}],
    }  # fmt: skip
    return _translated(content, language) | {
        "keywords": [translate(word, language) for word in content["keywords"]],
        "citation": table_writers.citation_sentence(language),
    }


def _readme(site: str, language: str) -> str:
    """Return the README of the package: content, use, citation."""

    def tell(text: str, **values: object) -> str:
        return translate(text, language).format(**values)

    data, described = dataset_metadata(), load_format()
    lines = [
        f"# {tell(_TITLE)}",
        "",
        tell(_IDENTITY, version=data["version"], date=data["date"], format=described.version,
             licence=tell(table_writers.LICENCE)),
        "",
        tell("| fichier | lignes | une ligne est |"),
        "|---|---|---|",
    ]  # fmt: skip
    for row in iterate_rows(table_catalog()):
        if row.nom in described.tables:
            first_sentence = translate(row.description, language).split(". ")[0].rstrip(".")
            count = format_number(row.nb_lignes, locale=language)
            lines.append(f"| `{row.nom}.csv` | {count} | {first_sentence} |")
    lines += ["", tell(_CONTENT), "", tell("À savoir avant de s’en servir :"), ""]
    lines += [f"- {tell(warning)}" for warning in _WARNINGS]
    citation = table_writers.citation_sentence(language)
    lines += [
        "",
        tell("Pour citer : {citation}", citation=citation),
        "",
        tell("Tables calculées, comparaisons et requêtes : {adresse}", adresse=f"{site}donnees"),
        "",
        tell(_OTHER_LANGUAGE, adresse=f"{site}api/v1/package.zip"),
        "",
    ]
    return "\n".join(lines)


def _as_json(value: dict) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode("utf-8")
