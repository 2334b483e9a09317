"""The table of all territories."""

from __future__ import annotations

import numpy as np
import pandas as pd
from levels import KEY, LEVELS
from names import (
    long_name_of_epci,
    name_commune,
    name_departement,
    name_epci,
    name_region,
    normalise_text,
)
from siren import SIREN_DEPARTEMENTS, SIREN_REGIONS
from sources import Decoupage
from zones import OVERSEAS

COLUMNS = [
    *KEY, "nom", "nom_article", "nom_de", "siren", "type",
    "outre_mer", "population", "population_annee", "superficie_km2", "densite", "nb_communes",
    "part_population_rurale", "poids_commune_principale", "commune_principale", "region_code",
    "departement_code", "epci_code", "longitude", "latitude",
]  # fmt: skip
POPULATION_YEAR, POPULATION_YEAR_MAYOTTE = 2023, 2017
RURAL_BELOW = 2000
SINGLE_AUTHORITIES = {("region", c) for c in ("94", "02", "03", "06")} | {
    ("departement", c) for c in ("2A", "2B", "972", "973", "976", "75")
}
# Five communes that the contours show as one: 15141 (Neussargues en Pinatelle), undone since.
UNDIVIDED = {"15031", "15035", "15047", "15141", "15171"}


def commune_rows(decoupage: Decoupage, areas: pd.Series) -> pd.DataFrame:
    """Return one row per commune, with the columns from which the other levels are computed."""
    epci_of = decoupage.epci_of_communes
    rows = []
    for row in decoupage.communes:
        name, article, genitive = name_commune(row)
        rows.append({
            "territoire_niveau": "commune", "territoire_code": row["code"], "nom": name,
            "nom_article": article, "nom_de": genitive, "siren": row["siren"], "type": "",
            "population": row["population"], "nb_communes": 1, "region_code": row["region"],
            "departement_code": row["departement"], "epci_code": epci_of.get(row["code"], ""),
        })  # fmt: skip
    table = pd.DataFrame(rows)
    return table.assign(superficie_km2=table["territoire_code"].map(areas))


def summarise_communes(members: pd.DataFrame) -> dict:
    """Return the population, area and shares of a group of communes."""
    total = members["population"].sum()
    rural = members.loc[members["population"] < RURAL_BELOW, "population"].sum()
    largest = members.sort_values(["population", "territoire_code"], ascending=[False, True])
    return {
        "population": total,
        "nb_communes": len(members),
        "superficie_km2": members["superficie_km2"].sum(),
        "part_population_rurale": f"{rural / total:.4f}",
        "poids_commune_principale": f"{largest['population'].iloc[0] / total:.4f}",
        "commune_principale": largest["territoire_code"].iloc[0],
    }


def upper_row(
    level: str, code: str, names: tuple[str, str, str], siren: str, members: pd.DataFrame
) -> dict:
    """Return the row of a territory made of communes, without the type of EPCIs nor location."""
    name, article, genitive = map(normalise_text, names)
    kind = "collectivite_unique" if (level, code) in SINGLE_AUTHORITIES else ""
    return {
        "territoire_niveau": level, "territoire_code": code, "nom": name,
        "nom_article": article, "nom_de": genitive, "siren": siren, "type": kind,
        **summarise_communes(members),
    }  # fmt: skip


def region_rows(decoupage: Decoupage, communes: pd.DataFrame) -> pd.DataFrame:
    """Return one row per région."""
    members, rows = dict(list(communes.groupby("region_code"))), []
    for row in decoupage.regions:
        code, names = row["code"], name_region(row)
        upper = upper_row("region", code, names, SIREN_REGIONS[code], members[code])
        rows.append(upper | {"region_code": code})
    return pd.DataFrame(rows)


def departement_rows(decoupage: Decoupage, communes: pd.DataFrame) -> pd.DataFrame:
    """Return one row per département."""
    members, rows = dict(list(communes.groupby("departement_code"))), []
    for row in decoupage.departements:
        code, names = row["code"], name_departement(row)
        upper = upper_row("departement", code, names, SIREN_DEPARTEMENTS[code], members[code])
        rows.append(upper | {"region_code": row["region"], "departement_code": code})
    return pd.DataFrame(rows)


def epci_rows(
    decoupage: Decoupage, communes: pd.DataFrame, long_names: dict[str, tuple[str, str]]
) -> pd.DataFrame:
    """Return one row per EPCI and EPT, in the département where most of its inhabitants live."""
    by_code = communes.set_axis(communes["territoire_code"].to_list())
    codes_of, rows = decoupage.epci_members, []
    for row in decoupage.epci:
        code, names = row["code"], name_epci(long_name_of_epci(row, long_names))
        members = by_code.loc[codes_of[code]]
        people = members.groupby(["departement_code", "region_code"])["population"].sum()
        departement, region = people.idxmax()
        rows.append({
            **upper_row("epci", code, names, code, members), "type": row["type"],
            "region_code": region, "departement_code": departement, "epci_code": code,
        })  # fmt: skip
    return pd.DataFrame(rows)


def format_two_decimals(values: pd.Series) -> pd.Series:
    """Format numbers with two decimals, empty where unknown."""
    return values.map("{:.2f}".format).where(values.notna(), "")


def territories_table(
    decoupage: Decoupage,
    long_names: dict[str, tuple[str, str]],
    areas: pd.Series,
    points: pd.DataFrame,
) -> pd.DataFrame:
    """Return the table of all territories; ``points`` has a point inside each (level, code)."""
    communes = commune_rows(decoupage, areas)
    table = pd.concat([
        region_rows(decoupage, communes),
        departement_rows(decoupage, communes),
        epci_rows(decoupage, communes, long_names),
        communes,
    ])  # fmt: skip
    overseas = table["region_code"].isin(OVERSEAS.values())
    mayotte = table["region_code"] == OVERSEAS["976"]
    undivided = (table["territoire_niveau"] == "commune") & table["territoire_code"].isin(UNDIVIDED)
    area = table["superficie_km2"].mask(undivided)
    table = table.assign(
        outre_mer=np.where(overseas, "oui", "non"),
        population_annee=np.where(mayotte, POPULATION_YEAR_MAYOTTE, POPULATION_YEAR),
        superficie_km2=format_two_decimals(area),
        densite=format_two_decimals(table["population"] / area),
        order=table["territoire_niveau"].map(LEVELS.index),
    )
    table = table.merge(points, on=KEY, how="left").sort_values(["order", "territoire_code"])
    return table[COLUMNS].fillna("")
