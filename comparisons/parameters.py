"""Parameters of the pages as frozen dataclasses, read from and written to query strings.

Defaults are left out of an address. An invalid value is ignored, with a French notice.
Parameter names are short, French and stable: addresses are shared and printed.

The API and the command line are strict (`parse_strictly` and the checks): they refuse the values
that a page would ignore.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Self, TypeVar

from comparisons.errors import BadRequestError
from comparisons.formatting import join_words
from comparisons.schema.change_kinds import CHANGE_KINDS
from comparisons.schema.model import family_of, vocabulary_codes
from comparisons.schema.peer_options import (
    MAX_PEERS,
    MAX_WEIGHT,
    REGION_CHOICES,
    WEIGHTING_METHODS,
    PeerOptions,
)
from comparisons.schema.peer_variables import BY_CODE, DEFAULT_PEER_COUNT
from comparisons.schema.registry import tables
from comparisons.schema.territory import parse_key

METHODS = ("quantiles", "naturelles", "egales", "propres")
MIN_CLASSES, MAX_CLASSES = 3, 7
DEFAULT_CLASSES = 5
MAX_COMPARED = 6
MAP_LEVELS = ("region", "departement", "epci", "commune")
ZONE_LEVELS = ("region", "departement")
MAP_QUESTIONS = ("couverture", "theme", "budget", "mutualisation")
ALL_FAMILIES = "toutes"
# In a comparison: whatever is recorded, each column with its own kind of document.
ANY_FAMILY = "tout"
COMPARABLE_PERIMETERS = ("infrastructures", "usages", "strategie")
MEASURES = ("total", "par_an")
_COMPARISON_MODES = ("territoires", "editions", "echelons")
ROW_FILTERS = ("tout", "differences", "commun")
SHARED_SERVICES_TABS = (
    "organismes",
    "reseau",
    "services",
    "solutions",
    "couverture",
    "avec_qui",
    "simulateur",
    "public_prive",
)
_COST_KEYS = ("population", "egal", "mixte")
MAX_MEMBERS = 30
THEMES_TABS = ("recherche", "fiche", "frequence", "proches")
DATA_TABS = ("tables", "requetes", "representativite", "versions", "programmes")
_MAX_FILTERS = 40
POSITION_SECTIONS = ("couverture", "themes", "services", "budgets", "indicateurs")

Query = Mapping[str, Sequence[str]]


def _choice_field(default: str, allowed: Sequence[str] | str) -> str:
    """Declare a parameter with one value of a list, or of the vocabulary of that name."""
    return field(default=default, metadata={"allowed": allowed})


def _territory_field() -> str:
    return field(default="", metadata={"territory": True})


def _territories_field(limit: int = MAX_COMPARED) -> tuple[str, ...]:
    return field(default=(), metadata={"territory": True, "many": limit})


def _free_field() -> str:
    return field(default="", metadata={})


def _pattern_field(pattern: str, expected: str) -> str:
    """Declare a parameter that is empty or matches a pattern; `expected` describes it in French."""
    return field(default="", metadata={"pattern": re.compile(pattern), "expected": expected})


def _flag_field(default: bool = False) -> bool:
    """Declare a switch, `oui` or `non`; left out of the address at its default value."""
    return field(default=default, metadata={"allowed": ("oui", "non"), "flag": True})


def _weights_field() -> tuple[str, ...]:
    """Declare weights of structural variables, `variable:0` to `variable:3` (1 is left out)."""
    pattern = rf"({'|'.join(BY_CODE)}):[02-{MAX_WEIGHT}]"
    expected = f"une variable et son poids, de 0 à {MAX_WEIGHT}, comme densite:2"
    rules = {"pattern": re.compile(pattern), "expected": expected, "many": len(BY_CODE)}
    return field(default=(), metadata=rules)


def _list_field(limit: int, pattern: str = "", expected: str = "") -> tuple[str, ...]:
    rules = {"pattern": re.compile(pattern), "expected": expected} if pattern else {}
    return field(default=(), metadata={"many": limit, **rules})


@dataclass(frozen=True)
class Parameters:
    """All the parameters of a page: equal parameters give the same page."""

    @classmethod
    def from_query(cls, query: Query) -> tuple[Self, list[str]]:
        """Parse an address; return the parameters and a French notice per ignored value."""
        values, notices = {}, []
        for parameter in fields(cls):
            raw = [value for value in query.get(parameter.name, ()) if value]
            if parameter.metadata.get("territory"):  # repeated, or separated by commas
                raw = [key.strip() for value in raw for key in value.split(",") if key.strip()]
            accepted = []
            for value in raw:
                problem = _describe_problem(parameter.name, value, parameter.metadata)
                if problem:
                    notices.append(problem)
                elif value not in accepted:
                    accepted.append(value)
            limit = parameter.metadata.get("many")
            if limit:
                if len(accepted) > limit:
                    noun = "territoires" if parameter.metadata.get("territory") else "éléments"
                    noun = "documents" if parameter.name == "doc" else noun
                    notices.append(f"Seuls les {limit} premiers {noun} sont gardés.")
                values[parameter.name] = tuple(accepted[:limit])
            elif accepted:
                is_flag = parameter.metadata.get("flag")
                values[parameter.name] = accepted[0] == "oui" if is_flag else accepted[0]
        return cls(**values), notices

    def to_query(self) -> dict[str, list[str]]:
        """Write the address of this view, without its defaults."""
        query = {}
        for parameter in fields(self):
            value, is_flag = getattr(self, parameter.name), parameter.metadata.get("flag")
            if value != parameter.default:
                value = {True: "oui", False: "non"}.get(value, value) if is_flag else value
                query[parameter.name] = list(value) if isinstance(value, tuple) else [value]
        return query


def _describe_problem(name: str, value: str, rules: Mapping) -> str:
    """Return in French why a value is invalid; empty if it is valid."""
    if rules.get("territory"):
        try:
            parse_key(value)
        except ValueError as error:
            return str(error)
        return ""
    pattern = rules.get("pattern")
    if pattern and not pattern.fullmatch(value):
        return f"« {value} » a été ignoré pour « {name} » : on attend {rules['expected']}."
    allowed = rules.get("allowed")
    if allowed is None:
        return ""
    choices = vocabulary_codes(allowed) if isinstance(allowed, str) else allowed
    if value in choices:
        return ""
    return (
        f"« {value} » n’est pas une valeur de « {name} » et a été ignoré ; "
        f"valeurs possibles : {join_words(filter(None, choices), 'ou')}."
    )


def _zone_field() -> str:
    """Declare a région or a département, or an empty value."""
    pattern = r"region-[0-9]{2}|departement-([0-9]{2}|2[AB]|97[0-9])"
    return _pattern_field(pattern, "une région ou un département")


def _amount_field() -> str:
    """Declare a number, with a decimal point or comma, or an empty value."""
    return _pattern_field(r"[0-9]{1,12}([.,][0-9]{1,4})?", "un nombre, comme 12500 ou 0,5")


def _year_field() -> str:
    return _pattern_field(r"(19|20)[0-9]{2}", "une année, comme 2018")


_FAMILIES = (ALL_FAMILIES, *vocabulary_codes("familles_strategie"))


@dataclass(frozen=True)
class MapParameters(Parameters):
    """Carte: one question asked of all the territories of a level.

    `famille` is the kind of documents that a question on strategies is about. `zone` narrows it to
    a région or a département; `annee` is empty for the year of the dataset. `nommes` reads only the
    axes that documents name. With `deux`, a second map of the same question stands beside: its
    choices end in `_2`, empty where they are those of the first.
    """

    niveau: str = _choice_field("departement", MAP_LEVELS)
    question: str = _choice_field("couverture", MAP_QUESTIONS)
    zone: str = _zone_field()
    annee: str = _year_field()
    famille: str = _choice_field(ALL_FAMILIES, _FAMILIES)
    larges: bool = _flag_field()
    theme: str = _choice_field("inclusion_mediation", "themes")
    nommes: bool = _flag_field()
    perimetre: str = _choice_field("infrastructures", COMPARABLE_PERIMETERS)
    etape: str = _choice_field("prevu", "etapes")
    mesure: str = _choice_field("total", MEASURES)
    methode: str = _choice_field(METHODS[0], METHODS)
    classes: str = _choice_field(
        str(DEFAULT_CLASSES), tuple(map(str, range(MIN_CLASSES, MAX_CLASSES + 1)))
    )
    bornes: str = _pattern_field(r"[0-9 .,;]{1,80}", "des nombres séparés par des points-virgules")
    service: str = _choice_field("infrastructures_thd", "services")
    partenaire: str = _free_field()
    deux: bool = _flag_field()
    annee_2: str = _year_field()
    famille_2: str = _choice_field("", ("", *_FAMILIES))
    theme_2: str = _choice_field("", ("", *vocabulary_codes("themes")))
    perimetre_2: str = _choice_field("", ("", *COMPARABLE_PERIMETERS))
    etape_2: str = _choice_field("", ("", *vocabulary_codes("etapes")))
    service_2: str = _choice_field("", ("", *vocabulary_codes("services")))
    t: str = _territory_field()

    @classmethod
    def from_query(cls, query: Query) -> tuple[Self, list[str]]:
        """Parse an address; `type` of former addresses is read as its family."""
        renamed = {"type": "famille", "type_2": "famille_2"}
        return super().from_query(
            {
                renamed.get(name, name): [family_of(value) for value in values]
                if name in renamed
                else values
                for name, values in query.items()
            }
        )

    def second_map(self) -> Self:
        """Return the parameters of the second map."""
        second_values = {
            parameter.name: getattr(self, parameter.name)
            for parameter in fields(self)
            if parameter.name.endswith("_2")
        }
        overrides = {
            name.removesuffix("_2"): value for name, value in second_values.items() if value
        }
        # an organisation is compared with a service, not with itself
        return replace(self, **overrides, **({"partenaire": ""} if self.service_2 else {}))


@dataclass(frozen=True)
class TerritoryParameters(Parameters):
    """Territoire: one territory, its priorities by theme or by document.

    `nommes` compares only the axes that documents name with those of the levels around.
    """

    t: str = _territory_field()
    par: str = _choice_field("theme", ("theme", "document"))
    nommes: bool = _flag_field()


@dataclass(frozen=True)
class ComparisonParameters(Parameters):
    """Comparer: two to six columns, each a territory and one of its documents.

    `doc` holds `strategie_id`s; a territory without one shows its document in force, one with
    several stands in several columns. `mode` compares territories, two editions of the first of
    them (`doc`, the older first), or the levels that contain it. `theme` is the one whose wordings
    are open; `nommes` reads only the axes that documents name, as ranks and wordings ask for.
    `famille` is the kind of documents compared: empty for the one that most columns have.
    """

    t: tuple[str, ...] = _territories_field()
    doc: tuple[str, ...] = _list_field(2 * MAX_COMPARED)
    mode: str = _choice_field(_COMPARISON_MODES[0], _COMPARISON_MODES)
    montrer: str = _choice_field(ROW_FILTERS[0], ROW_FILTERS)
    theme: str = _choice_field("", ("", *vocabulary_codes("themes")))
    nommes: bool = _flag_field(default=True)
    famille: str = _choice_field("", ("", *vocabulary_codes("familles_strategie"), ANY_FAMILY))


@dataclass(frozen=True)
class PeersParameters(Parameters):
    """Pairs: a territory, and how its peers are found.

    `poids` holds the weights that are not 1 (`densite:2`, `outre_mer:0`), `avec` the reader's own
    list; `rubrique` is the part of the position that is shown; `nommes` reads only the axes that
    documents name.
    """

    t: str = _territory_field()
    maniere: str = _choice_field(next(iter(WEIGHTING_METHODS)), tuple(WEIGHTING_METHODS))
    nombre: str = _choice_field(str(DEFAULT_PEER_COUNT), tuple(map(str, range(1, MAX_PEERS + 1))))
    region: str = _choice_field(next(iter(REGION_CHOICES)), tuple(REGION_CHOICES))
    poids: tuple[str, ...] = _weights_field()
    avec: tuple[str, ...] = _territories_field(MAX_PEERS)
    rubrique: str = _choice_field(POSITION_SECTIONS[0], POSITION_SECTIONS)
    rang: bool = _flag_field()
    nommes: bool = _flag_field()

    @property
    def choice(self) -> PeerOptions:
        """Return the options of the search for peers."""
        weights = (weight.split(":") for weight in self.poids)
        return PeerOptions(
            maniere=self.maniere,
            nombre=int(self.nombre),
            region=self.region,
            poids=tuple((code, float(weight)) for code, weight in weights),
            liste=self.avec,
        )


@dataclass(frozen=True)
class SharedServicesParameters(Parameters):
    """Mutualisation: one of its parts, and what it is about.

    `t` are the territories of the matrix, of the search for partners (the first) or of the
    simulator; the last nine are the figures of the simulator, the user's own.
    """

    partie: str = _choice_field(SHARED_SERVICES_TABS[0], SHARED_SERVICES_TABS)
    organisme: str = _free_field()
    texte: str = _free_field()
    service: str = _choice_field("", ("", *vocabulary_codes("services")))
    forme: str = _choice_field("", ("", *vocabulary_codes("formes")))
    licence: str = _choice_field("", ("", *vocabulary_codes("licences_solution")))
    zone: str = _zone_field()
    niveau: str = _choice_field("departement", MAP_LEVELS)
    theme: str = _choice_field("", ("", *vocabulary_codes("themes")))
    t: tuple[str, ...] = _territories_field(MAX_MEMBERS)
    fixe: str = _amount_field()
    par_habitant: str = _amount_field()
    par_usager: str = _amount_field()
    usagers: str = _amount_field()
    seul: str = _amount_field()
    cle: str = _choice_field(_COST_KEYS[0], _COST_KEYS)
    part_egale: str = _choice_field("50", tuple(map(str, range(0, 101, 5))))
    tolerance: str = _choice_field("20", ("0", "10", "20", "30", "50"))
    actes: str = _amount_field()
    gain: str = _amount_field()


def _codes_field(facet: str) -> tuple[str, ...]:
    """Declare the selected codes of a facet of the search, of which only the form is checked."""
    return _list_field(_MAX_FILTERS, r"[0-9A-Za-z_-]{1,40}", f"un code de {facet}")


@dataclass(frozen=True)
class ThemesParameters(Parameters):
    """Thèmes et recherche: a text looked for, a theme, frequencies, or strategies close to one.

    `niveau` to `table` are what the search is narrowed to, facet by facet; `fiche` is the theme
    whose sheet is open, `echelon` the level of its lists and of the frequencies (empty for all of
    them), `famille` the documents whose frequencies are shown, `strategie` the one whose closest
    are, `autre` the one whose wordings are put beside; `nommes` reads only the axes that documents
    name, `mots_nommes` does where wordings are compared.
    """

    partie: str = _choice_field(THEMES_TABS[0], THEMES_TABS)
    texte: str = _free_field()
    niveau: tuple[str, ...] = _codes_field("niveau")
    region: tuple[str, ...] = _codes_field("région")
    theme: tuple[str, ...] = _codes_field("thème")
    type: tuple[str, ...] = _codes_field("type")
    periode: tuple[str, ...] = _codes_field("période")
    etat: tuple[str, ...] = _codes_field("état")
    table: tuple[str, ...] = _codes_field("table")
    fiche: str = _choice_field("inclusion_mediation", "themes")
    echelon: str = _choice_field("", ("", *MAP_LEVELS))
    famille: str = _choice_field("ensemble", "familles_strategie")
    strategie: str = _free_field()
    autre: str = _free_field()
    nommes: bool = _flag_field()
    mots_nommes: bool = _flag_field(default=True)


@dataclass(frozen=True)
class DataParameters(Parameters):
    """Données: one of its parts, and what is asked of a table.

    `filtre` holds filters of the API as `parametre:valeur` (`montant__gte:100000`), `tri` a column,
    with `-` before it for the greatest first; `niveau` is that of the map of what is missing, `de`
    and `a` are the editions compared, by rank (empty until they are shown), `nature` the changes
    shown between them.
    """

    partie: str = _choice_field(DATA_TABS[0], DATA_TABS)
    table: str = _choice_field("strategies", tuple(tables()))
    filtre: tuple[str, ...] = _list_field(
        _MAX_FILTERS, r"[a-z0-9_]+:(?s:.){1,1000}", "un filtre et sa valeur, comme type:sdtan"
    )
    tri: str = _pattern_field(r"-?[a-z0-9_]+", "une colonne, avec « - » devant pour décroître")
    requete: str = _free_field()
    niveau: str = _choice_field("departement", MAP_LEVELS)
    de: str = _pattern_field(r"[1-9][0-9]{0,3}", "le rang d’une édition, comme 1")
    a: str = _pattern_field(r"[1-9][0-9]{0,3}", "le rang d’une édition, comme 2")
    nature: str = _choice_field(next(iter(CHANGE_KINDS)), tuple(CHANGE_KINDS))

    @property
    def query(self) -> dict[str, list[str]]:
        """Return the selection as query parameters of the API."""
        query: dict[str, list[str]] = {}
        for condition in self.filtre:
            name, _, value = condition.partition(":")
            query.setdefault(name, []).append(value)
        return query | ({"_tri": [self.tri]} if self.tri else {})


@dataclass(frozen=True)
class BasketParameters(Parameters):
    """Parameters that every page accepts beside its own: the basket."""

    panier: tuple[str, ...] = _territories_field()


_V = TypeVar("_V", bound=Parameters)


def check_parameters(query: Query, known: Collection[str]) -> None:
    """Raise `BadRequestError` for a parameter that is unknown, or empty."""
    for name, values in query.items():
        if name not in known:
            raise BadRequestError(
                f"Paramètre inconnu : « {name} ». Paramètres : {', '.join(known)}."
            )
        if not all(values):
            raise BadRequestError(f"Le paramètre « {name} » est vide.")


def check_single(query: Query, names: Collection[str]) -> None:
    """Raise `BadRequestError` if one of the single-valued parameters is repeated."""
    for name in names:
        if len(query.get(name, ())) > 1:
            raise BadRequestError(f"« {name} » n’a qu’une valeur.")


def split_values(raw: Sequence[str]) -> list[str]:
    """Split values, repeated or separated by commas, into a list without duplicates."""
    values = [part.strip() for value in raw for part in value.split(",") if part.strip()]
    return list(dict.fromkeys(values))


def parse_strictly(kind: type[_V], query: Query) -> _V:
    """Parse an address as a page does, but raise `BadRequestError` for an invalid value."""
    view, notices = kind.from_query(query)
    if notices:
        raise BadRequestError(" ".join(map(_to_refusal, notices)))
    return view


def _to_refusal(notice: str) -> str:
    """Return the notice of a page, which ignores a value, as a refusal."""
    return notice.replace(" et a été ignoré", "").replace("a été ignoré pour", "ne va pas pour")
