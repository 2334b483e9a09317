"""Documents of the full-text search: the texts of the dataset, their subject and source.

A document is one row of a table of the format; for `mutualisations`, which repeat one fact for
many territories, it is one service and solution that an organisation offers. A document has one
territory (that of its strategy, the lead) or one organisation; its passages are its texts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from comparisons.database.connection import cursor
from comparisons.queries.periods import to_periods

ORGANISATION = "organisme"
# Table → its searched columns and their weights, in the order of display. Names weigh more than
# descriptions, and descriptions more than secondary texts.
FIELDS = MappingProxyType(
    {
        "priorites": {"intitule": 1.0, "description": 0.6, "theme": 0.3},
        "strategies": {"titre": 1.0, "resume": 0.6, "gouvernance": 0.4, "porteur_nom": 0.4},
        "budgets": {"libelle": 0.8, "financeur_nom": 0.4},
        "indicateurs": {"libelle": 0.8},
        "partenaires": {"nom": 0.8, "sigle": 0.8},
        "mutualisations": {"solution": 0.5, "service": 0.3},
    }
)
# Labels of this project's vocabularies, not texts of the sources.
LABELS = ("theme", "service")
_SQL = """
    WITH axes AS (
        SELECT *, list_concat([theme], coalesce(themes_secondaires, [])) AS themes FROM priorites
    ),
    libelles_themes AS (
        SELECT themes, string_agg(libelle, ' · ' ORDER BY list_position(themes, code)) AS libelles
        FROM (SELECT DISTINCT themes FROM axes)
        JOIN vocabulaires ON vocabulaire = 'themes' AND list_contains(themes, code)
        GROUP BY themes
    ),
    services AS (
        SELECT partenaire_id, service, solution, list(DISTINCT t.nom ORDER BY t.nom) AS aussi,
               min(annee_debut) AS annee_debut,
               list(DISTINCT cle(t.territoire_niveau, t.territoire_code)) AS cles,
               arg_min(struct_pack(certitude, source_id, localisation),
                       (m.certitude <> 'explicite', source_id)) AS dit
        FROM mutualisations m JOIN territoires t USING (territoire_niveau, territoire_code)
        GROUP BY partenaire_id, service, solution
    ),
    partages AS (
        SELECT strategie_id,
               list(DISTINCT t.nom ORDER BY t.nom) FILTER (c.lien <> 'propre') AS aussi,
               list(DISTINCT cle(t.territoire_niveau, t.territoire_code)) AS cles
        FROM territoires_couverts c JOIN territoires t USING (territoire_niveau, territoire_code)
        WHERE c.lien <> 'aire' GROUP BY strategie_id
    ),
    lies AS (
        SELECT partenaire_id, list(DISTINCT cle(territoire_niveau, territoire_code)) AS cles
        FROM mutualisations GROUP BY partenaire_id
    ),
    documents AS (
        SELECT 'priorites' AS "table", strategie_id || '/' || rang AS identifiant,
               strategie_id, theme, themes, s.annee_debut, s.annee_fin,
               p.certitude, p.source_id, p.localisation, s.territoire_niveau, s.territoire_code,
               p.intitule AS texte_1, p.description AS texte_2, libelles AS texte_3
        FROM axes p JOIN strategies s USING (strategie_id) LEFT JOIN libelles_themes USING (themes)
        UNION ALL BY NAME
        SELECT 'strategies' AS "table", strategie_id AS identifiant,
               strategie_id, annee_debut, annee_fin,
               certitude, source_id, localisation, territoire_niveau, territoire_code,
               titre AS texte_1, resume AS texte_2, gouvernance AS texte_3, porteur_nom AS texte_4
        FROM strategies
        UNION ALL BY NAME
        SELECT 'budgets' AS "table", budget_id AS identifiant,
               strategie_id, a.theme, a.themes, b.annee_debut, b.annee_fin,
               b.certitude, b.source_id, b.localisation, s.territoire_niveau, s.territoire_code,
               b.libelle AS texte_1, b.financeur_nom AS texte_2
        FROM budgets b
        JOIN strategies s USING (strategie_id)
        LEFT JOIN axes a ON a.strategie_id = b.strategie_id AND a.rang = b.priorite_rang
        UNION ALL BY NAME
        SELECT 'indicateurs' AS "table",
               concat_ws('/', cle(territoire_niveau, territoire_code), indicateur, annee,
                         libelle) AS identifiant,
               strategie_id, annee AS annee_debut, annee AS annee_fin,
               certitude, source_id, localisation, territoire_niveau, territoire_code,
               [cle(territoire_niveau, territoire_code)] AS cles, libelle AS texte_1
        FROM indicateurs
        UNION ALL BY NAME
        SELECT 'partenaires' AS "table", partenaire_id AS identifiant, partenaire_id,
               source_id, localisation, cles, nom AS texte_1, sigle AS texte_2
        FROM partenaires LEFT JOIN lies USING (partenaire_id)
        UNION ALL BY NAME
        SELECT 'mutualisations' AS "table",
               concat_ws('/', partenaire_id, service, solution) AS identifiant, partenaire_id,
               s.annee_debut, dit.certitude, dit.source_id, dit.localisation, aussi, cles,
               solution AS texte_1, v.libelle AS texte_2
        FROM services s
        JOIN vocabulaires v ON v.vocabulaire = 'services' AND v.code = s.service
    )
    SELECT coalesce(cle(d.territoire_niveau, d.territoire_code),
                    'organisme-' || d.partenaire_id) AS cle,
           coalesce(t.nom, o.nom) AS nom, d.territoire_niveau, d.territoire_code,
           coalesce(t.region_code, w.region_code) AS region_code, d.partenaire_id,
           coalesce(d.aussi, a.aussi, []) AS aussi, d."table", d.identifiant, d.strategie_id,
           s.titre AS strategie_titre, s.type, e.etat, e.annee_document, d.annee_debut,
           d.annee_fin, d.theme, coalesce(d.themes, []) AS themes, d.certitude, d.source_id,
           source_titre, source_url, d.localisation, coalesce(d.cles, a.cles, []) AS cles,
           nfc_normalize(d.texte_1) AS texte_1, nfc_normalize(d.texte_2) AS texte_2,
           nfc_normalize(d.texte_3) AS texte_3, nfc_normalize(d.texte_4) AS texte_4,
           t.population, strip_accents(lower(coalesce(t.nom, o.nom))) AS nom_sans_accent,
           list_position($tables, d."table") AS ordre_table,
           -- ranks as numbers: axis 2 before axis 10
           length(d.identifiant) AS longueur
    FROM documents d
    JOIN sources_citees() r USING (source_id)
    LEFT JOIN territoires t
      ON t.territoire_niveau = d.territoire_niveau AND t.territoire_code = d.territoire_code
    LEFT JOIN partenaires o ON o.partenaire_id = d.partenaire_id
    LEFT JOIN territoires w
      ON w.territoire_niveau = 'departement' AND w.territoire_code = o.siege_departement
    LEFT JOIN strategies s ON s.strategie_id = d.strategie_id
    LEFT JOIN etats_strategies e ON e.strategie_id = d.strategie_id
    LEFT JOIN partages a ON a.strategie_id = d.strategie_id
"""
_TEXT_COLUMNS = [f"texte_{number}" for number in range(1, 5)]
_YEAR_COLUMNS = ["annee_document", "annee_debut", "annee_fin"]
_ORDER = {
    "population": "descending", "nom_sans_accent": "ascending", "cle": "ascending",
    "ordre_table": "ascending", "strategie_id": "ascending", "longueur": "ascending",
    "identifiant": "ascending",
}  # fmt: skip

# code of `FIELDS`, text, weight
Passage = tuple[str, str, float]


@dataclass(frozen=True)
class Corpus:
    """All documents in browsing order (the largest territories first), and the texts of each.

    `numbers_by_territory`: the numbers of the documents about a territory, twins and shared
    strategies included, and of the organisations and services that it is linked to.
    """

    documents: pd.DataFrame
    texts: pd.DataFrame
    numbers_by_territory: dict[str, np.ndarray]

    def passages(self, numbers: Sequence[int] | slice = slice(None)) -> Iterator[list[Passage]]:
        """Return the passages of each of some documents."""
        columns = (self.documents["table"], *(self.texts[name] for name in self.texts))
        for table, *texts in zip(
            *(column.iloc[numbers].tolist() for column in columns), strict=True
        ):
            yield [
                (name, text, weight)
                for (name, weight), text in zip(FIELDS[table].items(), texts, strict=False)
                if isinstance(text, str)
            ]


def load_documents() -> Corpus:
    """Read the documents of the current database."""
    # sorted and read through Arrow: DuckDB takes four times as long to sort a million wide rows
    arrow_table = cursor().execute(_SQL, {"tables": list(FIELDS)}).to_arrow_table()
    arrow_table = arrow_table.sort_by(list(_ORDER.items()))
    rows = arrow_table.drop_columns(["population", "nom_sans_accent", "ordre_table", "longueur"])
    rows = rows.combine_chunks().to_pandas()
    documents = rows.drop(columns=[*_TEXT_COLUMNS, "cles"])
    documents[_YEAR_COLUMNS] = documents[_YEAR_COLUMNS].astype("Int64")
    documents["niveau"] = documents["territoire_niveau"].fillna(ORGANISATION)
    # a row without a strategy has no document to date it
    periods = to_periods(documents["annee_document"])
    documents["periode"] = periods.where(documents["strategie_id"].notna())
    keys = rows["cles"].explode().dropna()
    return Corpus(documents, rows[_TEXT_COLUMNS], _numbers_by_key(keys))


def _numbers_by_key(keys: pd.Series) -> dict[str, np.ndarray]:
    """Return the labels of the rows that hold each key."""
    return {key: rows.index.to_numpy() for key, rows in keys.groupby(keys)}
