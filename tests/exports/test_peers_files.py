"""Files, addresses and the command line of peers carry the tables of the page, no other number."""

import csv
import io
import json
import re
import shlex
import zipfile

import openpyxl
import pandas as pd
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

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
from comparisons.analysis.peers.study import PeersReport, load_report
from comparisons.cli.main import main
from comparisons.database.connection import dataset_metadata, query
from comparisons.exports import peers_files, table_writers
from comparisons.exports.peers_notes import GAPS_NOTE, SECTIONS, notes_lines
from comparisons.formatting import MISSING
from comparisons.page_parameters import POSITION_SECTIONS
from comparisons.queries import thresholds
from comparisons.queries.sources import sources as cited_sources
from comparisons.schema import peer_variables, registry
from comparisons.schema.model import code_label, load_format, vocabulary_codes
from comparisons.schema.peer_options import PeerOptions
from comparisons.schema.registry import TABLES_DIR, described_tables
from comparisons.settings import PROJECT_DIR
from comparisons.web.api import routes

pytestmark = pytest.mark.usefixtures("database")

TABLES = (
    "pairs", "contributions", "position", "points", "ecarts_themes", "ecarts_services",
    "strategies_recentes", "sources",
)  # fmt: skip
# what is asked in an address, and the same as the page understands it
CASES = {
    "mayenne": ("departement-53", "", PeerOptions()),
    "paris": ("departement-75", "maniere=structure", PeerOptions()),
    "mayotte": ("departement-976", "nombre=5", PeerOptions(nombre=5)),
    "bretagne": (
        "region-53",
        "nombre=4&poids=densite:2,population:0,superficie_km2:1",
        PeerOptions(nombre=4, poids=(("densite", 2.0), ("population", 0.0))),
    ),
    "rennes-metropole": (
        "epci-243500139",
        "maniere=taille&region=hors",
        PeerOptions(maniere="taille", region="hors"),
    ),
    "rennes": (
        "commune-35238",
        "maniere=voisins&nombre=6",
        PeerOptions(maniere="voisins", nombre=6),
    ),
    "liste": (
        "departement-29",
        "maniere=liste&avec=departement-35, departement-56&avec=departement-22",
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
    return workbook(peers_files.to_workbook(key, choice, "https://exemple.fr/pairs?t=x"))


@pytest.fixture(scope="module")
def client(database) -> TestClient:
    return TestClient(Starlette(routes=routes()))


def address(name: str, extension: str) -> str:
    key, more, _ = CASES[name]
    return f"/api/v1/pairs.{extension}?t={key}&{more}"


def arguments(name: str, *more: str) -> list[str]:
    """The same as an address, as one types it."""
    key, query_string, _ = CASES[name]
    words = ["pairs", key]
    for part in filter(None, query_string.split("&")):
        parameter, value = part.split("=")
        several = re.split(r",\s*", value)
        words += [f"--{parameter}", *several]
    return [*words, *more]


def csv_rows(content: bytes) -> list[dict]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def workbook(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def as_read(value: object) -> object:
    """A value as CSV writes it, a number as a number."""
    if hasattr(value, "__len__") and not isinstance(value, str):
        return "|".join(value)
    if value is None or value is pd.NA or value != value:
        return ""
    if isinstance(value, str):
        return f"'{value}" if re.match(r"[=+\-@\t\r]", value) else value
    if isinstance(value, bool) or type(value).__name__ == "bool":
        return "oui" if value else "non"
    return pytest.approx(float(value), rel=1e-12)


def assert_same(rows_read: list[dict], rows: pd.DataFrame) -> None:
    """Rows of a CSV are those of a table, an empty cell for what is unknown."""
    assert len(rows_read) == len(rows)
    for row_read, row in zip(rows_read, rows.astype(object).to_dict("records"), strict=True):
        assert list(row_read) == list(row)
        for column, value in row.items():
            expected, actual = as_read(value), row_read[column]
            if not isinstance(expected, str):
                assert actual != "", (column, value)
                actual = float(actual)
            assert actual == expected, (column, value)


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


def test_csv_is_the_table_of_peers(case, client):
    name, report = case
    assert_same(csv_rows(client.get(address(name, "csv")).content), report.tables["pairs"])


def test_json_has_the_tables_and_the_sentences(case, client):
    name, report = case
    key, _, choice = CASES[name]
    payload = client.get(address(name, "json")).json()
    assert (
        payload["version"] == dataset_metadata()["version"]
        and payload["citation"] == table_writers.citation_sentence()
    )
    assert payload["territoire"]["cle"] == key and payload["maniere"] == choice.maniere
    assert payload["explication"] == report.search_result.explication
    for table in ("pairs", "contributions", "position"):
        rows = report.tables[table].astype(object)
        expected = rows.where(rows.notna() & (rows != ""), None).to_dict("records")
        assert payload[table] == expected
    assert [line["phrase"] for line in payload["ecarts"]] == list(report.phrases["phrase"])
    weights = choice.weights(key.partition("-")[0])
    weights_by_variable = {row["variable"]: row["poids"] for row in payload["variables"]}
    assert {code: weight for code, weight in weights_by_variable.items() if weight} == weights
    assert set(weights_by_variable) == set(peer_variables.peer_variables(key.partition("-")[0]))
    assert (payload["plafond"] is None) == (choice.maniere != "structure")


def test_workbook_holds_every_table_with_its_types(case, book):
    _, report = case
    assert book.sheetnames == ["Lisez-moi", *TABLES, "dictionnaire"]
    for name, rows in report.tables.items():
        labelled = table_writers.add_labels(rows)
        heading, *rows_read = book[name].iter_rows(values_only=True)
        assert (list(heading), len(rows_read)) == (list(labelled.columns), len(rows)), name
        for index, column in enumerate(labelled.columns):
            column_values = [row[index] for row in rows_read]
            if not pd.api.types.is_numeric_dtype(labelled[column]) or not column_values:
                continue
            assert [value is None for value in column_values] == list(labelled[column].isna())
            known_values = [value for value in column_values if value is not None]
            assert known_values == pytest.approx(list(labelled[column].dropna()), rel=1e-14)
            assert not any(isinstance(value, str) for value in known_values)


def test_archive_holds_every_table_and_a_note(case, client):
    name, report = case
    archive = zipfile.ZipFile(io.BytesIO(client.get(address(name, "zip")).content))
    archive_files = {info.filename: archive.read(info) for info in archive.infolist()}
    note = archive_files.pop("README.txt").decode("utf-8")
    for words in (
        table_writers.citation_sentence(),
        "jamais zéro",
        report.search_result.explication,
        "/pairs?t=",
    ):
        assert words in note
    assert set(archive_files) == {*(f"{table}.csv" for table in TABLES), "dictionnaire.csv"}
    for table, rows in report.tables.items():
        assert_same(csv_rows(archive_files[f"{table}.csv"]), table_writers.add_labels(rows))


@pytest.mark.parametrize("extension", ["csv", "json", "zip"])
def test_the_command_gives_the_same_file(case, client, tmp_path, extension):
    name, _ = case
    key, _, choice = CASES[name]
    path = tmp_path / f"pairs.{extension}"
    assert main(arguments(name, "--format", extension, "-o", str(path))) == 0
    if extension == "json":  # but for the address of the page, which only the site knows
        payload = client.get(address(name, extension)).json() | {"adresse": None}
        assert json.loads(path.read_bytes()) == payload
    elif extension == "csv":
        assert path.read_bytes() == client.get(address(name, extension)).content
    else:
        assert path.read_bytes() == peers_files.encode(key, choice, extension)


def test_the_command_gives_the_same_workbook(tmp_path):
    key, _, choice = CASES["rennes"]
    path = tmp_path / "pairs.xlsx"
    assert main(arguments("rennes", "--format", "xlsx", "-o", str(path))) == 0
    assert path.read_bytes() == peers_files.to_workbook(key, choice)


def test_terminal_shows_the_words_of_the_page(case, monkeypatch, capfdbinary):
    name, report = case
    monkeypatch.setenv("COLUMNS", "70")
    assert main(arguments(name)) == 0
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


def test_unknown_is_never_zero(case, client):
    name, report = case
    payload = client.get(address(name, "json")).json()
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


def test_nobody_is_a_peer_of_paris_and_it_says_why(client):
    payload = client.get(address("paris", "json")).json()
    assert payload["pairs"] == [] and "surtout par" in payload["explication"]
    assert payload["ecarts"][0]["phrase"].startswith("Le groupe ne compte aucun pair")
    assert all(row["n"] == 0 and row["part"] is None for row in payload["position"])


# --- what a file says of itself -------------------------------------------------------------------


def test_every_column_is_in_a_dictionary(case, book):
    described = dict(described_tables("peers")) | {"sources": load_format().tables["sources"]}
    assert set(described) == set(TABLES)
    for name, rows in case[1].tables.items():
        more = ["relu_le"] if name == "sources" else []  # of `relectures`
        assert [*described[name].columns, *more] == list(rows.columns), name
        for field in described[name].fields:
            assert field.title and field.description and field.example, (name, field.name)
            if field.vocabulary:
                assert set(rows[field.name].dropna()) <= set(vocabulary_codes(field.vocabulary))
    described_columns = {
        row[:4] for row in book["dictionnaire"].iter_rows(min_row=2, values_only=True)
    }
    for name, table in described.items():
        for field in table.fields:
            assert (name, field.name, field.title, field.description) in described_columns
    again = load_format().tables["relectures"].field("relu_le")
    assert ("sources", again.name, again.title, again.description) in described_columns


def test_codes_are_those_that_the_dictionary_lists(case):
    for name, rows in case[1].tables.items():
        if name == "sources":
            continue
        with (TABLES_DIR / "peers" / f"{name}.json").open(encoding="utf-8") as file:
            schema = json.load(file)
        for field in schema["fields"]:
            allowed = field.get("constraints", {}).get("enum")
            if allowed:
                assert set(rows[field["name"]].dropna()) - {""} <= set(allowed), field["name"]
            if field.get("constraints", {}).get("required"):
                assert rows[field["name"]].notna().all(), (name, field["name"])
        assert not rows.duplicated(schema["primaryKey"]).any(), name


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


def test_one_edition_gives_one_file(monkeypatch):
    key, _, choice = CASES["mayotte"]
    file_contents = {e: peers_files.encode(key, choice, e) for e in ("json", "xlsx", "zip")}
    again = load_report.__wrapped__(key, choice, False)
    monkeypatch.setattr(peers_files, "load_report", lambda key, choice, named_only: again)
    for extension, content in file_contents.items():
        assert peers_files.encode(key, choice, extension) == content, extension


HOSTILE = ['=HYPERLINK("http://x.fr")', "+33", "@SUM(A1)", "-1+1", "\x01<b>&"]


def test_hostile_text_stays_text(monkeypatch):
    key, _, choice = CASES["rennes"]
    report = load_report(key, choice)
    hostile = {
        name: rows.assign(
            **{
                column: [HOSTILE[index % len(HOSTILE)] for index in range(len(rows))]
                for column in rows.columns
                if column in ("nom", "libelle", "raison", "texte", "phrase", "titre", "url")
            }
        )
        for name, rows in report.tables.items()
    }
    phrases = report.phrases.assign(phrase=HOSTILE[0])
    changed = PeersReport(report.search_result, hostile, phrases, (HOSTILE[1],))
    monkeypatch.setattr(peers_files, "load_report", lambda key, choice, named_only: changed)
    for sheet in workbook(peers_files.to_workbook(key, choice)).worksheets:
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            assert cell.data_type != "f" and cell.hyperlink is None, (sheet.title, cell.value)
    archive = zipfile.ZipFile(io.BytesIO(peers_files.encode(key, choice, "zip")))
    for name in archive.namelist():
        if name.endswith(".csv"):
            for row in csv_rows(archive.read(name)):
                for value in row.values():
                    starts = re.match(r"[=+\-@\t\r]", value)
                    assert not starts or re.fullmatch(r"-?[\d.e-]+", value), (name, value)


# --- addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize("extension", list(table_writers.MEDIA_TYPES))
def test_an_address_gives_a_file_once(client, extension):
    response = client.get(address("rennes", extension))
    assert response.status_code == 200
    assert response.headers["content-type"] == table_writers.MEDIA_TYPES[extension]
    assert response.headers["access-control-allow-origin"] == "*"
    assert "stratoscope_pairs-commune-35238-voisins_" in response.headers["content-disposition"]
    headers = {"If-None-Match": response.headers["etag"]}
    assert client.get(address("rennes", extension), headers=headers).status_code == 304
    assert client.get(address("liste", extension), headers=headers).status_code == 200


def test_the_address_of_the_page_is_in_the_file(client):
    page_address = client.get(address("bretagne", "json")).json()["adresse"]
    page = "http://testserver/pairs?t=region-53&nombre=4&poids=densite%3A2&poids=population%3A0"
    assert page_address == page
    again = client.get(page_address.replace("/pairs?", "/api/v1/pairs.json?"))
    assert again.json()["pairs"] == client.get(address("bretagne", "json")).json()["pairs"]


def test_index_describes_peers_and_the_table_stays(client):
    entry = client.get("/api/v1/").json()["pairs"]
    assert client.get(entry["adresse"]).status_code == 200
    assert entry["formats"] == list(table_writers.MEDIA_TYPES)
    url = "/api/v1/tables/pairs.csv?territoire_niveau=departement&territoire_code=53"
    rows = csv_rows(client.get(url).content)
    peers_table = load_report("departement-53", PeerOptions()).tables["pairs"]
    assert [f"departement-{row['pair_code']}" for row in rows] == list(peers_table["cle"])
    assert [float(row["distance"]) for row in rows] == pytest.approx(list(peers_table["distance"]))


MANY = ",".join(f"departement-{code}" for code in range(21, 60))
WRONG = [
    ("", "Aucun territoire"),
    ("t=", "« t » est vide"),
    ("t=departement-53,departement-35", "d’un seul à la fois"),
    ("t=mayenne", "departement-53 (Mayenne)"),
    ("t=departement-999", "departement-999"),
    ("t=commune-01003", "C’est aujourd’hui"),
    ("t=' OR 1=1 --", "n’est pas un territoire"),
    ("t=departement-53&maniere=hasard", "valeurs possibles : structure, voisins, taille ou liste"),
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
    ("t=departement-53&rubrique=themes", "Paramètre inconnu : « rubrique »"),
]


@pytest.mark.parametrize(("query_string", "message"), WRONG)
def test_what_cannot_be_is_refused_in_french(client, query_string, message):
    response = client.get(f"/api/v1/pairs.xlsx?{query_string}")
    assert response.status_code == 400
    assert message in response.json()["erreur"] and "ignoré" not in response.json()["erreur"]
    assert response.headers["access-control-allow-origin"] == "*"


def test_unknown_formats_and_a_missing_database(client, tmp_path, monkeypatch):
    assert client.get("/api/v1/pairs.exe?t=region-53").status_code == 404
    monkeypatch.setenv("STRATOSCOPE_DATABASE", str(tmp_path / "absente.duckdb"))
    response = client.get("/api/v1/pairs.csv?t=region-53")
    assert response.status_code == 503 and "n’existe pas encore" in response.json()["erreur"]


# --- command line ---------------------------------------------------------------------------------


def test_the_command_understands_words_and_a_list(capfdbinary):
    assert main(["pairs", "mayenne (departement)", "--avec", "ille et vilaine", "sarthe",
                 "--format", "json"]) == 0  # fmt: skip
    out, errors_text = (part.decode("utf-8") for part in capfdbinary.readouterr())
    payload = json.loads(out)
    assert payload["territoire"]["cle"] == "departement-53" and payload["maniere"] == "liste"
    assert [row["cle"] for row in payload["pairs"]] == ["departement-35", "departement-72"]
    for name in ("[departement-53]", "[departement-35]", "[departement-72]"):
        assert name in errors_text


def test_the_commands_of_the_readme_work(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    text = (PROJECT_DIR / "README.md").read_text("utf-8")
    commands = re.findall(r"^python -m comparisons (pairs .*)$", text, re.MULTILINE)
    assert len(commands) >= 3
    for command in commands:
        assert main(shlex.split(command, comments=True)) == 0, capfd.readouterr().err
    addresses = re.findall(r"`/api/v1/pairs\.\{([^}]*)\}\?", text)
    assert addresses == ["|".join(table_writers.MEDIA_TYPES)]


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        (["paris"], 1, "peut désigner Paris, département 75 [departement-75] ou"),
        (["zzzzqqq"], 1, "Rien pour « zzzzqqq »"),
        (["region-53", "--nombre", "0"], 1, "un nombre de 1 à 30"),
        (["region-53", "--poids", "richesse:2"], 1, "n’est pas une variable"),
        (["region-53", "--avec", "sarthe"], 1, "n’est pas une région"),
        (["region-53", "--maniere", "voisins", "--avec", "region-52"], 1, "maniere=liste"),
        (["region-53", "--format", "xlsx"], 2, "-o FICHIER"),
        (["departement-53", "-o", "/absent/x.txt"], 2, "Impossible d’écrire"),
    ],
)
def test_the_command_says_in_french_what_is_wrong(capfdbinary, more, code, message):
    assert main(["pairs", *more]) == code
    out, errors = (part.decode("utf-8") for part in capfdbinary.readouterr())
    assert message in errors and out == ""


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ([], "il manque"),
        (["region-28", "--format", "pdf"], "valeur inconnue"),
        (["region-28", "--poids"], "il faut"),
        (["region-28", "region-53"], "arguments inconnus"),
    ],
)
def test_a_command_badly_written_is_told_in_french(capfd, more, message):
    with pytest.raises(SystemExit) as left:
        main(["pairs", *more])
    assert left.value.code == 2 and message in capfd.readouterr().err


def test_the_command_without_a_database(capfd, tmp_path, monkeypatch):
    monkeypatch.setenv("STRATOSCOPE_DATABASE", str(tmp_path / "absente.duckdb"))
    assert main(["pairs", "region-28"]) == 2
    assert "python -m comparisons build" in capfd.readouterr().err


def test_labels_stand_beside_codes(case):
    rows = table_writers.add_labels(case[1].tables["ecarts_themes"])
    assert list(rows["theme_libelle"]) == [code_label("themes", code) for code in rows["theme"]]
    assert "theme_libelle" in rows and "sens_libelle" not in rows
