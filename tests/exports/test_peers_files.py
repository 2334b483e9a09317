"""Files of peers carry the tables of the page, its words and its sources, no other."""

import json
from urllib.parse import parse_qs

import openpyxl
import pandas as pd
import pytest
from file_contents import open_workbook, plain

from comparisons.analysis.peers import (
    gap_documents,
    gap_services,
    gap_themes,
    gaps,
    portrait,
    position,
    search,
    stability,
)
from comparisons.analysis.peers import study as peers_study
from comparisons.analysis.peers.request import parse_request
from comparisons.analysis.peers.study import PeersReport, load_report
from comparisons.cli.main import main
from comparisons.database.connection import dataset_metadata, query
from comparisons.errors import BadRequestError
from comparisons.exports import peers_files, table_writers
from comparisons.exports.peers_notes import GAPS_NOTE, SECTIONS, notes_lines
from comparisons.formatting import MISSING
from comparisons.page_parameters import POSITION_SECTIONS
from comparisons.queries import thresholds
from comparisons.queries.sources import sources as cited_sources
from comparisons.schema import peer_variables, registry
from comparisons.schema.model import load_format
from comparisons.schema.peer_options import PeerOptions
from comparisons.schema.registry import described_tables

pytestmark = pytest.mark.usefixtures("database")

TABLES = (
    "pairs", "contributions", "position", "points", "ecarts_themes", "ecarts_services",
    "strategies_recentes", "sources",
)  # fmt: skip
# a territory, what is asked of a command, and the same as the page understands it
CASES = {
    "mayenne": ("departement-53", "", PeerOptions()),
    "paris": ("departement-75", "--maniere structure", PeerOptions()),
    "mayotte": ("departement-976", "--nombre 5", PeerOptions(nombre=5)),
    "bretagne": (
        "region-53",
        "--nombre 4 --poids densite:2 population:0 superficie_km2:1",
        PeerOptions(nombre=4, poids=(("densite", 2.0), ("population", 0.0))),
    ),
    "rennes-metropole": (
        "epci-243500139",
        "--maniere taille --region hors",
        PeerOptions(maniere="taille", region="hors"),
    ),
    "rennes": (
        "commune-35238",
        "--maniere voisins --nombre 6",
        PeerOptions(maniere="voisins", nombre=6),
    ),
    "liste": (
        "departement-29",
        "--avec departement-35 departement-56 departement-22",
        PeerOptions(maniere="liste", liste=("departement-35", "departement-56", "departement-22")),
    ),
}
PEERS_FOUND = {"paris": 0, "mayotte": 2, "bretagne": 4, "rennes": 6, "rennes-metropole": 8,
               "liste": 3}  # fmt: skip


# those, one of each level and nobody, of which every table is made a second time
ASKED_AGAIN = ("paris", "bretagne", "rennes-metropole", "rennes")


@pytest.fixture(scope="module", params=CASES)
def case(request, database) -> tuple[str, PeersReport]:
    key, _, choice = CASES[request.param]
    return request.param, load_report(key, choice)


@pytest.fixture(scope="module")
def book(case) -> openpyxl.Workbook:
    key, _, choice = CASES[case[0]]
    address = "https://exemple.fr/pairs?t=x"
    return open_workbook(peers_files.encode(key, choice, "xlsx", address))


@pytest.fixture(scope="module")
def payload(case) -> dict:
    key, _, choice = CASES[case[0]]
    return json.loads(peers_files.encode(key, choice, "json"))


# --- the tables of the page -----------------------------------------------------------------------


def test_tables_are_what_the_questions_answer(case):
    name, report = case
    key, _, choice = CASES[name]
    result = search.find_peers(key, choice)
    keys = list(result.table["cle"])
    tables = peers_study.tables(key, choice)
    assert tuple(tables) == TABLES
    assert len(keys) == PEERS_FOUND.get(name, 10)
    assert list(tables["pairs"]["cle"]) == keys
    assert list(tables["pairs"]["raison"]) == [
        portrait.explain_peer(row) for row in result.table.itertuples()
    ]
    stable = stability.rank_stability(key, choice)
    pd.testing.assert_series_equal(tables["pairs"]["stabilite"], stable["part"], check_names=False)
    if name not in ASKED_AGAIN:
        return
    observations = position.peer_observations(key, keys)
    for table, expected in (
        ("position", position.position_summary(observations)),
        ("points", observations),
        ("ecarts_themes", gap_themes.theme_gaps(key, keys)),
        ("ecarts_services", gap_services.service_gaps(key, keys)),
        ("strategies_recentes", gap_documents.newer_strategies(key, keys)),
    ):
        pd.testing.assert_frame_equal(tables[table], expected)
    assert list(report.phrases["phrase"]) == list(gaps.describe_gaps(key, keys)["phrase"])


def test_populations_and_borders_are_those_of_the_database(case):
    name, report = case
    for row in report.tables["pairs"].itertuples():
        level, _, code = row.cle.partition("-")
        people, bordering = query(
            """SELECT population, (SELECT longueur_km FROM voisins v
                WHERE v.territoire_niveau = t.territoire_niveau
                  AND v.territoire_code = ? AND v.voisin_code = t.territoire_code) AS km
            FROM territoires t WHERE territoire_niveau = ? AND territoire_code = ?""",
            [CASES[name][0].partition("-")[2], level, code],
        ).iloc[0]
        assert row.population == people
        assert (row.longueur_km == bordering) or (name != "rennes" and pd.isna(row.longueur_km))


def test_contributions_add_up_and_are_ratios_or_differences(case):
    _, report = case
    rows = report.tables["contributions"]
    sums = rows.groupby("cle")["contribution"].sum()
    assert sums.to_numpy() == pytest.approx([1.0] * len(sums))
    assert not (rows["rapport"].notna() & rows["difference"].notna()).any()
    for row in rows.itertuples():
        logged = peer_variables.BY_CODE[row.variable].logged
        assert pd.isna(row.difference if logged else row.rapport)


def test_all_sources_cited_are_in_the_sources(case):
    tables = case[1].tables
    cited = {source for ids in tables["points"]["source_ids"] for source in ids}
    cited |= set(tables["strategies_recentes"]["source_id"])
    assert set(tables["sources"]["source_id"]) == cited
    assert list(tables["sources"].columns) == list(cited_sources([]).columns)


# --- the same numbers everywhere ------------------------------------------------------------------


def test_json_has_the_sentences_and_the_weights(case, payload):
    name, report = case
    key, _, choice = CASES[name]
    assert payload["territoire"]["cle"] == key and payload["maniere"] == choice.maniere
    assert payload["explication"] == report.search_result.explication
    for table in ("contributions", "position"):
        rows = report.tables[table].astype(object)
        assert payload[table] == rows.where(rows.notna() & (rows != ""), None).to_dict("records")
    assert [line["phrase"] for line in payload["ecarts"]] == list(report.phrases["phrase"])
    weights = choice.weights(key.partition("-")[0])
    weights_by_variable = {row["variable"]: row["poids"] for row in payload["variables"]}
    assert {code: weight for code, weight in weights_by_variable.items() if weight} == weights
    assert set(weights_by_variable) == set(peer_variables.peer_variables(key.partition("-")[0]))
    assert (payload["plafond"] is None) == (choice.maniere != "structure")


def test_terminal_shows_the_words_of_the_page(case, monkeypatch, capfdbinary):
    name, report = case
    monkeypatch.setenv("COLUMNS", "70")
    assert main(["pairs", CASES[name][0], *CASES[name][1].split()]) == 0
    text = capfdbinary.readouterr().out.decode("utf-8")
    assert max(map(len, text.splitlines())) <= 70
    visible_text = plain(text)
    sentences = [
        report.search_result.explication,
        table_writers.citation_sentence(),
        *report.phrases["phrase"],
        *report.partages,
    ]
    sentences += list(report.tables["pairs"]["portrait"])
    if len(report.tables["pairs"]):
        sentences += [*report.tables["position"]["phrase"], *report.tables["position"]["titre"]]
    for words in sentences:
        assert plain(words) in visible_text
    for row in report.tables["pairs"].itertuples():
        assert plain(f"{row.rang}. {row.libelle.replace(chr(39), '’')}") in visible_text
        reason = plain(row.raison)
        assert reason[:1].upper() + reason[1:] in visible_text


# --- what is unknown ------------------------------------------------------------------------------


def test_unknown_is_never_zero(case, payload):
    name, report = case
    for row in payload["position"]:
        if row["forme"] == "oui_non":
            assert row["valeur"] is None
            if not row["n_renseignes"]:
                assert row["part"] is None
        elif not thresholds.has_median(row["n_renseignes"], row["n"]):
            assert row["mediane"] is None and row["pourquoi"]
        if row["forme"] == "valeur" and row["valeur"] is None:
            assert MISSING in row["texte"]
    by_structure = CASES[name][2].maniere == "structure"
    for row in payload["pairs"]:
        assert (row["distance"] is None) == (row["stabilite"] is None) == (not by_structure)
    for row in report.tables["points"].itertuples():
        if row.reponse == "inconnu" or row.texte == MISSING:
            assert pd.isna(row.valeur)


def test_nobody_is_a_peer_of_paris_and_it_says_why():
    payload = json.loads(peers_files.encode("departement-75", PeerOptions(), "json"))
    assert payload["pairs"] == [] and "surtout par" in payload["explication"]
    assert payload["ecarts"][0]["phrase"].startswith("Le groupe ne compte aucun pair")
    assert all(row["n"] == 0 and row["part"] is None for row in payload["position"])


# --- what a file says of itself -------------------------------------------------------------------


def test_columns_of_other_tables_keep_their_own_description(monkeypatch):
    tables = [*load_format().tables.values(), *described_tables("derived").values()]
    described = {t.name: [registry.find_field(c, t.columns) for c in t.columns] for t in tables}
    monkeypatch.setitem(registry._GROUP_FOLDERS, "peers", ())
    for table in tables:
        alone = [registry.find_field(column, table.columns) for column in table.columns]
        assert described[table.name] == alone, table.name


def test_first_sheet_has_method_and_address(case, book):
    name, report = case
    _, _, choice = CASES[name]
    lines_read = [tuple(row) for row in book["Lisez-moi"].iter_rows(values_only=True) if row[0]]
    assert lines_read == [
        line for line in notes_lines(report, "https://exemple.fr/pairs?t=x") if line[0]
    ]
    lines = dict(lines_read)
    assert (
        lines["Source"] == table_writers.citation_sentence()
        and lines["Licence"] == table_writers.LICENCE
    )
    assert lines["Adresse"] == "https://exemple.fr/pairs?t=x"
    assert lines["Réponse"] == report.search_result.explication and "zéro" in lines["Inconnu"]
    assert dataset_metadata()["version"] in lines["Version"]
    by_structure = choice.maniere == "structure"
    for heading in ("Distance", "Plafond", "Stabilité", "Variable : Densité"):
        assert (heading in lines) == by_structure
    assert ("Nombre" in lines) == (choice.maniere != "liste")
    if by_structure:
        assert "200 tirages" in lines["Stabilité"] and "log-uniforme" in lines["Stabilité"]
        assert lines["Variable : Densité"].startswith(f"poids {2 if name == 'bretagne' else 1}.")
    if name == "bretagne":
        assert lines["Variable : Population"].startswith("écartée.")


def test_sections_have_words():
    assert set(SECTIONS) == set(POSITION_SECTIONS)
    assert set(GAPS_NOTE) == {"themes", "services", "documents"}


# --- refusals -------------------------------------------------------------------------------------


MANY = ",".join(f"departement-{code}" for code in range(21, 60))


@pytest.mark.parametrize(
    ("query_string", "message"),
    [
        ("", "Aucun territoire"),
        ("t=departement-53,departement-35", "d’un seul à la fois"),
        ("t=mayenne", "departement-53 (Mayenne)"),
        ("t=departement-999", "departement-999"),
        ("t=commune-01003", "C’est aujourd’hui"),
        ("t=' OR 1=1 --", "n’est pas un territoire"),
        (
            "t=departement-53&maniere=hasard",
            "valeurs possibles : structure, voisins, taille ou liste",
        ),
        ("t=departement-53&nombre=0", "un nombre de 1 à 30"),
        ("t=departement-53&poids=richesse:2", "Variables : population, densite"),
        ("t=commune-35238&poids=nb_communes:2", "variable de structure des communes"),
        ("t=departement-53&poids=densite:4", "de 0 à 3"),
        ("t=departement-53&poids=densite:2&poids=densite:3", "deux poids"),
        (
            "t=commune-35238&poids=population:0,densite:0,superficie_km2:0,outre_mer:0",
            "gardez-en au moins une",
        ),
        ("t=departement-53&maniere=voisins&poids=densite:2", "qu’avec maniere=structure"),
        ("t=departement-53&avec=departement-35", "qu’avec maniere=liste"),
        ("t=departement-53&maniere=liste", "donnez ses territoires"),
        ("t=departement-53&maniere=liste&avec=departement-35&nombre=3", "« nombre »"),
        ("t=departement-53&maniere=liste&avec=region-53", "n’est pas un département"),
        ("t=departement-53&maniere=liste&avec=departement-53", "son propre pair"),
        ("t=departement-67&maniere=liste&avec=departement-68", "la même collectivité"),
        ("t=departement-53&maniere=liste&avec=finistère", "departement-29"),
        ("t=departement-53&maniere=liste&avec=" + MANY, "c’est trop, 30 au plus"),
    ],
)
def test_what_cannot_be_is_refused_in_french(query_string, message):
    with pytest.raises(BadRequestError) as refused:
        parse_request(parse_qs(query_string))
    assert message in str(refused.value) and "ignoré" not in str(refused.value)
