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
from comparisons.analysis.peers.study import PeersReport, _cached_report, load_report
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
    key, asked, _ = CASES[name]
    words = ["pairs", key]
    for part in filter(None, asked.split("&")):
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


def assert_same(read: list[dict], rows: pd.DataFrame) -> None:
    """Rows of a CSV are those of a table, an empty cell for what is unknown."""
    assert len(read) == len(rows)
    for held, row in zip(read, rows.astype(object).to_dict("records"), strict=True):
        assert list(held) == list(row)
        for column, value in row.items():
            expected, found = as_read(value), held[column]
            if not isinstance(expected, str):
                assert found != "", (column, value)
                found = float(found)
            assert found == expected, (column, value)


# --- the tables of the page -----------------------------------------------------------------------


def test_tables_are_what_the_questions_answer(case):
    name, made = case
    key, _, choice = CASES[name]
    found = search.find_peers(key, choice)
    keys = list(found.table["cle"])
    tables = peers_study.tables(key, choice)
    assert tuple(tables) == TABLES
    assert len(keys) == PEERS_FOUND.get(name, 10)
    assert list(tables["pairs"]["cle"]) == keys
    assert list(tables["pairs"]["raison"]) == [
        portrait.explain_peer(row) for row in found.table.itertuples()
    ]
    stable = stability.rank_stability(key, choice)
    pd.testing.assert_series_equal(tables["pairs"]["stabilite"], stable["part"], check_names=False)
    if name not in ASKED_AGAIN:
        return
    points = position.peer_observations(key, keys)
    for table, expected in (
        ("position", position.position_summary(points)),
        ("points", points),
        ("ecarts_themes", gap_themes.theme_gaps(key, keys)),
        ("ecarts_services", gap_services.service_gaps(key, keys)),
        ("strategies_recentes", gap_documents.newer_strategies(key, keys)),
    ):
        pd.testing.assert_frame_equal(tables[table], expected)
    assert list(made.phrases["phrase"]) == list(gaps.describe_gaps(key, keys)["phrase"])


def test_populations_and_borders_are_those_of_the_database(case):
    name, made = case
    for row in made.tables["pairs"].itertuples():
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
    _, made = case
    rows = made.tables["contributions"]
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
    name, made = case
    assert_same(csv_rows(client.get(address(name, "csv")).content), made.tables["pairs"])


def test_json_has_the_tables_and_the_sentences(case, client):
    name, made = case
    key, _, choice = CASES[name]
    said = client.get(address(name, "json")).json()
    assert (
        said["version"] == dataset_metadata()["version"]
        and said["citation"] == table_writers.citation_sentence()
    )
    assert said["territoire"]["cle"] == key and said["maniere"] == choice.maniere
    assert said["explication"] == made.search_result.explication
    for table in ("pairs", "contributions", "position"):
        rows = made.tables[table].astype(object)
        expected = rows.where(rows.notna() & (rows != ""), None).to_dict("records")
        assert said[table] == expected
    assert [line["phrase"] for line in said["ecarts"]] == list(made.phrases["phrase"])
    weights = choice.weights(key.partition("-")[0])
    shown = {row["variable"]: row["poids"] for row in said["variables"]}
    assert {code: weight for code, weight in shown.items() if weight} == weights
    assert set(shown) == set(peer_variables.peer_variables(key.partition("-")[0]))
    assert (said["plafond"] is None) == (choice.maniere != "structure")


def test_workbook_holds_every_table_with_its_types(case, book):
    _, made = case
    assert book.sheetnames == ["Lisez-moi", *TABLES, "dictionnaire"]
    for name, rows in made.tables.items():
        labelled = table_writers.add_labels(rows)
        heading, *read = book[name].iter_rows(values_only=True)
        assert (list(heading), len(read)) == (list(labelled.columns), len(rows)), name
        for place, column in enumerate(labelled.columns):
            held = [row[place] for row in read]
            if not pd.api.types.is_numeric_dtype(labelled[column]) or not held:
                continue
            assert [value is None for value in held] == list(labelled[column].isna())
            known = [value for value in held if value is not None]
            assert known == pytest.approx(list(labelled[column].dropna()), rel=1e-14)
            assert not any(isinstance(value, str) for value in known)


def test_archive_holds_every_table_and_a_note(case, client):
    name, made = case
    archive = zipfile.ZipFile(io.BytesIO(client.get(address(name, "zip")).content))
    held = {info.filename: archive.read(info) for info in archive.infolist()}
    note = held.pop("README.txt").decode("utf-8")
    for words in (
        table_writers.citation_sentence(),
        "jamais zéro",
        made.search_result.explication,
        "/pairs?t=",
    ):
        assert words in note
    assert set(held) == {*(f"{table}.csv" for table in TABLES), "dictionnaire.csv"}
    for table, rows in made.tables.items():
        assert_same(csv_rows(held[f"{table}.csv"]), table_writers.add_labels(rows))


@pytest.mark.parametrize("extension", ["csv", "json", "zip"])
def test_the_command_gives_the_same_file(case, client, tmp_path, extension):
    name, _ = case
    key, _, choice = CASES[name]
    path = tmp_path / f"pairs.{extension}"
    assert main(arguments(name, "--format", extension, "-o", str(path))) == 0
    if extension == "json":  # but for the address of the page, which only the site knows
        served = client.get(address(name, extension)).json() | {"adresse": None}
        assert json.loads(path.read_bytes()) == served
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
    name, made = case
    monkeypatch.setenv("COLUMNS", "70")
    assert main(arguments(name)) == 0
    text = capfdbinary.readouterr().out.decode("utf-8")
    assert max(map(len, text.splitlines())) <= 70
    read = plain(text)
    said = [
        made.search_result.explication,
        table_writers.citation_sentence(),
        *made.phrases["phrase"],
        *made.partages,
    ]
    said += list(made.tables["pairs"]["portrait"])
    if len(made.tables["pairs"]):
        said += [*made.tables["position"]["phrase"], *made.tables["position"]["titre"]]
    for words in said:
        assert plain(words) in read
    for row in made.tables["pairs"].itertuples():
        assert plain(f"{row.rang}. {row.libelle.replace(chr(39), '’')}") in read
        reason = plain(row.raison)
        assert reason[:1].upper() + reason[1:] in read


# --- what is unknown ------------------------------------------------------------------------------


def test_unknown_is_never_zero(case, client):
    name, made = case
    said = client.get(address(name, "json")).json()
    for row in said["position"]:
        if row["forme"] == "oui_non":
            assert row["valeur"] is None
            if not row["n_renseignes"]:
                assert row["part"] is None
        elif not thresholds.has_median(row["n_renseignes"], row["n"]):
            assert row["mediane"] is None and row["pourquoi"]
        if row["forme"] == "valeur" and row["valeur"] is None:
            assert MISSING in row["texte"]
    by_structure = CASES[name][2].maniere == "structure"
    for row in said["pairs"]:
        assert (row["distance"] is None) == (row["stabilite"] is None) == (not by_structure)
    for row in made.tables["points"].itertuples():
        if row.reponse == "inconnu" or row.texte == MISSING:
            assert pd.isna(row.valeur)


def test_nobody_is_a_peer_of_paris_and_it_says_why(client):
    said = client.get(address("paris", "json")).json()
    assert said["pairs"] == [] and "surtout par" in said["explication"]
    assert said["ecarts"][0]["phrase"].startswith("Le groupe ne compte aucun pair")
    assert all(row["n"] == 0 and row["part"] is None for row in said["position"])


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
    written = {row[:4] for row in book["dictionnaire"].iter_rows(min_row=2, values_only=True)}
    for name, table in described.items():
        for field in table.fields:
            assert (name, field.name, field.title, field.description) in written
    again = load_format().tables["relectures"].field("relu_le")
    assert ("sources", again.name, again.title, again.description) in written


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


def test_first_sheet_tells_method_and_address(case, book):
    name, made = case
    _, _, choice = CASES[name]
    said = [tuple(row) for row in book["Lisez-moi"].iter_rows(values_only=True) if row[0]]
    assert said == [line for line in notes_lines(made, "https://exemple.fr/pairs?t=x") if line[0]]
    lines = dict(said)
    assert (
        lines["Source"] == table_writers.citation_sentence()
        and lines["Licence"] == table_writers.LICENCE
    )
    assert lines["Adresse"] == "https://exemple.fr/pairs?t=x"
    assert lines["Réponse"] == made.search_result.explication and "zéro" in lines["Inconnu"]
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
    made = {e: peers_files.encode(key, choice, e) for e in ("json", "xlsx", "zip")}
    again = _cached_report.__wrapped__(str(dataset_metadata()["version"]), key, choice, False)
    monkeypatch.setattr(peers_files, "load_report", lambda key, choice, named_only: again)
    for extension, content in made.items():
        assert peers_files.encode(key, choice, extension) == content, extension


HOSTILE = ['=HYPERLINK("http://x.fr")', "+33", "@SUM(A1)", "-1+1", "\x01<b>&"]


def test_hostile_text_stays_text(monkeypatch):
    key, _, choice = CASES["rennes"]
    made = load_report(key, choice)
    hostile = {
        name: rows.assign(
            **{
                column: [HOSTILE[place % len(HOSTILE)] for place in range(len(rows))]
                for column in rows.columns
                if column in ("nom", "libelle", "raison", "texte", "phrase", "titre", "url")
            }
        )
        for name, rows in made.tables.items()
    }
    phrases = made.phrases.assign(phrase=HOSTILE[0])
    changed = PeersReport(made.search_result, hostile, phrases, (HOSTILE[1],))
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
    answer = client.get(address("rennes", extension))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == table_writers.MEDIA_TYPES[extension]
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "stratoscope_pairs-commune-35238-voisins_" in answer.headers["content-disposition"]
    held = {"If-None-Match": answer.headers["etag"]}
    assert client.get(address("rennes", extension), headers=held).status_code == 304
    assert client.get(address("liste", extension), headers=held).status_code == 200


def test_the_address_of_the_page_is_in_the_file(client):
    said = client.get(address("bretagne", "json")).json()["adresse"]
    page = "http://testserver/pairs?t=region-53&nombre=4&poids=densite%3A2&poids=population%3A0"
    assert said == page
    again = client.get(said.replace("/pairs?", "/api/v1/pairs.json?"))
    assert again.json()["pairs"] == client.get(address("bretagne", "json")).json()["pairs"]


def test_index_tells_of_peers_and_the_table_stays(client):
    said = client.get("/api/v1/").json()["pairs"]
    assert client.get(said["adresse"]).status_code == 200
    assert said["formats"] == list(table_writers.MEDIA_TYPES)
    asked = "/api/v1/tables/pairs.csv?territoire_niveau=departement&territoire_code=53"
    rows = csv_rows(client.get(asked).content)
    found = load_report("departement-53", PeerOptions()).tables["pairs"]
    assert [f"departement-{row['pair_code']}" for row in rows] == list(found["cle"])
    assert [float(row["distance"]) for row in rows] == pytest.approx(list(found["distance"]))


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


@pytest.mark.parametrize(("asked", "said"), WRONG)
def test_what_cannot_be_is_refused_in_french(client, asked, said):
    answer = client.get(f"/api/v1/pairs.xlsx?{asked}")
    assert answer.status_code == 400
    assert said in answer.json()["erreur"] and "ignoré" not in answer.json()["erreur"]
    assert answer.headers["access-control-allow-origin"] == "*"


def test_unknown_formats_and_a_missing_database(client, tmp_path, monkeypatch):
    assert client.get("/api/v1/pairs.exe?t=region-53").status_code == 404
    monkeypatch.setenv("STRATOSCOPE_DATABASE", str(tmp_path / "absente.duckdb"))
    answer = client.get("/api/v1/pairs.csv?t=region-53")
    assert answer.status_code == 503 and "n’existe pas encore" in answer.json()["erreur"]


# --- command line ---------------------------------------------------------------------------------


def test_the_command_understands_words_and_a_list(capfdbinary):
    assert main(["pairs", "mayenne (departement)", "--avec", "ille et vilaine", "sarthe",
                 "--format", "json"]) == 0  # fmt: skip
    out, said = (part.decode("utf-8") for part in capfdbinary.readouterr())
    found = json.loads(out)
    assert found["territoire"]["cle"] == "departement-53" and found["maniere"] == "liste"
    assert [row["cle"] for row in found["pairs"]] == ["departement-35", "departement-72"]
    for name in ("[departement-53]", "[departement-35]", "[departement-72]"):
        assert name in said


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
    ("more", "code", "said"),
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
def test_the_command_says_in_french_what_is_wrong(capfdbinary, more, code, said):
    assert main(["pairs", *more]) == code
    out, errors = (part.decode("utf-8") for part in capfdbinary.readouterr())
    assert said in errors and out == ""


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ([], "il manque"),
        (["region-28", "--format", "pdf"], "valeur inconnue"),
        (["region-28", "--poids"], "il faut"),
        (["region-28", "region-53"], "arguments inconnus"),
    ],
)
def test_a_command_badly_written_is_told_in_french(capfd, more, said):
    with pytest.raises(SystemExit) as left:
        main(["pairs", *more])
    assert left.value.code == 2 and said in capfd.readouterr().err


def test_the_command_without_a_database(capfd, tmp_path, monkeypatch):
    monkeypatch.setenv("STRATOSCOPE_DATABASE", str(tmp_path / "absente.duckdb"))
    assert main(["pairs", "region-28"]) == 2
    assert "python -m comparisons build" in capfd.readouterr().err


def test_labels_stand_beside_codes(case):
    rows = table_writers.add_labels(case[1].tables["ecarts_themes"])
    assert list(rows["theme_libelle"]) == [code_label("themes", code) for code in rows["theme"]]
    assert "theme_libelle" in rows and "sens_libelle" not in rows
