"""Catalogue of solutions: products and platforms, who offers them, who uses them.

Two wordings are one solution only when they differ by capitals, accents, apostrophes or spaces;
nothing is merged by guess. A generic name (« LoRaWAN ») may therefore stand for several products.
"""

import unicodedata
from dataclasses import dataclass

import pandas as pd

from comparisons.pooling.words import in_order
from comparisons.territories import label as territory_label
from comparisons.text import typographic
from comparisons.warehouse import metadata, per_version, query

# What is asked of `licence` for those whose licence nobody told.
NOT_TOLD = "non_renseigne"

_COLUMNS = ["solution", "variantes", "services", "licences", "organismes", "partenaire_ids",
            "nb_organismes", "nb_territoires", "nb_regions", "nb_departements", "nb_epci",
            "nb_communes", "depuis", "certitude", "source_ids"]  # fmt: skip
_COUNTED = {
    "nb_regions": "region",
    "nb_departements": "departement",
    "nb_epci": "epci",
    "nb_communes": "commune",
}


@dataclass(frozen=True)
class Solution:
    """One solution: its row of `solutions`, and its links (see `solution`)."""

    identite: dict
    liens: pd.DataFrame


def folded(name: str) -> str:
    """Write a name without what does not tell two apart: capitals, accents, double spaces."""
    plain = typographic(name).casefold().replace("œ", "oe").replace("æ", "ae")
    letters = unicodedata.normalize("NFKD", plain)
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).split())


def solutions(service: str = "", licence: str = "") -> pd.DataFrame:
    """List the solutions named in the data, by name; those of a service, or of a licence.

    `licence` is a code of `licences_solution`, or `non_renseigne`. Filters choose solutions; they
    do not change what is said of one.

    Returns `solution` (its most frequent wording), `variantes` (the others), `services`,
    `licences` (as far as told: empty is « non renseigné »), `organismes` (short names of those
    that offer it), `partenaire_ids`, `nb_organismes`, `nb_territoires`, `nb_regions`,
    `nb_departements`, `nb_epci`, `nb_communes` (with a known direct link; missing when none is
    known), `depuis`, `certitude`, `source_ids`.
    """
    rows = _catalogue(str(metadata()["version"])).copy()
    if service:
        rows = rows[rows["services"].map(lambda found: service in found).astype(bool)]
    if licence == NOT_TOLD:
        rows = rows[~rows["licences"].map(bool).astype(bool)]
    elif licence:
        rows = rows[rows["licences"].map(lambda found: licence in found).astype(bool)]
    return rows.reset_index(drop=True)


@per_version()
def _catalogue(version: str) -> pd.DataFrame:
    """Give every solution of a dataset version."""
    parts = _links(version).groupby("cle_solution", sort=True)
    rows = pd.DataFrame([_row(part) for _, part in parts], columns=_COLUMNS)
    return rows.astype({"depuis": "Int64", **dict.fromkeys(_COUNTED, "Int64")})


def solution(name: str) -> Solution:
    """Give one solution by any of its wordings; `KeyError` if the data name none of them.

    Its `liens` have one row per territory × organisation × service × role: `cle`, `libelle`,
    `partenaire_id`, `organisme`, `service`, `role`, `licence`, `annee_debut`, `certitude`,
    `source_id`, `source_titre`, `source_editeur`, `source_url`.
    """
    links = _links(str(metadata()["version"]))
    own = links[links["cle_solution"] == folded(name)]
    if own.empty:
        raise KeyError(name)
    kept = ["cle", "libelle", "partenaire_id", "organisme", "service", "role", "licence",
            "annee_debut", "certitude", "source_id", "source_titre", "source_editeur",
            "source_url"]  # fmt: skip
    return Solution(_row(own), own[kept].reset_index(drop=True))


@per_version()
def _links(version: str) -> pd.DataFrame:
    """Links that name a solution in a dataset version, as sources say them, no twin added."""
    rows = query(
        """
        SELECT m.territoire_niveau || '-' || m.territoire_code AS cle, m.*, t.nom,
               t.departement_code, coalesce(p.sigle, p.nom) AS organisme,
               r.titre AS source_titre, r.editeur AS source_editeur, r.url AS source_url
        FROM mutualisations m
        JOIN territoires t USING (territoire_niveau, territoire_code)
        JOIN partenaires p USING (partenaire_id)
        JOIN sources r ON r.source_id = m.source_id
        JOIN vocabulaires w ON w.vocabulaire = 'roles' AND w.code = m.role
        WHERE m.solution IS NOT NULL
        ORDER BY p.nom, m.partenaire_id, w.ordre,
                 list_position(['region', 'departement', 'epci', 'commune'], m.territoire_niveau),
                 strip_accents(t.nom), m.territoire_code, m.service
        """
    )
    rows["libelle"] = [territory_label(row) for row in rows.itertuples()]
    rows["organisme"] = rows["organisme"].map(typographic)
    rows["cle_solution"] = rows["solution"].map(folded)
    return rows


def _row(part: pd.DataFrame) -> dict:
    """Sum up the links that name one solution."""
    wordings = part["solution"].map(typographic).value_counts()
    wordings = sorted(wordings.index, key=lambda text: (-wordings[text], text))
    bodies = part.drop_duplicates("partenaire_id")
    territories = part.drop_duplicates("cle")["territoire_niveau"].value_counts()
    return {
        "solution": wordings[0],
        "variantes": wordings[1:],
        "services": in_order("services", part["service"]),
        "licences": in_order("licences_solution", part["licence"].dropna()),
        "organismes": list(bodies["organisme"]),
        "partenaire_ids": list(bodies["partenaire_id"]),
        "nb_organismes": len(bodies),
        "nb_territoires": part["cle"].nunique(),
        **{name: territories.get(level, pd.NA) for name, level in _COUNTED.items()},
        "depuis": part["annee_debut"].min(),
        "certitude": "explicite" if (part["certitude"] == "explicite").any() else "deduit",
        "source_ids": sorted(part["source_id"].unique()),
    }
