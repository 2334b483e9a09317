"""Tables for researchers: every format returns the requested rows; nothing is guessed."""

import csv
import gzip
import io
import re

import pandas as pd
import pyarrow.parquet as pq
import pytest
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st

from comparisons.database.connection import dataset_metadata, query
from comparisons.datapackage.validation.validator import validate
from comparisons.exports import table_files, table_writers
from comparisons.queries import table_reader
from comparisons.queries.catalog import data_dictionary, table_catalog, table_group
from comparisons.queries.filters import operators_for
from comparisons.queries.selection import RESERVED_PARAMETERS, Selection
from comparisons.schema.model import code_label, load_format
from comparisons.schema.registry import tables
from comparisons.settings import EDITIONS_DIR
from comparisons.tabular_files import escape_formula, unescape_formula

pytestmark = pytest.mark.usefixtures("database")


def build_selection(name: str, **parameters: str | list[str]) -> Selection:
    return Selection.from_query(
        name, {key: [v] if isinstance(v, str) else v for key, v in parameters.items()}
    )


# --- filters --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "parameters", "condition"),
    [
        ("strategies", "type=sdtan", "type = 'sdtan'"),
        ("strategies", "type=sdtan&type=sdusn", "type IN ('sdtan', 'sdusn')"),
        ("strategies", "type__in=sdtan,sdusn", "type IN ('sdtan', 'sdusn')"),
        ("strategies", "type__ne=sdtan&type__ne=sdusn", "type NOT IN ('sdtan', 'sdusn')"),
        (
            "strategies",
            "type=sdtan&territoire_niveau=region",
            "type = 'sdtan' AND territoire_niveau = 'region'",
        ),
        ("strategies", "annee_debut=2012", "annee_debut = 2012"),
        ("strategies", "annee_debut__gte=2012&annee_debut__lt=2015",
         "annee_debut BETWEEN 2012 AND 2014"),
        ("strategies", "date_adoption__gte=2019-06", "date_adoption >= '2019-06'"),
        # as one types it: without accents, capitals, kinds of apostrophes
        ("strategies", "titre__contains=amenagement numerique",
         "titre ILIKE '%aménagement numérique%'"),
        ("strategies", "resume__contains=d%27inclusion",
         "resume LIKE '%d’inclusion%' OR resume LIKE '%d''inclusion%'"),
        ("strategies", "porteur_nom__startswith=departement", "porteur_nom LIKE 'Département%'"),
        ("strategies", "date_adoption__isnull=oui", "date_adoption IS NULL"),
        ("strategies", "date_adoption__isnull=non", "date_adoption IS NOT NULL"),
        # a value is asked for as a CSV writes it, or as one says it
        ("budgets", "montant=5000000", "montant = 5000000"),
        ("budgets", "montant=5000000.0", "montant = 5000000"),
        ("budgets", "montant__gt=12 500,5", "montant > 12500.5"),
        ("budgets", "montant__gt=12\u202f500,5", "montant > 12500.5"),
        # the months of 2021 are in 2021
        ("sources", "date_publication__lte=2021", "date_publication < '2022'"),
        ("sources", "date_publication__gt=2021", "date_publication >= '2022'"),
        # what is unknown is neither below nor other: it is in no answer
        ("budgets", "nature__ne=investissement", "nature <> 'investissement'"),
        ("budgets", "approximatif=oui", "approximatif"),
        ("etats_strategies", "etat_deduit=non", "NOT etat_deduit"),
        ("priorites", "themes_secondaires=donnees", "list_contains(themes_secondaires, 'donnees')"),
        ("priorites", "themes_secondaires__ne=donnees",
         "NOT list_contains(themes_secondaires, 'donnees')"),
        ("priorites", "themes_secondaires__isnull=oui",
         "themes_secondaires IS NULL OR len(themes_secondaires) = 0"),
        ("priorites_par_theme", "intitules__contains=fibre",
         "array_to_string(intitules, ' ') ILIKE '%fibre%'"),
    ],
)  # fmt: skip
def test_filters_keep_the_rows_that_they_say(client, name, parameters, condition):
    rows = list(csv.reader(io.StringIO(client.get(f"/api/v1/tables/{name}.csv?{parameters}").text)))
    expected = query(f"SELECT count(*) AS n FROM {name} WHERE {condition}")["n"].iloc[0]
    assert len(rows) - 1 == expected > 0


def test_a_csv_for_french_excel_has_its_separators(client):
    address = "/api/v1/tables/budgets.csv?_colonnes=budget_id,montant&_limite=2000"
    plain, french = client.get(address), client.get(f"{address}&_excel=oui")
    assert french.content.startswith(b"\xef\xbb\xbfbudget_id;montant\n")
    assert french.content.decode("utf-8-sig") == plain.text.replace(",", ";").replace(".", ",")


@pytest.mark.parametrize(
    ("name", "parameters", "words"),
    [
        ("strategies", {"tipe": "sdtan"}, ("« tipe »", "Voulez-vous dire « type »")),
        ("strategies", {"type": "sdtam"}, ("« sdtam »", "Voulez-vous dire « sdtan »")),
        ("strategies", {"type__in": "sdtan,"}, ()),
        ("strategies", {"type__in": ","}, ("vide",)),
        ("strategies", {"type__gte": "sdtan"}, ("ne va pas", "__contains")),
        ("strategies", {"type__": "sdtan"}, ("Opérateur inconnu",)),
        ("strategies", {"annee_debut__gt": "deux mille"}, ("nombre entier, comme 2018",)),
        ("strategies", {"annee_debut": "2012.5"}, ("nombre entier",)),
        ("strategies", {"annee_debut__gte": ["2012", "2013"]}, ("n’a qu’une valeur",)),
        ("strategies", {"titre": ""}, ("vide", "titre__isnull=oui")),
        ("budgets", {"montant": "nan"}, ("un nombre",)),
        ("budgets", {"montant": "1e40"}, ("un nombre",)),
        ("budgets", {"approximatif": "peut-être"}, ("oui ou non",)),
        ("budgets", {"montant__isnull": "1"}, ("oui ou non",)),
        ("budgets", {"libelle": ["x" * 1001]}, ("trop",)),
        ("budgets", {"_limit": "3"}, ("« _limit »", "_limite")),
        ("budgets", {"_limite": "-3"}, ("entier de 1",)),
        ("budgets", {"_tri": "-prix"}, ("« prix »", "montant")),
        ("budgets", {"_tri": "-"}, ("vide",)),
        ("budgets", {"_tri": "montant,-montant"}, ("deux fois",)),
        ("budgets", {"_colonnes": ","}, ("vide",)),
        ("budgets", {"montant": "1_000"}, ("un nombre",)),
        ("sources", {"consulte_le__gte": "01/01/2020"}, ("comme 2021", "2021-06-24")),
        ("sources", {"date_publication": "2021-13"}, ("une date",)),
        ("budgets", {"_colonnes": "montant,1;DROP TABLE budgets"}, ("Colonne inconnue",)),
        ("budgets", {"_libelles": "yes"}, ("oui ou non",)),
        ("strategies", {"territoire_code": "69M"}, ("200046977",)),
        ("strategies", {"territoire_code": "20"}, ("2A, 2B ou 94",)),
        ("strategies", {"territoire_code": "13201"}, ("13055",)),
        ("strategies", {"territoire_code__in": "35,1004"}, ("01004",)),
    ],
)
def test_a_wrong_filter_is_refused_with_the_way_to_mend_it(client, name, parameters, words):
    response = client.get(f"/api/v1/tables/{name}.csv", params=parameters)
    if not words:  # a comma too many is forgiven
        assert response.status_code == 200
        return
    assert response.status_code == 400
    for word in words:
        assert word in response.json()["erreur"]


@pytest.mark.parametrize("value", ["1' OR '1'='1", "rien", "%", "\x00", "é" * 900])
def test_a_text_that_no_row_has_gives_no_row(client, value):
    response = client.get("/api/v1/tables/partenaires.json", params={"nom": value})
    assert (response.status_code, response.json()) == (200, [])


def test_a_filter_is_described_in_french():
    selection = build_selection(
        "budgets",
        montant__gte="5000000",
        perimetre=["usages", "infrastructures"],
        annee_debut="2018",
        libelle__contains="fibre",
        nature__isnull="oui",
    ).sentence
    assert selection == (
        "Montant : au moins 5\xa0000\xa0000 € ; Périmètre : Usages et services ou Réseaux ; "
        "Première année : 2018 ; Libellé : contient « fibre » ; "
        "Nature de la dépense : non renseigné"
    ).replace("5\xa0000\xa0000", "5\u202f000\u202f000")


def test_an_empty_cell_with_a_meaning_is_not_called_unknown(client):
    sentence = build_selection("budgets", inclus_dans__isnull="oui").sentence
    assert sentence == "Inclus dans : vide (Le montant n’est la partie d’aucun autre)"
    content = client.get("/api/v1/tables/budgets.parquet?_colonnes=inclus_dans").content
    described = pq.read_schema(io.BytesIO(content)).metadata[b"Cellule vide"].decode()
    assert "inclus_dans : Le montant n’est la partie d’aucun autre." in described


# --- order, columns, pages ------------------------------------------------------------------------


def test_rows_come_in_the_order_asked_unknown_ones_last():
    rows = table_reader.read_rows(
        build_selection("budgets", _tri="-montant,budget_id", _colonnes="budget_id,montant")
    )
    expected = query(
        "SELECT budget_id, montant FROM budgets ORDER BY montant DESC NULLS LAST, budget_id"
    )
    assert rows["budget_id"].tolist() == expected["budget_id"].tolist()
    # the same order for texts as for numbers
    texts = [
        row[0]
        for some in table_reader.stream_text_rows(build_selection("budgets", _tri="-montant"))
        for row in some
    ]
    amounts = query("SELECT budget_id, montant FROM budgets").set_index("budget_id")["montant"]
    known_amounts = [amounts[name] for name in texts if amounts[name] == amounts[name]]
    assert known_amounts == sorted(known_amounts, reverse=True) and len(texts) == len(amounts)


def test_pages_follow_one_another_and_make_the_whole(client):
    address, rows_read = "/api/v1/tables/recherches.json?resultat=non_trouve&_limite=20", []
    first = client.get(address)
    while address:
        response = client.get(address)
        assert response.headers["x-total-count"] == first.headers["x-total-count"]
        rows_read += response.json()
        address = response.links.get("next", {}).get("url")
    whole = client.get("/api/v1/tables/recherches.json?resultat=non_trouve").json()
    assert rows_read == whole and len(whole) == int(first.headers["x-total-count"]) > 50
    assert "prev" in response.links and "next" not in response.links


@settings(max_examples=tries(40), deadline=None)
@given(
    chosen=st.fixed_dictionaries(
        {},
        optional={
            "perimetre": st.lists(st.sampled_from(["usages", "infrastructures"]), min_size=1),
            "etape__in": st.just(["prevu,vote"]),
            "montant__gte": st.floats(-1e9, 1e9).map(lambda x: [str(x)]),
            "libelle__contains": st.text(min_size=1, max_size=9).map(lambda x: [x]),
            "approximatif": st.just(["oui"]),
            "_tri": st.just(["-montant,etape"]),
            "_colonnes": st.just(["montant,libelle"]),
            "_limite": st.integers(1, 99).map(lambda n: [str(n)]),
            "_decalage": st.integers(0, 99).map(lambda n: [str(n)]),
            "_libelles": st.sampled_from(["oui", "non"]).map(lambda x: [x]),
        },
    )
)
def test_a_selection_survives_its_address(chosen):
    selection = Selection.from_query("budgets", chosen)
    again = Selection.from_query("budgets", selection.to_query())
    assert again.to_query() == selection.to_query()
    assert again.content_hash == selection.content_hash and again.sentence
    assert set(again.filters) == set(selection.filters)


# --- files ----------------------------------------------------------------------------------------


def test_a_csv_names_the_dictionary_of_its_table(client):
    response = client.get("/api/v1/tables/priorites.csv?theme=donnees")
    dictionary = client.get(response.links["describes"]["url"]).json()
    columns = [column["colonne"] for column in dictionary["colonnes"]]
    assert columns == next(csv.reader(io.StringIO(response.text)))
    assert dictionary["cle"] == ["strategie_id", "rang"]


@pytest.mark.parametrize("extension", ["csv", "json", "parquet"])
def test_labels_of_codes_and_names_of_territories_are_given_when_asked(client, extension):
    filters = "territoire_niveau=region&type=scoran&_libelles=oui"
    response = client.get(f"/api/v1/tables/strategies.{extension}?{filters}")
    selection = build_selection("strategies", territoire_niveau="region", type="scoran")
    name = response.headers["content-disposition"]
    assert f"strategies-{selection.content_hash}_{dataset_metadata()['version']}" in name
    readers = {"csv": pd.read_csv, "json": pd.read_json, "parquet": pd.read_parquet}
    rows = readers[extension](io.BytesIO(response.content))
    assert set(rows["type_libelle"]) == {"Stratégie régionale de cohérence"}
    assert set(rows["territoire_niveau_libelle"]) == {"Région"}
    regions = query("SELECT territoire_code, nom FROM territoires WHERE territoire_niveau='region'")
    names = dict(zip(regions["territoire_code"].astype(int), regions["nom"], strict=True))
    codes = rows["territoire_code"].astype(int)
    assert list(rows["territoire_nom"]) == list(codes.map(names)) != []


def test_labels_of_a_list_of_codes_are_a_list(client):
    rows = client.get("/api/v1/tables/priorites.json?_libelles=oui").json()
    lists = [row for row in rows if row["themes_secondaires"]]
    assert lists
    for row in lists:
        labels = [code_label("themes", code) for code in row["themes_secondaires"]]
        assert row["themes_secondaires_libelle"] == labels


def test_columns_of_a_parquet_file_have_their_descriptions(client):
    content = client.get("/api/v1/tables/strategies.parquet?_limite=1").content
    field = load_format().tables["strategies"].field("pilotage")
    described = pq.read_schema(io.BytesIO(content)).field("pilotage").metadata[b"description"]
    assert described.decode() == field.description


def test_json_knows_numbers_lists_and_nothing(client):
    (row,) = client.get("/api/v1/tables/priorites.json?_limite=1").json()
    assert isinstance(row["rang"], int) and isinstance(row["themes_secondaires"], list | None)
    assert row["localisation"] is None


def test_what_a_workbook_or_a_map_cannot_hold_is_refused_with_another_way(client):
    response = client.get("/api/v1/tables/couverture.xlsx")
    assert response.status_code == 413 and "CSV" in response.json()["erreur"]
    response = client.get("/api/v1/tables/sources.gpkg")
    assert response.status_code == 400 and "territoire_code" in response.json()["erreur"]
    possible = table_files.unavailable_formats(build_selection("sources"))
    assert set(possible) == {"gpkg", "geojson"}
    assert set(table_files.unavailable_formats(build_selection("couverture"))) == {"xlsx"}


@given(text=st.text(alphabet="'=+-@\t\ra1 ", max_size=6))
def test_formula_escapes_are_reversible(text):
    escaped = escape_formula(text)
    assert unescape_formula(escaped) == text
    assert not escaped.startswith(("=", "+", "-", "@", "\t", "\r"))


# --- caches and compression -----------------------------------------------------------------------


def test_an_address_with_its_version_never_changes(client):
    version = dataset_metadata()["version"]
    address = "/api/v1/tables/partenaires.csv?forme=gip"
    frozen = client.get(f"{address}&_version={version}")
    assert frozen.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert frozen.text == client.get(address).text
    headers = {"If-None-Match": frozen.headers["etag"]}
    assert client.get(f"{address}&_version={version}", headers=headers).status_code == 304


REPLACED = "18fc4727d57b"  # the version under which edition 2 was served


@pytest.mark.parametrize("path", ["tables/budgets.csv", "schemas/sources.json"])
def test_a_table_of_an_edition_that_was_replaced_is_gone_and_its_facts_are_named(client, path):
    gone_response = client.get(f"/api/v1/{path}", params={"_version": REPLACED})
    assert (
        gone_response.status_code == 410
        and gone_response.headers["access-control-allow-origin"] == "*"
    )
    assert "cache-control" not in gone_response.headers
    message = gone_response.json()["erreur"]
    assert message.startswith(
        f"La version « {REPLACED} » est celle de l’édition 2 (23 novembre 2026)"
    )
    assert "l’édition 3 a remplacée le 28 novembre 2026" in message
    (facts,) = re.findall(r" (/api/v1/package\.zip\?\S+)", message)
    assert client.get(facts).status_code == 200
    assert client.get(f"/api/v1/{path}").status_code == 200  # « la même, sans « _version » »


def filled(rows: list[dict]) -> list[list[tuple[str, str]]]:
    """The filled cells of each row, whatever the order of rows and columns."""
    return sorted(sorted((name, cell) for name, cell in row.items() if cell) for row in rows)


def test_the_facts_of_an_edition_that_was_replaced_are_a_valid_package(client, tmp_path):
    address = f"/api/v1/package.zip?_version={REPLACED}"
    response = client.get(address)
    assert (response.status_code, response.headers["x-version"]) == (200, REPLACED)
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    headers = {"If-None-Match": response.headers["etag"]}
    assert client.get(address, headers=headers).status_code == 304
    (tmp_path / "edition.zip").write_bytes(response.content)
    report = validate(tmp_path / "edition.zip")
    assert report.errors == ()
    # it holds the rows of the two packages of that edition, and no other
    rows: dict[str, list[dict]] = {}
    for folder in ("corpus-2026-1.0.0", "corrections-2026-11-1.0.0"):
        for path in (EDITIONS_DIR / folder).glob("*.csv"):
            with path.open(encoding="utf-8", newline="") as file:
                rows.setdefault(path.stem, []).extend(csv.DictReader(file))
    assert len(rows["strategies"]) == 447 and set(rows) == set(report.package.tables)
    for name, table in report.package.tables.items():
        assert filled(table.to_dict("records")) == filled(rows[name]), name
    assert client.get("/api/v1/package.zip").content != response.content


@pytest.mark.parametrize("path", ["package.zip", "tables/budgets.csv", "schemas/budgets.json"])
def test_a_version_that_never_was_is_not_found(client, path):
    absent = client.get(f"/api/v1/{path}", params={"_version": "0123456789ab"})
    assert absent.status_code == 404
    message = absent.json()["erreur"]
    assert (
        "« 0123456789ab »" in message
        and dataset_metadata()["version"] in message
        and "changements" in message
    )


def test_a_long_table_is_sent_compressed(client):
    with client.stream("GET", "/api/v1/tables/voisins.csv") as response:
        assert response.headers["content-encoding"] == "gzip"
        sent = b"".join(response.iter_raw())
    text = gzip.decompress(sent).decode()
    assert text.count("\n") == len(query("SELECT 1 FROM voisins")) + 1
    assert len(sent) < len(text) / 3


# --- catalogue, dictionary, package ---------------------------------------------------------------


def test_the_catalogue_lists_every_table_with_its_rows():
    listed = table_catalog().set_index("nom")
    assert set(listed.index) == set(tables())
    for name in ("strategies", "couverture", "jumeaux"):
        assert (
            listed.loc[name, "nb_lignes"] == query(f"SELECT count(*) AS n FROM {name}")["n"].iloc[0]
        )
    assert {table_group(n) for n in ("budgets", "pairs", "territoires")} == {
        "format", "derivees", "reference",
    }  # fmt: skip


def test_a_dictionary_says_how_much_of_each_column_is_known(client):
    described = data_dictionary(tables()["budgets"]).set_index("colonne")
    rows = query("SELECT * FROM budgets")
    for column in ("nature", "annee_fin", "montant"):
        assert described.loc[column, "part_renseignee"] == pytest.approx(
            rows[column].notna().mean()
        )
        assert described.loc[column, "nb_valeurs"] == rows[column].nunique()
    payload = client.get("/api/v1/schemas/budgets.json").json()
    assert [c["colonne"] for c in payload["colonnes"]] == list(tables()["budgets"].columns)


def test_no_column_looks_like_a_filter_or_a_control():
    for table in tables().values():
        for field in table.fields:
            assert "__" not in field.name and not field.name.startswith("_")
            assert field.name not in RESERVED_PARAMETERS and operators_for(field)


def test_the_package_is_the_dataset_and_can_be_loaded_again(client, tmp_path):
    response = client.get("/api/v1/package.zip")
    path = tmp_path / "paquet.zip"
    path.write_bytes(response.content)
    report = validate(path)
    assert report.errors == ()
    for name, table in report.package.tables.items():
        assert len(table) == query(f"SELECT count(*) AS n FROM {name}")["n"].iloc[0]
    descriptor = report.package.descriptor
    assert str(dataset_metadata()["version"]) in descriptor["version"]
    assert descriptor["citation"] == table_writers.citation_sentence()
    assert client.get("/api/v1/package.zip").content == response.content
