"""Sectors (public, association, company): shares of organisations and of amounts.

Which form or funder is of which kind, and why, is data: `natures.csv`. What a form does not tell
stays `non_determine`; shares are of what is known, and the unknown is counted beside.
"""

from functools import lru_cache
from pathlib import Path

import pandas as pd

from comparisons.analysis.shared_services.wording import format_share
from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.formatting import format_euros, pluralize
from comparisons.queries import thresholds
from comparisons.queries.budgets import budget_lines, funder_shares
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label

UNKNOWN = "non_determine"
SECTORS = {
    "public": "Organisme public",
    "association": "Association",
    "entreprise": "Entreprise",
    UNKNOWN: "Non déterminé",
}
FUNDERS_NOTE = (
    "Un périmètre et une étape à la fois : pour chaque territoire, la somme des montants de "
    "la stratégie la plus récente qui en donne. Un même euro peut être dit par plusieurs "
    "territoires (la région et ses départements) : les parts valent pour les documents relevés, "
    "leur total n’est pas une dépense nationale. Les montants dont nul financeur n’est nommé sont "
    "comptés à part."
)
_FILE = Path(__file__).with_name("natures.csv")


@lru_cache(maxsize=1)
def _load_natures() -> pd.DataFrame:
    return pd.read_csv(_FILE, dtype=str, encoding="utf-8")


def sector_table(vocabulary: str) -> pd.DataFrame:
    """Describe of which kind each code of `formes` or `financeurs` is, and why.

    Returns `code`, `libelle`, `nature` (a code of `SECTORS`), `explication`. Raises `KeyError` for
    another vocabulary.
    """
    table = _load_natures()
    rows = table[table["vocabulaire"] == vocabulary]
    if rows.empty:
        raise KeyError(vocabulary)
    rows = rows.assign(libelle=[code_label(vocabulary, code) for code in rows["code"]])
    return rows[["code", "libelle", "nature", "explication"]].reset_index(drop=True)


def sector_of(vocabulary: str, code: object) -> str:
    """Return the kind of a form or a funder; a missing or unknown code is `non_determine`."""
    table = _load_natures()
    sectors = table[(table["vocabulaire"] == vocabulary) & (table["code"] == code)]["nature"]
    return sectors.iloc[0] if len(sectors) else UNKNOWN


def organisations_by_sector(organisations: pd.DataFrame) -> pd.DataFrame:
    """Count organisations (rows with `partenaire_id`, `forme`) by kind.

    Returns one row per kind, in the order of `SECTORS`: columns of `organismes_par_nature`.
    """
    distinct_organisations = organisations.drop_duplicates("partenaire_id")
    sectors = (
        distinct_organisations["forme"].map(lambda code: sector_of("formes", code)).astype(object)
    )
    known_count = int((sectors != UNKNOWN).sum())
    order = list(sector_table("formes")["code"])
    rows = []
    for sector, name in SECTORS.items():
        sector_organisations = distinct_organisations[sectors == sector]
        share = (
            len(sector_organisations) / known_count if known_count and sector != UNKNOWN else None
        )
        forms = sorted(set(sector_organisations["forme"].dropna()), key=order.index)
        rows.append((sector, name, len(sector_organisations), share, forms))
    columns = ["nature", "nature_nom", "nb_organismes", "part", "formes"]
    return pd.DataFrame(rows, columns=columns).astype({"part": float})


@cached
def perimeters_with_amounts() -> pd.DataFrame:
    """List what can be asked of `funding_by_sector`, the most documented first.

    Returns `perimetre`, `etape`, `annuel` (whether the amounts are paid each year),
    `nb_strategies`.
    """
    return query(
        """
        SELECT perimetre, etape, recurrence IS NOT NULL AS annuel,
               count(DISTINCT strategie_id)::INTEGER AS nb_strategies
        FROM budgets WHERE inclus_dans IS NULL AND montant > 0
        GROUP BY ALL ORDER BY nb_strategies DESC, perimetre, etape, annuel
        """
    )


@cached
def funding_by_sector(
    perimeter: str, stage: str, level: str = "", yearly: bool = False
) -> pd.DataFrame:
    """Return the amounts of one perimeter and one stage by sector of funder.

    Only additive amounts count, cut into their funders' shares (see `budgets.funder_shares`); of
    each lead territory (of a level, or any), those of the most recent strategy that gives some.
    Yearly amounts and totals of a period are never put together.

    Returns one row per kind, in the order of `SECTORS`: columns of `financeurs_par_nature`. The
    part is missing for all when the funder of less than half of the amounts is known. No row when
    no amount is known; a kind that no document names is missing, not 0 €.
    """
    strategy_ids = _latest_strategies(perimeter, stage, level, yearly)
    rows = budget_lines(list(strategy_ids))
    is_selected = (
        (rows["perimetre"] == perimeter)
        & (rows["etape"] == stage)
        & (rows["recurrence"].notna() == yearly)
        & (rows["profondeur"] == 0)
    )
    wholes = rows[is_selected]
    shares = funder_shares(pd.concat([wholes, rows[rows["profondeur"] > 0]], ignore_index=True))
    return _sum_by_sector(shares.merge(wholes[["budget_id", "strategie_id"]], on="budget_id"))


def _sum_by_sector(shares: pd.DataFrame) -> pd.DataFrame:
    """Add up shares (`financeur_type`, `montant`, `strategie_id`) by kind of funder.

    See `funding_by_sector`.
    """
    columns = ["nature", "nature_nom", "montant", "part", "nb_parts", "nb_strategies",
               "financeurs"]  # fmt: skip
    if shares.empty:
        return pd.DataFrame(columns=columns)
    sectors = (
        shares["financeur_type"].map(lambda code: sector_of("financeurs", code)).astype(object)
    )
    known_total = shares.loc[sectors != UNKNOWN, "montant"].sum()
    is_mostly_known = thresholds.is_majority(known_total, shares["montant"].sum())
    order = list(sector_table("financeurs")["code"])
    rows = []
    for sector, name in SECTORS.items():
        sector_shares = shares[sectors == sector]
        amount = sector_shares["montant"].sum() if len(sector_shares) else None
        funder_types = sorted(set(sector_shares["financeur_type"].dropna()), key=order.index)
        has_share = len(sector_shares) and known_total and is_mostly_known and sector != UNKNOWN
        share = amount / known_total if has_share else None
        rows.append(
            (
                sector,
                name,
                amount,
                share,
                len(sector_shares),
                sector_shares["strategie_id"].nunique(),
                funder_types,
            )
        )
    return pd.DataFrame(rows, columns=columns).astype({"montant": float, "part": float})


def _latest_strategies(perimeter: str, stage: str, level: str, yearly: bool) -> list[str]:
    """Return of each lead territory, the most recent strategy with such amounts."""
    rows = query(
        """
        SELECT s.strategie_id
        FROM strategies s
        JOIN etats_strategies e USING (strategie_id)
        WHERE ($level = '' OR s.territoire_niveau = $level)
          AND EXISTS (FROM budgets b
               WHERE b.strategie_id = s.strategie_id AND b.inclus_dans IS NULL AND b.montant > 0
                 AND b.perimetre = $perimeter AND b.etape = $stage
                 AND (b.recurrence IS NOT NULL) = $yearly)
        QUALIFY row_number() OVER (
            PARTITION BY s.territoire_niveau, s.territoire_code
            ORDER BY e.annee_document DESC NULLS LAST, s.strategie_id) = 1
        ORDER BY s.strategie_id
        """,
        {"level": level, "perimeter": perimeter, "stage": stage, "yearly": yearly},
    )
    return list(rows["strategie_id"])


def describe_organisations(table: pd.DataFrame) -> str:
    """Describe the table of `organisations_by_sector`: shares of the known, how many are not."""
    rows = table.set_index("nature")
    known_count = int(rows["nb_organismes"].drop(UNKNOWN).sum())
    unknown = int(rows.loc[UNKNOWN, "nb_organismes"])
    unknown_text = f" ; {pluralize(unknown, 'autre')} de nature non déterminée" if unknown else ""
    if not known_count:
        return f"Aucun organisme de nature connue{unknown_text}."
    return (
        f"Sur {pluralize(known_count, 'organisme')} de nature connue : "
        f"{pluralize(rows.loc['public', 'nb_organismes'], 'public')}, "
        f"{pluralize(rows.loc['association', 'nb_organismes'], 'association')}, "
        f"{pluralize(rows.loc['entreprise', 'nb_organismes'], 'entreprise')}{unknown_text}."
    )


def describe_funding(table: pd.DataFrame) -> str:
    """Describe the table of `funding_by_sector`: shares of what is known, and what is not."""
    rows = table.set_index("nature")
    amounts = rows["montant"]
    if not amounts.drop(UNKNOWN, errors="ignore").sum():
        return "Aucun financeur connu pour ce périmètre et cette étape."
    known_rows = rows[rows["part"].notna()]
    if known_rows.empty:
        unknown = format_share(amounts[UNKNOWN] / amounts.sum())
        return f"On ignore qui paie {unknown} de ces montants : aucune part n’est donnée."
    shares_text = ", ".join(f"{row.nature_nom.lower()} {format_share(row.part)}"
                     for row in iterate_rows(known_rows))  # fmt: skip
    unknown_row = rows.loc[UNKNOWN]
    unknown_text = (
        f" ; {format_euros(unknown_row['montant'])} sans financeur connu"
        if unknown_row["nb_parts"]
        else ""
    )
    return (
        f"Sur {format_euros(known_rows['montant'].sum())}"
        f" dont le financeur est connu : {shares_text}{unknown_text}."
    )
