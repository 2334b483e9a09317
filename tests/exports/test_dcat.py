"""The catalogue for portals: valid DCAT-AP, true to the tables, whose files are where it says."""

from pathlib import Path

import pytest
from pyshacl import validate
from rdflib import DCTERMS, RDF, Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic
from starlette.applications import Starlette
from starlette.testclient import TestClient

from comparisons.exports import dcat, geo
from comparisons.schema.registry import tables
from comparisons.web.api import routes

pytestmark = pytest.mark.usefixtures("database")

SITE = "https://a.fr/"
DCAT = Namespace("http://www.w3.org/ns/dcat#")
SHAPES = Path(__file__).with_name("dcat_ap.ttl")


@pytest.fixture(scope="module")
def graph() -> Graph:
    return Graph().parse(data=dcat.catalogue(SITE, "ttl"), format="turtle")


def is_valid(graph: Graph) -> tuple[bool, str]:
    conforms, _, text = validate(graph, shacl_graph=Graph().parse(SHAPES))
    return conforms, text


def test_it_is_valid(graph):
    conforms, text = is_valid(graph)
    assert conforms, text


@pytest.mark.parametrize("missing", [DCTERMS.title, DCTERMS.publisher, DCAT.accessURL])
def test_the_shapes_find_what_is_missing(graph, missing):
    poorer = Graph()
    for triple in graph:
        if triple[1] != missing:
            poorer.add(triple)
    assert not is_valid(poorer)[0]


def test_both_forms_say_the_same(graph):
    other = Graph().parse(data=dcat.catalogue(SITE, "jsonld"), format="json-ld")
    assert isomorphic(graph, other)


def test_every_table_is_there_with_its_files_and_its_schema(graph):
    datasets = set(graph.objects(None, DCAT.dataset))
    assert len(datasets) == len(tables()) + 1
    for name, table in tables().items():
        dataset = URIRef(f"{SITE}donnees?table={name}#table")
        assert dataset in datasets
        assert graph.value(dataset, DCTERMS.title) == Literal(table.title, lang="fr")
        files = {str(graph.value(each, DCAT.downloadURL))
                 for each in graph.objects(dataset, DCAT.distribution)}  # fmt: skip
        assert f"{SITE}api/v1/tables/{name}.csv" in files
        assert any(each.endswith(tuple(geo.MEDIA_TYPES)) for each in files) == table.located


def test_addresses_of_a_site_without_a_name_are_those_of_its_server(monkeypatch):
    monkeypatch.delenv("STRATOSCOPE_ADDRESS", raising=False)
    client = TestClient(Starlette(routes=routes()))
    answer = client.get("/api/v1/catalogue.ttl")
    read = Graph().parse(data=answer.content, format="turtle", publicID="https://b.fr/x")
    names = ("budgets", "paquets")
    for name in names:
        address = f"https://b.fr/api/v1/tables/{name}.csv"
        assert (URIRef(f"{address}#fichier"), RDF.type, DCAT.Distribution) in read
        assert client.head(address.removeprefix("https://b.fr")).status_code == 200
    again = client.get("/api/v1/catalogue.ttl", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_an_earlier_edition_is_named_and_served(graph):
    client = TestClient(Starlette(routes=routes()))
    versions = list(graph.objects(None, DCAT.previousVersion))
    assert versions
    for version in versions:
        assert client.get(str(version).removeprefix("https://a.fr")).status_code == 200
