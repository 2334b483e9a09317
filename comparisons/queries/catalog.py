"""The tables as researchers read them: listed, described, filtered, sorted, written to files."""

import pandas as pd

from comparisons.database.connection import dataset_metadata, per_version, query
from comparisons.schema.model import Table, load_format
from comparisons.schema.registry import tables

FORMAT_GROUP, DERIVED_GROUP, REFERENCE_GROUP = "format", "derivees", "reference"
GROUPS = {
    FORMAT_GROUP: "Tables du format : les faits relevés",
    DERIVED_GROUP: "Tables calculées à partir des faits",
    REFERENCE_GROUP: "Tables de référence : territoires, codes, versions",
}
TYPE_NAMES = {
    "string": "texte",
    "integer": "nombre entier",
    "number": "nombre",
    "year": "année",
    "boolean": "oui ou non",
    "list": "liste, séparée par « | »",
}
_REFERENCE = (
    "territoires",
    "voisins",
    "jumeaux",
    "anciennes_communes",
    "appartenances",
    "vocabulaires",
    "paquets",
    "editions",
    "changements",
    "jeu_de_donnees",
)


def table_group(name: str) -> str:
    """Return what kind of table it is, by a code of `GROUPS`."""
    if name in load_format().tables:
        return FORMAT_GROUP
    return REFERENCE_GROUP if name in _REFERENCE else DERIVED_GROUP


def table_catalog() -> pd.DataFrame:
    """List the tables: `nom`, `titre`, `description`, `famille` (of `GROUPS`), `nb_lignes`."""
    counts = _counts(str(dataset_metadata()["version"]))
    return pd.DataFrame(
        [
            (
                table.name,
                table.title,
                table.description,
                table_group(table.name),
                counts[table.name],
            )
            for table in tables().values()
        ],
        columns=["nom", "titre", "description", "famille", "nb_lignes"],
    )


@per_version()
def _counts(version: str) -> dict[str, int]:
    counted = " UNION ALL ".join(
        f"SELECT '{name}' AS nom, count(*) FROM {name}" for name in tables()
    )
    return dict(query(counted).itertuples(index=False))


def data_dictionary(table: Table) -> pd.DataFrame:
    """Describe the columns of a table, with what the database holds of each.

    Returns `colonne`, `titre`, `description`, `type`, `unite`, `vocabulaire`, `obligatoire`,
    `vide_signifie` (where an empty cell tells something), `exemple`, `part_renseignee` (0 to 1;
    missing for a table without rows), `nb_valeurs` (distinct ones).
    """
    return _dictionary(str(dataset_metadata()["version"]), table.name).copy()


@per_version(size=64)
def _dictionary(version: str, name: str) -> pd.DataFrame:
    table = tables()[name]
    measures = ", ".join(
        f'count("{c}") / nullif(count(*), 0) AS "p_{c}", count(DISTINCT "{c}") AS "n_{c}"'
        for c in table.columns
    )
    measured = query(f"SELECT {measures} FROM {name}").iloc[0]
    return pd.DataFrame(
        {
            "colonne": field.name,
            "titre": field.title,
            "description": field.description,
            "type": field.type,
            "unite": field.unit,
            "vocabulaire": field.vocabulary,
            "obligatoire": field.required,
            "vide_signifie": field.empty_means,
            "exemple": field.example,
            "part_renseignee": measured[f"p_{field.name}"],
            "nb_valeurs": int(measured[f"n_{field.name}"]),
        }
        for field in table.fields
    )
