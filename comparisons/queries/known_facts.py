"""What is known of territories: how many documents, axes, amounts, services and indicators."""

from collections.abc import Sequence

import pandas as pd

from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.formatting import pluralize

_NOUNS = {
    "documents": ("document", ""),
    "axes": ("axe", ""),
    "montants": ("montant", ""),
    "services": ("service cité", "services cités"),
    "indicateurs": ("indicateur", ""),
}


@cached
def documented_codes(level: str) -> list[str]:
    """Return the codes of the territories of a level of which a document is known."""
    rows = query(
        """
        SELECT DISTINCT territoire_code FROM territoires_couverts
        WHERE territoire_niveau = ? AND lien <> 'aire' ORDER BY ALL
        """,
        [level],
    )
    return list(rows["territoire_code"])


@cached
def count_known_facts(keys: Sequence[str]) -> pd.DataFrame:
    """Return how much is known of territories, indexed by `cle`: columns of `_NOUNS`.

    A service counts where a source says it, not where it is deduced.
    """
    return query(
        """
        WITH lieux AS (
            SELECT cle(territoire_niveau, territoire_code) AS cle, territoire_niveau,
                   territoire_code FROM territoires
            WHERE list_contains($keys, cle(territoire_niveau, territoire_code))
        ),
        documents AS (
            SELECT cle, strategie_id FROM lieux
            JOIN territoires_couverts USING (territoire_niveau, territoire_code)
            WHERE lien <> 'aire'
        )
        SELECT cle,
            (SELECT count(*) FROM documents d WHERE d.cle = l.cle) AS documents,
            (SELECT count(*) FROM documents d JOIN priorites USING (strategie_id)
             WHERE d.cle = l.cle) AS axes,
            (SELECT count(*) FROM documents d JOIN budgets USING (strategie_id)
             WHERE d.cle = l.cle) AS montants,
            (SELECT count(*) FROM services_par_territoire s
             WHERE s.territoire_niveau = l.territoire_niveau
               AND s.territoire_code = l.territoire_code AND nb_partenaires_cites > 0) AS services,
            (SELECT count(*) FROM indicateurs i
             WHERE i.territoire_niveau = l.territoire_niveau
               AND i.territoire_code = l.territoire_code) AS indicateurs
        FROM lieux l
        """,
        {"keys": list(keys)},
    ).set_index("cle")


def describe_known_facts(counts: pd.Series) -> str:
    """Write what is known of a territory: `2 documents, 5 axes`, or `rien de connu`."""
    known = [pluralize(counts[name], *nouns) for name, nouns in _NOUNS.items() if counts[name]]
    return ", ".join(known) or "rien de connu"
