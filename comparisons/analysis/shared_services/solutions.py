"""Names of solutions cited by sources, with their organisations and territories.

The data do not tell a product from a service or a protocol: these are names, not a catalogue of
products. A project or an experiment, which its name says, is left out.

Two wordings are one solution only when they differ by capitals, accents, apostrophes or spaces;
nothing is merged by guess. A generic name (« LoRaWAN ») may therefore stand for several products.
"""

import unicodedata
from dataclasses import dataclass

import pandas as pd

from comparisons.analysis.shared_services.wording import count_by_certainty, sort_codes, unambiguous
from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.formatting import curly_apostrophes, pluralize
from comparisons.queries.partners import IN_USE
from comparisons.queries.territories import territory_label
from comparisons.rows import iterate_rows
from comparisons.schema.registry import table_columns

# Value of the filter `licence` for solutions without a known licence.
NOT_STATED = "non_renseigne"


@dataclass(frozen=True)
class Solution:
    """One solution: its row of `list_solutions`, and its links (see `load_solution`)."""

    identite: dict
    liens: pd.DataFrame


def fold(name: str) -> str:
    """Normalise a name for matching: no capitals, accents or repeated spaces."""
    lowered = curly_apostrophes(name).casefold().replace("œ", "oe").replace("æ", "ae")
    letters = unicodedata.normalize("NFKD", lowered)
    return " ".join(
        "".join(character for character in letters if not unicodedata.combining(character)).split()
    )


@cached
def list_solutions(service: str = "", licence: str = "") -> pd.DataFrame:
    """List the names of solutions, by name; those of a service, or of a licence.

    `licence` is a code of `licences_solution`, or `non_renseigne`. Filters choose solutions; they
    do not change what is said of one. Returns the columns of `solutions`.
    """
    rows = _load_solutions()
    if service:
        rows = rows[rows["services"].map(lambda codes: service in codes).astype(bool)]
    if licence == NOT_STATED:
        rows = rows[~rows["licences"].map(bool).astype(bool)]
    elif licence:
        rows = rows[rows["licences"].map(lambda codes: licence in codes).astype(bool)]
    return rows.reset_index(drop=True)


def describe_names(rows: pd.DataFrame) -> str:
    """Describe how many names are cited, and how many serve several territories by stated links."""
    count_text = pluralize(len(rows), "nom cité", "noms cités")
    shared_count = int((rows["nb_cites"] > 1).sum())
    if not shared_count:
        return f"{count_text}."
    verb = "sert" if shared_count == 1 else "servent"
    return f"{count_text} ; {shared_count} {verb} plusieurs territoires, d’après une source."


@cached
def _load_solutions() -> pd.DataFrame:
    """Return every solution."""
    links_by_solution = _load_links().groupby("cle_solution", sort=True)
    rows = pd.DataFrame(
        [_summarise_solution(solution_links) for _, solution_links in links_by_solution],
        columns=table_columns("solutions"),
    )
    return rows.astype({"depuis": "Int64"})


@cached
def load_solution(name: str) -> Solution:
    """Return one solution by any of its wordings; `KeyError` if the data name none of them.

    Its `liens` have one row per territory × organisation × service × role, with the columns of
    `solution_liens`.
    """
    links = _load_links()
    solution_links = links[links["cle_solution"] == fold(name)]
    if solution_links.empty:
        raise KeyError(name)
    shown_links = solution_links[table_columns("solution_liens")].reset_index(drop=True)
    return Solution(_summarise_solution(solution_links), shown_links)


@cached
def _load_links() -> pd.DataFrame:
    """Return links that name a solution, as sources say them, no twin added."""
    rows = query(
        f"""
        SELECT cle(m.territoire_niveau, m.territoire_code) AS cle, m.*, t.nom,
               t.departement_code, coalesce(p.sigle, p.nom) AS organisme,
               source_titre, source_editeur, source_url
        FROM mutualisations m
        JOIN territoires t USING (territoire_niveau, territoire_code)
        JOIN partenaires p USING (partenaire_id)
        JOIN sources_citees() r ON r.source_id = m.source_id
        JOIN vocabulaires w ON w.vocabulaire = 'roles' AND w.code = m.role
        WHERE m.solution IS NOT NULL AND {IN_USE}
        ORDER BY p.nom, m.partenaire_id, w.ordre,
                 list_position(['region', 'departement', 'epci', 'commune'], m.territoire_niveau),
                 strip_accents(t.nom), m.territoire_code, m.service
        """
    )
    rows["libelle"] = [territory_label(row) for row in iterate_rows(rows)]
    rows["organisme"] = rows["organisme"].map(curly_apostrophes)
    rows["cle_solution"] = rows["solution"].map(fold)
    return rows


def _summarise_solution(links: pd.DataFrame) -> dict:
    """Sum up the links that name one solution."""
    wordings = links["solution"].map(curly_apostrophes).value_counts()
    wordings = sorted(wordings.index, key=lambda text: (-wordings[text], text))
    organisations = links.drop_duplicates("partenaire_id")
    stated, deduced = count_by_certainty(links)
    return {
        "solution": wordings[0],
        "variantes": wordings[1:],
        "services": sort_codes("services", links["service"]),
        "licences": sort_codes("licences_solution", links["licence"].dropna()),
        "organismes": list(organisations["organisme"]),
        "partenaire_ids": list(organisations["partenaire_id"]),
        "nb_organismes": len(organisations),
        "nb_cites": stated,
        "nb_deduits": deduced,
        "depuis": links["annee_debut"].min(),
        "certitude": unambiguous(links["certitude"]),
        "source_ids": sorted(links["source_id"].unique()),
    }
