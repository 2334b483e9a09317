"""Catalogue of the tables for open-data portals: DCAT-AP 3, as JSON-LD or Turtle.

Addresses are those of the site as its owner named it; without a name they are relative to that of
the catalogue, as both formats allow.
"""

from collections.abc import Iterable

from rdflib import DCTERMS, FOAF, RDF, RDFS, SKOS, XSD, Graph, Literal, Namespace, URIRef

from comparisons.analysis.dataset_changes import list_versions
from comparisons.database.connection import dataset_metadata
from comparisons.exports import geo, table_files
from comparisons.exports.citation import LICENCE_ADDRESS
from comparisons.exports.table_writers import LICENCE
from comparisons.formatting import format_partial_date, is_missing
from comparisons.queries.strategies import covered_years
from comparisons.rows import iterate_rows
from comparisons.schema.model import Table, load_format
from comparisons.schema.registry import tables
from comparisons.settings import site_contact, site_publisher

MEDIA_TYPES = {"jsonld": "application/ld+json", "ttl": "text/turtle; charset=utf-8"}
TITLE = "Stratoscope : stratégies numériques des territoires français"
DESCRIPTION = (
    "Documents, priorités, budgets, partenaires, mutualisations et indicateurs des stratégies "
    "numériques des régions, départements, intercommunalités et communes de France, relevés dans "
    "leurs sources publiques ; tables calculées et de référence."
)
KEYWORDS = ("numérique", "stratégie numérique", "collectivités territoriales", "mutualisation")
# that of rdflib lacks what version 3 added
DCAT = Namespace("http://www.w3.org/ns/dcat#")
_VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
_AUTHORITY = Namespace("http://publications.europa.eu/resource/authority/")
_IANA = "https://www.iana.org/assignments/media-types/"
_RDF_FORMATS = {"jsonld": "json-ld", "ttl": "turtle"}
# nobody promised when the next edition comes
_FREQUENCY = _AUTHORITY["frequency/IRREG"]
_PREFIXES = {"dcat": DCAT, "dct": DCTERMS, "foaf": FOAF, "vcard": _VCARD}


def catalogue(site: str, extension: str) -> bytes:
    """Return the catalogue as one of `MEDIA_TYPES`; `site` is the address of the site."""
    graph = Graph()
    for prefix, namespace in _PREFIXES.items():
        graph.bind(prefix, namespace)
    root = URIRef(f"{site}api/v1/catalogue.jsonld")
    _describe(graph, root, DCAT.Catalog, TITLE, DESCRIPTION)
    graph.add((root, FOAF.homepage, _typed(graph, site, FOAF.Document)))
    _add_origin(graph, root, site)
    whole = _package(graph, site)
    for dataset in (whole, *(_table(graph, site, table) for table in tables().values())):
        graph.add((root, DCAT.dataset, dataset))
        _add_origin(graph, dataset, site)
        _add_coverage(graph, dataset, site)
    context = {prefix: str(namespace) for prefix, namespace in _PREFIXES.items()}
    return graph.serialize(format=_RDF_FORMATS[extension], context=context).encode("utf-8")


def _describe(graph: Graph, node: URIRef, kind: URIRef, title: str, text: str) -> None:
    graph.add((node, RDF.type, kind))
    graph.add((node, DCTERMS.title, Literal(title, lang="fr")))
    graph.add((node, DCTERMS.description, Literal(text, lang="fr")))


def _typed(graph: Graph, address: str, kind: URIRef, **properties: object) -> URIRef:
    """Return a node of a kind; `properties` are those of DCTERMS."""
    node = URIRef(address)
    graph.add((node, RDF.type, kind))
    for name, value in properties.items():
        graph.add((node, DCTERMS[name], value))
    return node


def _add_origin(graph: Graph, node: URIRef, site: str) -> None:
    """Add who publishes, where to write, the licence, the language, the dates."""
    day = Literal(str(dataset_metadata()["date"]), datatype=XSD.date)
    first_day = Literal(str(list_versions()["date"].iloc[0]), datatype=XSD.date)
    publisher = _typed(graph, f"{site}contact", FOAF.Agent)
    graph.add((publisher, FOAF.name, Literal(site_publisher() or "Contributeurs de Stratoscope")))
    licence = _typed(
        graph, LICENCE_ADDRESS, DCTERMS.LicenseDocument, title=Literal(LICENCE, lang="fr")
    )
    language = _typed(graph, _AUTHORITY["language/FRA"], DCTERMS.LinguisticSystem)
    for term, value in (
        (DCTERMS.publisher, publisher),
        (DCTERMS.license, licence),
        (DCTERMS.language, language),
        (DCTERMS.issued, first_day),
        (DCTERMS.modified, day),
    ):
        graph.add((node, term, value))


def _add_coverage(graph: Graph, dataset: URIRef, site: str) -> None:
    """Add place, period, frequency, version, theme, keywords and contact of a dataset."""
    years = covered_years()
    period = _typed(graph, f"{site}api/v1/catalogue.jsonld#periode", DCTERMS.PeriodOfTime)
    graph.add((period, DCAT.startDate, Literal(str(years[0]), datatype=XSD.gYear)))
    graph.add((period, DCAT.endDate, Literal(str(years[-1]), datatype=XSD.gYear)))
    contact = _typed(graph, f"{site}contact#ecrire", _VCARD.Organization)
    address = site_contact()
    graph.add((contact, _VCARD.fn, Literal(site_publisher() or "Contributeurs de Stratoscope")))
    if "@" in address:
        graph.add((contact, _VCARD.hasEmail, URIRef(f"mailto:{address}")))
    else:
        graph.add((contact, _VCARD.hasURL, URIRef(address or f"{site}contact")))
    for term, value in (
        (DCTERMS.spatial, _typed(graph, _AUTHORITY["country/FRA"], DCTERMS.Location)),
        (DCTERMS.temporal, period),
        (DCTERMS.accrualPeriodicity, _typed(graph, _FREQUENCY, DCTERMS.Frequency)),
        (DCAT.version, Literal(str(dataset_metadata()["version"]))),
        (DCAT.contactPoint, contact),
        (DCAT.theme, _concept(graph, "data-theme/GOVE", "Gouvernement et secteur public")),
        *((DCAT.keyword, Literal(word, lang="fr")) for word in KEYWORDS),
    ):
        graph.add((dataset, term, value))


def _concept(graph: Graph, code: str, label: str) -> URIRef:
    node = _typed(graph, _AUTHORITY[code], SKOS.Concept)
    graph.add((node, SKOS.prefLabel, Literal(label, lang="fr")))
    return node


def _package(graph: Graph, site: str) -> URIRef:
    """Add the whole dataset, and the earlier editions that are still served."""
    dataset = URIRef(f"{site}donnees#jeu-de-donnees")
    _describe(graph, dataset, DCAT.Dataset, TITLE, DESCRIPTION)
    graph.add((dataset, DCTERMS.identifier, Literal("stratoscope")))
    graph.add((dataset, DCAT.landingPage, _typed(graph, f"{site}donnees", FOAF.Document)))
    address = f"{site}api/v1/package.zip"
    _add_distribution(graph, dataset, address, "Paquet de données (zip)", "ZIP", "application/zip")
    for edition in iterate_rows(list_versions().iloc[:-1]):
        served = edition.versions_servies
        if is_missing(served):
            continue
        past = URIRef(f"{address}?_version={served[-1]}")
        day = format_partial_date(edition.date)
        _describe(graph, past, DCAT.Dataset, f"{TITLE}, édition du {day}", edition.description)
        graph.add((past, DCAT.version, Literal(served[-1])))
        graph.add((past, DCTERMS.issued, Literal(edition.date, datatype=XSD.date)))
        graph.add((past, DCTERMS.isVersionOf, dataset))
        graph.add((dataset, DCAT.previousVersion, past))
        _add_distribution(graph, past, str(past), "Paquet (zip)", "ZIP", "application/zip")
    return dataset


def _table(graph: Graph, site: str, table: Table) -> URIRef:
    """Add a table, with a distribution per format."""
    page = f"{site}donnees?table={table.name}"
    dataset = URIRef(f"{page}#table")
    _describe(graph, dataset, DCAT.Dataset, table.title, table.description)
    graph.add((dataset, DCTERMS.identifier, Literal(f"stratoscope-{table.name}")))
    graph.add((dataset, DCAT.landingPage, _typed(graph, page, FOAF.Document)))
    schema = _typed(graph, f"{site}api/v1/schemas/{table.name}.json", DCTERMS.Standard)
    graph.add((schema, DCTERMS.title, Literal(f"Table Schema : {table.title}", lang="fr")))
    graph.add((schema, RDFS.label, Literal(table.name)))
    graph.add((dataset, DCTERMS.conformsTo, schema))
    if table.name in load_format().tables:
        graph.add((dataset, DCTERMS.isPartOf, URIRef(f"{site}donnees#jeu-de-donnees")))
    for extension in _formats(table):
        media_type = table_files.MEDIA_TYPES[extension].split(";")[0]
        address = f"{site}api/v1/tables/{table.name}.{extension}"
        title = f"{table.title} ({extension.upper()})"
        distribution = _add_distribution(
            graph, dataset, address, title, extension.upper(), media_type
        )
        graph.add((distribution, DCTERMS.conformsTo, schema))
    return dataset


def _formats(table: Table) -> Iterable[str]:
    return (
        each for each in table_files.MEDIA_TYPES if table.located or each not in geo.MEDIA_TYPES
    )


def _add_distribution(
    graph: Graph, dataset: URIRef, address: str, title: str, file_type: str, media_type: str
) -> URIRef:
    node = URIRef(f"{address}#fichier")
    graph.add((node, RDF.type, DCAT.Distribution))
    licence = URIRef(LICENCE_ADDRESS)
    kind = _typed(graph, _AUTHORITY[f"file-type/{file_type}"], DCTERMS.MediaTypeOrExtent)
    graph.add((kind, RDFS.label, Literal(file_type)))
    for term, value in (
        (DCTERMS.title, Literal(title, lang="fr")),
        (DCTERMS.identifier, Literal(title)),
        (DCAT.accessURL, _typed(graph, address, RDFS.Resource)),
        (DCAT.downloadURL, URIRef(address)),
        (DCTERMS["format"], kind),
        (DCAT.mediaType, _typed(graph, f"{_IANA}{media_type}", DCTERMS.MediaType)),
        (DCTERMS.license, licence),
    ):
        graph.add((node, term, value))
    graph.add((dataset, DCAT.distribution, node))
    return node
