"""The facts of the packages, counted again in plain Python: no SQL, no pandas.

What the database and the library say is checked against these dictionaries over the CSV files.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from comparisons.settings import PROJECT_DIR

DATA = PROJECT_DIR / "data"
GRAND_PARIS, LYON = ("epci", "200054781"), ("epci", "200046977")
# A document in force speaks before one whose state is not known, and that before one that is over.
SPEAKS_FIRST = (
    "adoptee",
    "en_revision",
    "suite_inconnue",
    "statut_inconnu",
    "en_elaboration",
    "terminee",
    "description",
)


class Lists(dict):
    """Lists by key; one that is looked at is empty, and not added."""

    def __missing__(self, key: object) -> list:
        return []


# --- the CSV files, as dictionaries ---------------------------------------------------------------


def read_csv(path: Path) -> list[dict]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def year(text: str) -> int | None:
    return int(text[:4]) if text else None


@cache
def packages() -> list[tuple[str, Path]]:
    descriptors = (DATA / "strategies").glob("*/datapackage.json")
    return sorted(
        (json.loads(path.read_text("utf-8"))["created"], path.parent) for path in descriptors
    )


SCHEMAS = {
    path.stem: json.loads(path.read_text("utf-8"))
    for path in (DATA / "format" / "schemas").glob("*.json")
}


@cache
def facts(table: str) -> list[dict]:
    """Return the rows of all packages; a later package replaces the strategies that it repeats."""
    key = SCHEMAS[table].get("primaryKey") or SCHEMAS[table]["uniqueKeys"][0]
    rows_by_key: dict[tuple, dict] = {}
    for _, folder in packages():
        replaced_ids = {row["strategie_id"] for row in read_csv(folder / "strategies.csv")}
        rows_by_key = {
            k: row for k, row in rows_by_key.items() if row.get("strategie_id") not in replaced_ids
        }
        # an optional column that a package has not is empty
        empty = {field["name"]: "" for field in SCHEMAS[table]["fields"]}
        rows = [empty | row for row in read_csv(folder / f"{table}.csv")]
        rows_by_key |= {tuple(row[c] for c in key): row for row in rows}
    return list(rows_by_key.values())


@cache
def named_ranks() -> dict[tuple[str, str], int]:
    """Rank each axis that its document names among those that it names (by strategy and rank)."""
    ranks, counted = {}, defaultdict(int)
    for row in sorted(facts("priorites"), key=lambda row: int(row["rang"])):
        if row["certitude"] == "explicite":
            counted[row["strategie_id"]] += 1
            ranks[row["strategie_id"], row["rang"]] = counted[row["strategie_id"]]
    return ranks


YEAR = max(year(created) for created, _ in packages())
STRATEGIES = {row["strategie_id"]: row for row in facts("strategies")}
NAMED = defaultdict(list)
for row in facts("couvertures"):
    NAMED[row["strategie_id"]].append((row["territoire_niveau"], row["territoire_code"]))
TWINS = read_csv(DATA / "reference" / "jumeaux.csv")
TERRITORIES = {
    (row["territoire_niveau"], row["territoire_code"]): row
    for row in read_csv(DATA / "reference" / "territoires.csv")
}
COMMUNES = {code: row for (level, code), row in TERRITORIES.items() if level == "commune"}
MEMBERS = defaultdict(set)
for code, row in COMMUNES.items():
    MEMBERS["commune", code].add(code)
    MEMBERS["departement", row["departement_code"]].add(code)
    MEMBERS["region", row["region_code"]].add(code)
    if row["epci_code"]:
        MEMBERS["epci", row["epci_code"]].add(code)
EPT = {key for key, row in TERRITORIES.items() if row["type"] == "EPT"}
for key in EPT:
    MEMBERS[GRAND_PARIS] |= MEMBERS[key]


def people(communes) -> int:
    return sum(int(COMMUNES[code]["population"]) for code in communes)


def population(level: str, code: str) -> int:
    return int(TERRITORIES[level, code]["population"])


def lead(strategy: dict) -> tuple[str, str]:
    return strategy["territoire_niveau"], strategy["territoire_code"]


def document_year(strategy: dict) -> int | None:
    return year(strategy["date_adoption"]) or year(strategy["annee_debut"])


def twins_of(key: tuple[str, str], relation: str, when: int | None, undated: bool):
    """Yield the twins of a territory in a year; `undated`: whether they count without a year."""
    for row in TWINS:
        if (row["territoire_niveau"], row["territoire_code"]) != key or row["relation"] != relation:
            continue
        since = year(row["depuis"])
        if since is None or (undated if when is None else when >= since):
            yield row["jumeau_niveau"], row["jumeau_code"]


def covered(strategy: dict) -> dict[tuple[str, str], str]:
    """The territories that a strategy is a strategy of, and why."""
    lead_key = lead(strategy)
    twins = twins_of(lead_key, "vaut_pour", document_year(strategy), undated=False)
    named_territories = set(NAMED[strategy["strategie_id"]]) - delimiting(strategy)
    return (
        dict.fromkeys(twins, "jumeau")
        | dict.fromkeys(named_territories, "partagee")
        | {lead_key: "propre"}
    )


@cache
def departements_of(region: str) -> frozenset[tuple[str, str]]:
    return frozenset(
        key
        for key, row in TERRITORIES.items()
        if key[0] == "departement" and row["region_code"] == region
    )


def delimiting(strategy: dict) -> set[tuple[str, str]]:
    """Return the départements of its own that a région names: they delimit its area only."""
    level, code = lead(strategy)
    if level != "region":
        return set()
    return set(NAMED[strategy["strategie_id"]]) & departements_of(code)


def outside_its_area(strategy: dict) -> bool:
    """A région that names some of its own départements leads the strategy of these only."""
    named_departements = delimiting(strategy)
    return bool(named_departements) and named_departements != departements_of(lead(strategy)[1])


def area(strategy: dict) -> set[str]:
    lead_key = lead(strategy)
    territories = covered(strategy) | dict.fromkeys(delimiting(strategy), "aire")
    communes = set()
    for key in territories:
        if key != lead_key or not outside_its_area(strategy):
            communes |= MEMBERS[key]
    for key in twins_of(lead_key, "hors", document_year(strategy), undated=True):
        if key not in territories:
            communes -= MEMBERS[key]
    return communes


KINDS = {
    row["code"]: row for row in read_csv(DATA / "format" / "vocabulaires" / "types_strategie.csv")
}
FAMILIES = sorted(
    {row["famille"] for row in KINDS.values()},
    key=lambda name: min(int(row["ordre"]) for row in KINDS.values() if row["famille"] == name),
)


def family(id_: str) -> str:
    return KINDS[STRATEGIES[id_]["type"]]["famille"]


def is_known_adoption(strategy: dict, when: int) -> bool:
    """A source states it and dates it, and it has an end, or is of ten years at most."""
    adopted = year(strategy["date_adoption"])
    is_stated = strategy["certitude"] == "explicite"
    return bool(adopted and is_stated and (strategy["annee_fin"] or adopted >= when - 10))


def state(strategy: dict) -> str:
    replaced = any(
        later_strategy["remplace"] == strategy["strategie_id"]
        and later_strategy["statut"] != "en_elaboration"
        for later_strategy in STRATEGIES.values()
    )
    over = strategy["annee_fin"] and int(strategy["annee_fin"]) < YEAR
    if replaced or over:
        return "terminee"
    if strategy["portee"] == "article" and strategy["statut"] != "terminee":
        return "description"
    if strategy["statut"] == "adoptee" and not is_known_adoption(strategy, YEAR):
        return "suite_inconnue"
    return strategy["statut"] or "statut_inconnu"


STATES = {id_: state(strategy) for id_, strategy in STRATEGIES.items()}


OWN: dict[tuple, list[str]] = Lists()
for identifier, row in STRATEGIES.items():
    for key in covered(row):
        OWN.setdefault(key, []).append(identifier)
SEARCHED = {
    (row["territoire_niveau"], row["territoire_code"]): row["resultat"]
    for row in sorted(facts("recherches"), key=lambda row: row["consulte_le"])
}


def state_in(id_: str, when: int) -> str | None:
    """The state that dates prove; none before the document, nor without a date."""
    strategy = STRATEGIES[id_]
    if when == YEAR:
        return STATES[id_]
    start = document_year(strategy)
    if start is None or start > when:
        return None
    later = [
        s for s in STRATEGIES.values() if s["remplace"] == id_ and s["statut"] != "en_elaboration"
    ]
    replaced = document_year(later[0]) if later else None
    end = int(strategy["annee_fin"]) if strategy["annee_fin"] else None
    if (replaced and replaced <= when) or (end and end < when):
        return "terminee"
    if strategy["portee"] == "article" and strategy["statut"] != "terminee":
        return "description"
    over_since_nobody_knows_when = not (replaced or end) and (
        later or strategy["statut"] == "terminee"
    )
    if over_since_nobody_knows_when or not strategy["statut"]:
        return "statut_inconnu"
    if strategy["statut"] == "en_elaboration":
        return "en_elaboration"
    return "adoptee" if is_known_adoption(strategy, when) else "suite_inconnue"


def names_no_document(id_: str) -> bool:
    """A page describes what is done: it is no strategy."""
    return STRATEGIES[id_]["portee"] == "article"


def of_a_part(id_: str, key: tuple | None = None) -> bool:
    """The document of a région for some of its départements only, such as a former région."""
    strategy = STRATEGIES[id_]
    return outside_its_area(strategy) and key in (None, lead(strategy))


def order_in_family(id_: str, when: int) -> tuple:
    """The whole before a project, in force before over, the latest."""
    strategy = STRATEGIES[id_]
    whole = strategy["portee"] == "ensemble"
    state_then = SPEAKS_FIRST.index(state_in(id_, when))
    return not whole, state_then, -(document_year(strategy) or 0), id_


def rank_in_family(id_: str, when: int = YEAR, key: tuple | None = None) -> tuple:
    """Which of a family speaks: of the whole territory before a part, named before not named."""
    return of_a_part(id_, key), names_no_document(id_), *order_in_family(id_, when)


def rank(id_: str, when: int = YEAR, key: tuple | None = None) -> tuple:
    """Which document speaks for a territory: then by family, the overall strategies first."""
    standing = of_a_part(id_, key), names_no_document(id_)
    return *standing, FAMILIES.index(family(id_)), *order_in_family(id_, when)


@cache
def lies_in(key: tuple) -> list[tuple]:
    """The wider territories where at least half of the people of one live."""
    heads = population(*key)
    by_place: dict[tuple, int] = defaultdict(int)
    for code in MEMBERS[key]:
        row = TERRITORIES["commune", code]
        group = ("epci", row["epci_code"])
        enclosing = {("region", row["region_code"])}
        if key[0] in ("commune", "epci"):
            enclosing.add(("departement", row["departement_code"]))
        if key[0] == "commune":
            enclosing.add(group)
        if group in EPT and (key[0] == "commune" or key in EPT):
            enclosing.add(GRAND_PARIS)
        for territory in enclosing - {key, ("epci", "")}:
            by_place[territory] += people([code])
    return [territory for territory, n in by_place.items() if not heads or n / heads >= 0.49995]


NEAREST_FIRST = ("epci", "departement", "region")


@cache
def wider_strategies() -> dict[tuple, dict[str, str]]:
    """For each territory, the strategies of wider ones in whose area it lies, with the level."""
    parts: dict[tuple, list] = defaultdict(list)  # wider territory → those of which half lies in it
    for key in TERRITORIES:
        for other_key in lies_in(key):
            parts[other_key].append(key)
    wider: dict[tuple, dict[str, str]] = defaultdict(dict)
    for id_, strategy in STRATEGIES.items():
        mine = covered(strategy)
        skipped = lead(strategy) if outside_its_area(strategy) else None
        area = [(key, key[0]) for key in mine if key != skipped]
        area += [(key, "region") for key in delimiting(strategy)]
        inside = [(key, "region") for key in delimiting(strategy)]
        for wide, level in area:
            when = document_year(strategy)
            apart = twins_of(wide, "hors", when, undated=True) if wide == lead(strategy) else ()
            excluded = {key for other_key in apart for key in (other_key, *parts[other_key])}
            inside += [(key, level) for key in parts[wide] if key not in excluded]
        for key, level in inside:
            if key not in mine:
                before = wider[key].get(id_, "region")
                wider[key][id_] = min(before, level, key=NEAREST_FIRST.index)
    return wider


# --- maps: the class of a territory --------------------------------------------------------------

IN_FORCE = ("adoptee", "en_revision")


def overview(key: tuple, named: list[str], when: int) -> tuple[str, str]:
    """Return the class and the document shown by a map of all families for a territory."""
    overall = [id_ for id_ in named if family(id_) == "ensemble"]
    best = min(overall or named, key=lambda id_: rank(id_, when, key))
    if of_a_part(best, key):
        return "partie_du_territoire", best
    if overall:
        return ("adoptee" if state_in(best, when) in IN_FORCE else "ensemble_autre"), best
    networks_alone = {family(id_) for id_ in named} == {"reseaux"}
    return ("reseaux" if networks_alone else "autres_documents"), best


def class_of_family(key: tuple, named: list[str], when: int) -> tuple[str, str]:
    """Return the class and the document shown by a map of one family for a territory."""
    best = min(named, key=lambda id_: rank_in_family(id_, when, key))
    return ("partie_du_territoire" if of_a_part(best, key) else state_in(best, when)), best


def coverage_class(key: tuple, when: int, family_code: str = "") -> tuple[str, str | None]:
    """The class of a territory on the map of its own strategies, and the document shown."""
    mine = [id_ for id_ in OWN[key] if family_code in ("", family(id_))]
    known_ids = [id_ for id_ in mine if state_in(id_, when)]
    named_documents = [id_ for id_ in known_ids if not names_no_document(id_)]
    if named_documents:
        return (class_of_family if family_code else overview)(key, named_documents, when)
    if known_ids:
        return "description", min(known_ids, key=lambda id_: rank(id_, when, key))
    if mine:
        documents = [id_ for id_ in mine if not names_no_document(id_)]
        dated = not documents or any(document_year(STRATEGIES[id_]) for id_ in documents)
        return ("pas_encore" if dated else "sans_date"), None
    if family_code and key in SEARCHED:
        return "aucune_de_ce_type", None
    reasons = {None: "non_cherchee", "partiel": "partielle"}
    return reasons.get(SEARCHED.get(key), "non_trouvee"), None


def theme_class(key: tuple, theme: str, named: bool = False, when: int = YEAR) -> str:
    """Return the class of a territory on the map of a theme, from its axes, else its documents."""
    known = [id_ for id_ in OWN[key] if state_in(id_, when)]
    apart = [id_ for id_ in known if SUBJECTS.get(family(id_)) != theme]
    states = {
        state_in(id_, when)
        for id_ in apart
        for axis in axes_read(id_, named)
        if theme in borne(axis)
    }
    if states:
        adopted, over = states & set(IN_FORCE), states == {"terminee"}
        return "en_cours" if adopted else "passee" if over else "relevee"
    if len(apart) < len(known):
        return "objet"
    read_ids = [id_ for id_ in known if axes_read(id_, named)]
    if any(could_carry(id_, key, when) for id_ in read_ids):
        return "absente"
    return "hors_champ" if read_ids else "inconnue"


def could_carry(id_: str, key: tuple, when: int) -> bool:
    """An overall document of the whole territory, six years old at most: it may hold any theme."""
    dated = document_year(STRATEGIES[id_])
    return (
        family(id_) == "ensemble"
        and not names_no_document(id_)
        and not of_a_part(id_, key)
        and dated is not None
        and when - dated <= 6
    )


def in_use(link: dict) -> bool:
    """A project or an experiment is no link yet."""
    return not link["solution"].endswith(("(en projet)", "(expérimentation)"))


LINKS_IN_USE = [row for row in facts("mutualisations") if in_use(row)]
# the links in use of each territory: its own, and its twins'
LINKS: dict[tuple, list[dict]] = defaultdict(list)
for row in LINKS_IN_USE:
    key = row["territoire_niveau"], row["territoire_code"]
    for territory in (key, *twins_of(key, "vaut_pour", year(row["annee_debut"]), undated=False)):
        LINKS[territory].append(row)
PARTNERS = {row["partenaire_id"]: row for row in facts("partenaires")}


def shared_services() -> dict[tuple, dict[str, bool]]:
    """The organisations of each territory and service in use, and whether a source states it."""
    stated: dict[tuple, dict[str, bool]] = defaultdict(dict)
    for territory, rows in LINKS.items():
        for row in rows:
            organisations = stated[territory, row["service"]]
            is_stated = row["certitude"] == "explicite"
            organisations[row["partenaire_id"]] = is_stated or organisations.get(
                row["partenaire_id"], False
            )
    return stated


def area_of(partner_id: str) -> set[tuple]:
    row = PARTNERS[partner_id]
    return {(row["aire_niveau"], code) for code in row["aire_code"].split("|") if code}


def in_area(key: tuple, partner_ids: Iterable[str]) -> set[str] | None:
    """Return the communes of a territory in the areas of organisations; None when unknown."""
    if key[0] == "commune":
        return MEMBERS[key]
    areas_inside, levels = [], set()
    for partner_id in partner_ids:
        area = area_of(partner_id)
        if PARTNERS[partner_id]["aire_niveau"] == "pays" or area & {key, *lies_in(key)}:
            return MEMBERS[key]
        areas_inside.append({part for part in area if part in TERRITORIES and key in lies_in(part)})
        levels.add(PARTNERS[partner_id]["aire_niveau"])
    if not all(areas_inside) or len(levels) > 1:
        return None
    return set().union(
        *(MEMBERS[part] & MEMBERS[key] for inside in areas_inside for part in inside)
    )


def service_class(key: tuple, organisations: dict[str, bool]) -> str:
    """The class of a territory on the map of a service: the stated organisations, else all."""
    stated_ids = [partner_id for partner_id, is_stated in organisations.items() if is_stated]
    certainty = "explicite" if stated_ids else "deduit"
    communes = in_area(key, stated_ids or list(organisations))
    return certainty + ("_partie" if communes and communes != MEMBERS[key] else "")


# --- themes: set by an axis, the subject of a document, absent from a whole list, or unknown ------

# family of documents → the theme that it is about, which is no priority that it chooses
SUBJECTS = {
    "inclusion": "inclusion_mediation",
    "donnees": "donnees",
    "intelligence_artificielle": "intelligence_artificielle",
    "cybersecurite": "cybersecurite_confiance",
    "numerique_responsable": "numerique_responsable",
    "numerique_educatif": "education_formation",
    "territoire_intelligent": "territoire_intelligent",
    "filiere_numerique": "economie_innovation",
    "interne": "modernisation_interne",
    "reseaux": "infrastructures",
}
AXES: dict[str, list[dict]] = defaultdict(list)
for row in facts("priorites"):
    AXES[row["strategie_id"]].append(row)


def borne(axis: dict) -> set[str]:
    """The themes of an axis."""
    return {axis["theme"], *axis["themes_secondaires"].split("|")} - {""}


def current(key: tuple[str, str]) -> list[str]:
    return [id_ for id_ in OWN[key] if STATES[id_] != "terminee"]


def axes_read(id_: str, named: bool = False) -> list[dict]:
    return [axis for axis in AXES[id_] if not named or axis["certitude"] == "explicite"]


def list_is_whole(id_: str, named: bool = False) -> bool:
    axes = AXES[id_]
    all_named = len(axes_read(id_, True)) == len(axes)
    return STRATEGIES[id_]["liste_axes"] == "complete" and bool(axes) and (all_named or not named)


def bearing(key: tuple[str, str], theme: str, named: bool = False) -> list[dict]:
    """The axes that set a theme for a territory today, but in documents that are about it."""
    return [
        axis
        for id_ in current(key)
        if SUBJECTS.get(family(id_)) != theme
        for axis in axes_read(id_, named)
        if theme in borne(axis)
    ]


def entire_overall(key: tuple[str, str], named: bool = False) -> str:
    """The overall strategy that speaks for a territory, if it is whole, not over, and all read."""
    overall = sorted(
        (id_ for id_ in OWN[key] if family(id_) == "ensemble"),
        key=lambda id_: rank_in_family(id_, YEAR, key),
    )
    first = overall[0] if overall else ""
    whole = first and STRATEGIES[first]["portee"] == "ensemble" and STATES[first] != "terminee"
    return first if whole and list_is_whole(first, named) else ""


def theme_answer(key: tuple[str, str], theme: str, named: bool = False) -> str:
    """Return the answer on a theme: « non » needs an overall strategy that was read entirely."""
    if bearing(key, theme, named):
        return "oui"
    if any(SUBJECTS.get(family(id_)) == theme for id_ in current(key)):
        return "oui_par_objet"
    return "non" if entire_overall(key, named) else "inconnu"


def in_entire(key: tuple[str, str], theme: str, named: bool = False) -> bool | None:
    """Whether the overall strategy that was read entirely sets a theme; none without one."""
    id_ = entire_overall(key, named)
    return any(theme in borne(axis) for axis in axes_read(id_, named)) if id_ else None
