"""The states of pages that every check of pages goes through: pages × parts × choices."""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from effort import THOROUGH


@dataclass(frozen=True)
class State:
    """An address, and what a reader sees there."""

    address: str
    figure: bool = False
    # the first state of a page is seen as it opens, in the dark too; the others with all unfolded
    is_first: bool = False
    # laid out on a phone as no other state is; a thorough run looks at all of them there
    phone: bool = False
    # texts of the corpus stand on it
    has_facts: bool = True

    @property
    def page(self) -> str:
        """Return the name of the page's file."""
        return urlsplit(self.address).path.strip("/") or "carte"

    @property
    def is_seen_on_a_phone(self) -> bool:
        return self.is_first or self.phone or THOROUGH

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.address).query)


STATES = (
    State("/?t=departement-35", figure=True, is_first=True),
    State("/?question=theme&niveau=region&t=region-53", figure=True),
    State("/?question=mutualisation&partenaire=megalis-bretagne", figure=True),
    State("/?question=mutualisation&niveau=epci", figure=True),
    State("/?question=budget&deux=oui&etape_2=vote", figure=True, phone=True),
    State("/territoire?t=region-53", figure=True, is_first=True),
    State("/territoire", has_facts=False),
    State("/territoire?t=departement-43", figure=True),  # no strategy
    State("/territoire?t=epci-243500139", figure=True),
    State("/territoire?t=commune-75056&par=document", figure=True, phone=True),
    State("/comparer?t=departement-35&t=departement-22&t=region-53", figure=True, is_first=True),
    State("/comparer", figure=True, has_facts=False),
    State("/comparer?mode=editions&t=departement-76", figure=True, phone=True),
    State("/comparer?mode=echelons&t=commune-35238", phone=True),
    State("/pairs?t=departement-53", figure=True, is_first=True),
    State("/pairs", has_facts=False),
    State(
        "/pairs?t=departement-53&rubrique=themes&maniere=liste&avec=departement-72",
        figure=True,
        phone=True,
    ),
    State("/pairs?t=region-53&rubrique=services", figure=True, phone=True),
    State("/questions?question=pilotage_elu&t=departement-35", figure=True, is_first=True),
    State("/questions?niveau=epci&taille=100000&zone=region-84", figure=True, phone=True),
    State("/mutualisation?partie=reseau&zone=region-53", figure=True, is_first=True),
    State("/mutualisation", has_facts=False),
    State("/mutualisation?partie=organismes"),
    State("/mutualisation?organisme=megalis-bretagne", figure=True, phone=True),
    State("/mutualisation?partie=services&t=departement-35&t=departement-22", phone=True),
    State("/mutualisation?partie=services&zone=region-53"),
    State("/mutualisation?partie=solutions"),
    State("/mutualisation?partie=couverture&service=archivage_electronique", phone=True),
    State("/mutualisation?partie=avec_qui&t=departement-53", phone=True),
    State(
        "/mutualisation?partie=simulateur&t=departement-53&t=departement-72&fixe=100000&seul=90000",
        figure=True,
        phone=True,
    ),
    State("/mutualisation?partie=public_prive", has_facts=False),
    State("/themes?texte=inclusion", is_first=True),
    State("/themes?partie=frequence", figure=True, is_first=True, has_facts=False),
    State("/themes"),
    State("/themes?partie=fiche&fiche=donnees", phone=True),
    State("/themes?partie=proches&strategie=departement-53-sdtan-2017"),
    State("/donnees?table=budgets&filtre=perimetre:usages", is_first=True, has_facts=False),
    State("/donnees?partie=representativite", figure=True, is_first=True, has_facts=False),
    State(
        "/donnees?partie=requetes&requete=SELECT type, count(*) AS n FROM strategies GROUP BY ALL",
        has_facts=False,
        phone=True,
    ),
    State("/donnees?partie=nouveautes"),
    State("/donnees?partie=versions", phone=True),
    State("/donnees?partie=programmes", has_facts=False),
    State("/contribuer", is_first=True, has_facts=False),
    State("/methode", is_first=True, has_facts=False),
    State("/contact", is_first=True, has_facts=False),
    State("/contact?table=budgets&fait=h1-b1"),
)
