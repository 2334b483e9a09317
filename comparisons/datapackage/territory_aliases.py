"""Names and codes that people give to territories, beside those of the reference."""

import re
from collections.abc import Mapping

from comparisons.formatting import fold

TerritoryKey = tuple[str, str]

# Words for a level (folded): the kinds of EPCI of the lists of Banatic, institutions.
LEVEL_NAMES: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "cc", "ca", "cu", "metro", "met69", "met", "ept", "epci a fiscalite propre", "interco",
            "communaute de communes", "communaute d'agglomeration", "communaute urbaine",
            "communaute", "agglomeration", "agglo", "metropole", "metropole de lyon",
            "etablissement public territorial", "groupement de communes", "intercommunalites",
        ),
        "epci",
    ),
    **dict.fromkeys(
        ("dept", "dep", "dep.", "dpt", "departements", "conseil departemental", "cd"), "departement"
    ),
    **dict.fromkeys(
        ("reg", "reg.", "regions", "conseil regional", "cr", "collectivite regionale"), "region"
    ),
    **dict.fromkeys(("com", "communes", "ville", "mairie", "commune nouvelle"), "commune"),
}  # fmt: skip

_ALSACE = (("departement", "67"), ("departement", "68"))
_CORSICA = (("departement", "2A"), ("departement", "2B"))
_ALIASES: Mapping[str, tuple[TerritoryKey, ...]] = {
    "69m": (("epci", "200046977"),),
    "grand lyon": (("epci", "200046977"),),
    "69d": (("departement", "69"),),
    "75c": (("commune", "75056"), ("departement", "75")),
    "ville de paris": (("commune", "75056"), ("departement", "75")),
    **dict.fromkeys(("6ae", "67a", "alsace", "cea"), _ALSACE),
    "collectivite europeenne d'alsace": _ALSACE,
    "20": (*_CORSICA, ("region", "94")),
    **dict.fromkeys(("corse", "collectivite de corse"), (("region", "94"), *_CORSICA)),
    "20r": (("region", "94"),),
    "02a": (("departement", "2A"),),
    "02b": (("departement", "2B"),),
}
# Regions before 2016, and their names, by today's code.
_FORMER_REGIONS = {
    "27": {"26": "bourgogne", "43": "franche-comte"},
    "28": {"23": "haute-normandie", "25": "basse-normandie"},
    "32": {"22": "picardie", "31": "nord-pas-de-calais"},
    "44": {"21": "champagne-ardenne", "41": "lorraine", "42": "alsace"},
    "75": {"54": "poitou-charentes", "72": "aquitaine", "74": "limousin"},
    "76": {"73": "midi-pyrenees", "91": "languedoc-roussillon"},
    "84": {"82": "rhone-alpes", "83": "auvergne"},
}
# Regions of ISO 3166-2 (« FR-BRE »), and what they are called for short.
_REGION_SIGNS = {
    "ara": "84", "aura": "84", "bfc": "27", "bre": "53", "cvl": "24", "ges": "44", "hdf": "32",
    "idf": "11", "naq": "75", "nor": "28", "occ": "76", "paca": "93", "pac": "93", "pdl": "52",
}  # fmt: skip
_OVERSEAS_REGIONS = {"971": "01", "972": "02", "973": "03", "974": "04", "976": "06"}
# What the format leaves out: overseas collectivities, which are no département.
_LEFT_OUT = {
    "975": "Saint-Pierre-et-Miquelon", "977": "Saint-Barthélemy", "978": "Saint-Martin",
    "984": "les Terres australes et antarctiques françaises", "986": "Wallis-et-Futuna",
    "987": "la Polynésie française", "988": "la Nouvelle-Calédonie", "989": "l’île de Clipperton",
}  # fmt: skip
_KIND = re.compile(
    r"(?:communaute (?:de communes|d'agglomeration|urbaine)|communaute|metropole|agglomeration|"
    r"etablissement public territorial|departement|conseil departemental|region|conseil regional|"
    r"commune|ville|mairie|cc|ca|cu|ept|agglo)(?:$| (?:de la |de l'|des |du |de |d'|les |le |la )?)"
)


def bare_name(name: str) -> str:
    """Return a name without capitals, accents or marks, nor the kind of territory before it."""
    folded = fold(name)
    without_kind = _KIND.sub("", folded, count=1) if _KIND.match(folded) else folded
    return " ".join(re.sub(r"[^a-z0-9]+", " ", without_kind or folded).split())


def territories_meant(text: str, level: str = "") -> tuple[TerritoryKey, ...]:
    """Return the territories that a code or a name means beside the reference: « 69M », « 6AE ».

    A region before 2016, or an overseas one, is named by its number where `level` says so.
    """
    folded = fold(text)
    names = {name: new for new, olds in _FORMER_REGIONS.items() for name in olds.values()}
    if level == "region":
        numbers = {old: new for new, olds in _FORMER_REGIONS.items() for old in olds}
        signs = _REGION_SIGNS | {f"fr-{sign}": code for sign, code in _REGION_SIGNS.items()}
        if code := (numbers | names | signs | _OVERSEAS_REGIONS).get(folded):
            return (("region", code),)
    if keys := _ALIASES.get(folded):
        same_level = tuple(key for key in keys if key[0] == level)
        return same_level or keys
    return (("region", names[folded]),) if folded in names else ()


def left_out_territory(code: str) -> str:
    """Return the overseas collectivity of a code that the format leaves out, or "" ."""
    return _LEFT_OUT.get(code[:3], "") if re.fullmatch(r"9[78][0-9]([0-9]{2})?", code) else ""
