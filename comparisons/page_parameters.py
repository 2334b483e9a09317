"""Parameters of each page, some of which the API and the command line share."""

from typing import Annotated, ClassVar, Self

from pydantic import Field

from comparisons.parameters import (
    SEPARATED,
    Flag,
    ParameterError,
    Parameters,
    Query,
    TerritoryKey,
    TerritoryKeys,
    matching,
    one_of,
)
from comparisons.schema.change_kinds import CHANGE_KINDS
from comparisons.schema.model import family_of, load_format, source_families, vocabulary_codes
from comparisons.schema.peer_options import (
    MAX_PEERS,
    MAX_WEIGHT,
    REGION_CHOICES,
    WEIGHTING_METHODS,
    PeerOptions,
)
from comparisons.schema.peer_variables import BY_CODE, DEFAULT_PEER_COUNT
from comparisons.schema.questions import question_codes
from comparisons.schema.registry import tables

METHODS = ("quantiles", "naturelles", "egales", "propres")
MIN_CLASSES, MAX_CLASSES = 3, 7
DEFAULT_CLASSES = 5
MAX_COMPARED = 6
MAP_LEVELS = ("region", "departement", "epci", "commune")
MAP_QUESTIONS = ("couverture", "theme", "budget", "mutualisation")
ALL_FAMILIES = "toutes"
# In a comparison: whatever is recorded, each column with its own kind of document.
ANY_FAMILY = "tout"
COMPARABLE_PERIMETERS = ("infrastructures", "usages", "strategie")
MEASURES = ("total", "par_an")
_COMPARISON_MODES = ("territoires", "editions", "echelons")
ROW_FILTERS = ("tout", "differences", "commun")
SHARED_SERVICES_TABS = (
    "avec_qui",
    "organismes",
    "reseau",
    "couverture",
    "solutions",
    "public_prive",
    "services",
    "simulateur",
)
_COST_KEYS = ("population", "egal", "mixte")
MAX_MEMBERS = 30
THEMES_TABS = ("recherche", "fiche", "frequence", "proches")
DATA_TABS = ("tables", "nouveautes", "requetes", "representativite", "versions", "programmes")
_MAX_FILTERS = 40
POSITION_SECTIONS = ("couverture", "themes", "services", "budgets", "indicateurs")
_FAMILIES = vocabulary_codes("familles_strategie")

_Zone = matching(
    r"region-[0-9]{2}|departement-([0-9]{2}|2[AB]|97[0-9])", "une région ou un département"
)
_Amount = matching(r"[0-9]{1,12}([.,][0-9]{1,4})?", "un nombre, comme 12500 ou 0,5")
_Year = matching(r"(19|20)[0-9]{2}", "une année, comme 2018")
_Rank = matching(r"[1-9][0-9]{0,3}", "le rang d’une édition, comme 1")
_Weight = matching(
    rf"({'|'.join(BY_CODE)}):[02-{MAX_WEIGHT}]",
    f"une variable et son poids, de 0 à {MAX_WEIGHT}, comme densite:2",
)
_Filter = matching(r"[a-z0-9_]+:(?s:.){1,1000}", "un filtre et sa valeur, comme type:sdtan")
_FamilyChoice = one_of((ALL_FAMILIES, *_FAMILIES))
_Family = one_of(_FAMILIES)
_Theme = one_of(vocabulary_codes("themes"))
_Service = one_of(vocabulary_codes("services"))
_Stage = one_of(vocabulary_codes("etapes"))
_Perimeter = one_of(COMPARABLE_PERIMETERS)
_Level = one_of(MAP_LEVELS)
_SourceType = one_of(source_families())
_SOURCE_TYPE = Field("", description="ne garder que les faits dont la source est officielle")


class MapParameters(Parameters):
    """Carte: one question asked of all the territories of a level.

    `famille` is the kind of documents that a question on strategies is about. `zone` narrows it to
    a région or a département; `annee` is empty for the year of the dataset. `nommes` reads only the
    axes that documents name. With `deux`, a second map of the same question stands beside: its
    choices end in `_2`, empty where they are those of the first.
    """

    niveau: _Level = "departement"
    question: one_of(MAP_QUESTIONS) = "couverture"
    zone: _Zone = ""
    annee: _Year = ""
    famille: _FamilyChoice = ALL_FAMILIES
    larges: Flag = False
    theme: _Theme = "inclusion_mediation"
    nommes: Flag = False
    perimetre: _Perimeter = "infrastructures"
    etape: _Stage = "prevu"
    mesure: one_of(MEASURES) = "total"
    methode: one_of(METHODS) = METHODS[0]
    classes: one_of(map(str, range(MIN_CLASSES, MAX_CLASSES + 1))) = str(DEFAULT_CLASSES)
    bornes: matching(r"[0-9 .,;]{1,80}", "des nombres séparés par des points-virgules") = ""
    service: _Service = "infrastructures_thd"
    partenaire: str = ""
    deux: Flag = False
    annee_2: _Year = ""
    famille_2: _FamilyChoice = ""
    theme_2: _Theme = ""
    perimetre_2: _Perimeter = ""
    etape_2: _Stage = ""
    service_2: _Service = ""
    source_type: _SourceType = _SOURCE_TYPE
    t: TerritoryKey = ""

    @classmethod
    def from_query(cls, query: Query) -> tuple[Self, list[str]]:
        """Read an address; `type` of former addresses is read as its family."""
        renamed = {"type": "famille", "type_2": "famille_2"}
        return super().from_query(
            {
                renamed.get(name, name): [family_of(value) for value in values]
                if name in renamed
                else values
                for name, values in query.items()
            }
        )

    def unselected(self) -> Self:
        """Return the parameters of the same map, without the territory looked at."""
        return self.replace(t="")

    def second_map(self) -> Self:
        """Return the parameters of the second map."""
        chosen = {
            name.removesuffix("_2"): value for name, value in self if name.endswith("_2") and value
        }
        # an organisation is compared with a service, not with itself
        return self.replace(**chosen, **({"partenaire": ""} if self.service_2 else {}))


class QuestionParameters(Parameters):
    """« Qui l’a fait ? »: one question asked of all the territories of a level.

    `zone` keeps those of a région or a département, `taille` those of a band of population, by its
    lower bound, `pairs` the peers of `t`.
    """

    question: one_of(question_codes()) = Field(
        "cybersecurite_partagee", description="question (table questions)"
    )
    niveau: _Level = Field("departement", description="niveau des territoires")
    zone: _Zone = Field("", description="région ou département où ils sont")
    taille: matching("0|[1-9][0-9]{2,6}", "le bas d’une tranche d’habitants, comme 100000") = Field(
        "", description="tranche d’habitants, par son bas"
    )
    pairs: Flag = Field(False, description="seulement les pairs de t")
    t: TerritoryKey = Field("", description="territoire dont on cherche les pairs")
    # what a map has besides
    annee: ClassVar[str] = ""
    deux: ClassVar[bool] = False

    def unselected(self) -> Self:
        """Return the parameters of the same map, without the territory looked at."""
        return self if self.pairs else self.replace(t="")


class TerritoryParameters(Parameters):
    """Territoire: one territory, its priorities by theme or by document.

    `nommes` compares only the axes that documents name with those of the levels around.
    """

    t: TerritoryKey = ""
    par: one_of(("theme", "document")) = "theme"
    nommes: Flag = False


class ComparedParameters(Parameters):
    """Two to six columns, each a territory and one of its documents.

    `doc` holds `strategie_id`s; a territory without one shows its document in force, one with
    several stands in several columns. `nommes` reads only the axes that documents name, as ranks
    and wordings ask for. `famille` is empty for the one that most columns have.
    """

    t: TerritoryKeys = Field(
        (), max_length=MAX_COMPARED, description=f"2 à {MAX_COMPARED} territoires"
    )
    doc: tuple[str, ...] = Field(
        (),
        max_length=2 * MAX_COMPARED,
        description="documents à montrer ; par défaut, le premier de la sorte comparée",
    )
    montrer: one_of(ROW_FILTERS) = Field(ROW_FILTERS[0], description="lignes à montrer")
    nommes: Flag = Field(True, description="ne lire que les axes que leur document nomme")
    famille: one_of((*_FAMILIES, ANY_FAMILY)) = Field(
        "", description="sorte de documents ; par défaut, celle que la plupart ont"
    )
    source_type: _SourceType = _SOURCE_TYPE


class ComparisonParameters(ComparedParameters):
    """Comparer: columns side by side.

    `mode` compares territories, two editions of the first of them (`doc`, the older first), or the
    levels that contain it. `theme` is the one whose wordings are open.
    """

    mode: one_of(_COMPARISON_MODES) = _COMPARISON_MODES[0]
    theme: _Theme = ""


class PeerSearchParameters(Parameters):
    """A territory, and how its peers are found.

    `poids` holds the weights that are not 1 (`densite:2`, `outre_mer:0`), `avec` the reader's own
    list; `nommes` reads only the axes that documents name.
    """

    t: TerritoryKey = Field("", description="territoire")
    maniere: one_of(WEIGHTING_METHODS) = Field(
        "structure", description="façon de les trouver : structure, voisins, taille ou liste"
    )
    nombre: one_of(map(str, range(1, MAX_PEERS + 1)), f"un nombre de 1 à {MAX_PEERS}") = Field(
        str(DEFAULT_PEER_COUNT), description="pairs au plus"
    )
    region: one_of(REGION_CHOICES) = Field(
        "toutes", description="où les chercher : toutes les régions, hors de la sienne, ou seule"
    )
    poids: Annotated[tuple[_Weight, ...], SEPARATED] = Field(
        (),
        max_length=len(BY_CODE),
        description="poids d’une variable, de 0 (écartée) à 3, comme densite:2",
    )
    avec: TerritoryKeys = Field(
        (), max_length=MAX_PEERS, description="territoires de sa propre liste"
    )
    nommes: Flag = Field(False, description="ne lire que les axes que leur document nomme")
    source_type: _SourceType = _SOURCE_TYPE

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


class PeersParameters(PeerSearchParameters):
    """Pairs: a search for peers; `rubrique` is the part of the position that is shown."""

    rubrique: one_of(POSITION_SECTIONS) = POSITION_SECTIONS[0]
    rang: Flag = False


class SharedServicesParameters(Parameters):
    """Mutualisation: one of its parts, and what it is about.

    `t` are the territories of the matrix, of the search for partners (the first) or of the
    simulator; the last nine are the figures of the simulator, the user's own. An address without a
    part is that of the directory, as it has long been, unless it has nothing but territories.
    """

    partie: one_of(SHARED_SERVICES_TABS) = SHARED_SERVICES_TABS[0]
    organisme: str = ""
    texte: str = ""
    service: _Service = ""
    forme: one_of(vocabulary_codes("formes")) = ""
    licence: one_of(vocabulary_codes("licences_solution")) = ""
    zone: _Zone = ""
    niveau: _Level = "departement"
    theme: _Theme = ""
    t: TerritoryKeys = Field((), max_length=MAX_MEMBERS)
    fixe: _Amount = ""
    par_habitant: _Amount = ""
    par_usager: _Amount = ""
    usagers: _Amount = ""
    seul: _Amount = ""
    cle: one_of(_COST_KEYS) = _COST_KEYS[0]
    part_egale: one_of(map(str, range(0, 101, 5))) = "50"
    tolerance: one_of(("0", "10", "20", "30", "50")) = "20"
    actes: _Amount = ""
    gain: _Amount = ""

    @classmethod
    def _read(cls, query: Query) -> tuple[Self, list[ParameterError]]:
        view, errors = super()._read(query)
        return view if "partie" in query else view.replace(partie=view._default_part()), errors

    def to_query(self) -> dict[str, list[str]]:
        """Write the address of these parameters, without the defaults."""
        query = super().to_query()
        query.pop("partie", None)
        is_default = self.partie == self._default_part()
        return query if is_default else {"partie": [self.partie], **query}

    def _default_part(self) -> str:
        """Return the part of these parameters in an address that names none."""
        choices = super().to_query().keys() - {"t", "partie"}
        return "organismes" if choices else SHARED_SERVICES_TABS[0]


def _codes(facet: str) -> type:
    """Return the type of the selected codes of a facet, of which only the form is checked."""
    code = matching(r"[0-9A-Za-z_-]{1,40}", f"un code de {facet}")
    return Annotated[tuple[code, ...], Field(max_length=_MAX_FILTERS)]


class ThemesParameters(Parameters):
    """Thèmes et recherche: a text looked for, a theme, frequencies, or strategies close to one.

    `niveau` to `table` are what the search is narrowed to, `chez` the territories it keeps to,
    `exact` leaves synonyms out; `fiche` is the theme whose sheet is open, `echelon` the level of
    its lists and of the frequencies (empty: all), `famille` the documents whose frequencies are
    shown, `strategie` the one whose closest are, `autre` the one whose wordings are put beside;
    `nommes` reads only the axes that documents name, `mots_nommes` where wordings are compared.
    """

    partie: one_of(THEMES_TABS) = THEMES_TABS[0]
    texte: str = ""
    niveau: _codes("niveau") = ()
    region: _codes("région") = ()
    theme: _codes("thème") = ()
    type: _codes("type") = ()
    periode: _codes("période") = ()
    etat: _codes("état") = ()
    table: _codes("table") = ()
    chez: TerritoryKeys = Field((), max_length=MAX_PEERS)
    exact: Flag = False
    fiche: _Theme = "inclusion_mediation"
    echelon: _Level = ""
    famille: _Family = "ensemble"
    strategie: str = ""
    autre: str = ""
    nommes: Flag = False
    mots_nommes: Flag = True
    source_type: _SourceType = _SOURCE_TYPE


class DataParameters(Parameters):
    """Données: one of its parts, and what is asked of a table.

    `filtre` holds filters of the API as `parametre:valeur` (`montant__gte:100000`), `tri` a column,
    with `-` before it for the greatest first; `niveau` is that of the map of what is missing, `de`
    and `a` are the editions compared, by rank (empty until they are shown), `nature` the changes
    shown between them.
    """

    partie: one_of(DATA_TABS) = DATA_TABS[0]
    table: one_of(tables()) = "strategies"
    filtre: tuple[_Filter, ...] = Field((), max_length=_MAX_FILTERS)
    tri: matching(r"-?[a-z0-9_]+", "une colonne, avec « - » devant pour décroître") = ""
    requete: str = ""
    niveau: _Level = "departement"
    de: _Rank = ""
    a: _Rank = ""
    nature: one_of(CHANGE_KINDS) = next(iter(CHANGE_KINDS))

    @property
    def query(self) -> dict[str, list[str]]:
        """Return the selection as query parameters of the API."""
        query: dict[str, list[str]] = {}
        for condition in self.filtre:
            name, _, value = condition.partition(":")
            query.setdefault(name, []).append(value)
        return query | ({"_tri": [self.tri]} if self.tri else {})


class FeedParameters(Parameters):
    """A feed of what changes: of territories or all, of a theme, of a question."""

    t: TerritoryKey = Field("", description="territoire ; tous sans lui")
    avec: one_of(("contenus", "pairs")) = Field("", description="avec son contenu, ou ses pairs")
    theme: _Theme = Field("", description="axes d’un thème seulement")
    question: one_of(question_codes()) = Field("", description="preuves d’une question seulement")


class ContactParameters(Parameters):
    """Contact: the fact (`table` and its key `fait`) or the page (`de`) about which one writes."""

    table: one_of(tuple(load_format().tables)) = "strategies"
    fait: str = ""
    de: matching(r"[\w./?=&%+:~-]{1,1000}", "l’adresse d’une page") = ""


class BasketParameters(Parameters):
    """Parameters that every page accepts beside its own: the basket."""

    panier: TerritoryKeys = Field((), max_length=MAX_COMPARED)
