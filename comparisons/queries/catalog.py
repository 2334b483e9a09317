"""List the tables and describe their columns."""

import pandas as pd

from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.schema.model import Table, load_format
from comparisons.schema.registry import tables

_FORMAT_GROUP, _DERIVED_GROUP, _REFERENCE_GROUP = "format", "derivees", "reference"
GROUPS = {
    _FORMAT_GROUP: "Tables du format : les faits relevés",
    _DERIVED_GROUP: "Tables calculées à partir des faits",
    _REFERENCE_GROUP: "Tables de référence : territoires, codes, versions",
}
TYPE_NAMES = {
    "string": "texte",
    "integer": "nombre entier",
    "number": "nombre",
    "year": "année",
    "boolean": "oui ou non",
    "list": "liste, séparée par « | »",
}
_REFERENCE_TABLES = (
    "territoires",
    "voisins",
    "jumeaux",
    "anciennes_communes",
    "appartenances",
    "questions",
    "competences",
    "ruptures",
    "vocabulaires",
    "paquets",
    "editions",
    "changements",
    "jeu_de_donnees",
)


def table_group(name: str) -> str:
    """Return the group of a table, a code of `GROUPS`."""
    if name in load_format().tables:
        return _FORMAT_GROUP
    return _REFERENCE_GROUP if name in _REFERENCE_TABLES else _DERIVED_GROUP


@cached
def table_catalog() -> pd.DataFrame:
    """List the tables: `nom`, `titre`, `description`, `famille` (of `GROUPS`), `nb_lignes`."""
    sql = " UNION ALL ".join(f"SELECT '{name}' AS nom, count(*) FROM {name}" for name in tables())
    counts = dict(query(sql).itertuples(index=False))
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


def data_dictionary(table: Table) -> pd.DataFrame:
    """Describe the columns of a table, with the share of filled cells and the distinct values.

    Returns `colonne`, `titre`, `description`, `type`, `unite`, `vocabulaire`, `obligatoire`,
    `vide_signifie` (where an empty cell tells something), `exemple`, `part_renseignee` (0 to 1;
    missing for a table without rows), `nb_valeurs` (distinct ones).
    """
    expressions = ", ".join(
        f'count("{column}") / nullif(count(*), 0) AS "p_{column}", '
        f'count(DISTINCT "{column}") AS "n_{column}"'
        for column in table.columns
    )
    counts = query(f"SELECT {expressions} FROM {table.name}").iloc[0]
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
            "part_renseignee": counts[f"p_{field.name}"],
            "nb_valeurs": int(counts[f"n_{field.name}"]),
        }
        for field in table.fields
    )
