"""Every table made for a page is what its dictionary says: columns, codes, keys, cells of files."""

import json
from collections.abc import Callable, Iterator, Mapping

import pandas as pd
import pytest
from file_contents import csv_rows

from comparisons.analysis.comparison.comparison import compare
from comparisons.analysis.completeness.tables import TABLES
from comparisons.analysis.peers import study
from comparisons.analysis.shared_services import public_private
from comparisons.analysis.shared_services.coverage import service_coverage
from comparisons.analysis.shared_services.matching import partners_by_service
from comparisons.analysis.shared_services.matrix import service_matrix
from comparisons.analysis.shared_services.organisation import load_organisation, service_area
from comparisons.analysis.shared_services.organisations import list_organisations
from comparisons.analysis.shared_services.overlaps import (
    overlapping_organisations,
    unserved_territories,
)
from comparisons.analysis.shared_services.solutions import list_solutions, load_solution
from comparisons.analysis.themes import similar_strategies
from comparisons.analysis.themes.frequency import frequency, frequency_by_level
from comparisons.analysis.themes.theme_profile import load_theme
from comparisons.exports import comparison_files
from comparisons.exports.table_writers import data_dictionary, to_labelled_csv, to_labelled_xlsx
from comparisons.schema.model import load_format, vocabulary_codes
from comparisons.schema.peer_options import PeerOptions
from comparisons.schema.registry import TABLES_DIR, described_tables
from comparisons.schema.territory import parse_key
from comparisons.search.search import results_table, search_texts

Tables = Mapping[str, pd.DataFrame]


def theme_tables() -> Tables:
    profile = load_theme("inclusion_mediation")
    ids = similar_strategies.searchable_strategies()["strategie_id"]
    similar, id_ = next(
        (rows, id_) for id_ in ids if len(rows := similar_strategies.similar_strategies(id_)) > 0
    )
    return {
        "textes": results_table(search_texts("fibre").hits),
        "niveaux_theme": profile.niveaux,
        "territoires_theme": profile.territoires,
        "intitules_theme": profile.intitules,
        "budgets_theme": profile.budgets,
        "organismes_theme": profile.organismes,
        "frequence_themes": frequency(),
        "frequence_niveaux": frequency_by_level(),
        "strategies_proches": similar,
        "intitules_proches": similar_strategies.matching_wordings(
            id_, similar["strategie_id"].iloc[0]
        ),
    }


def shared_services_tables() -> Tables:
    profile = load_organisation("alpha")
    return {
        "organismes": list_organisations(),
        "organisme_faits": profile.faits,
        "organisme_membres": profile.membres,
        "organisme_services": profile.services,
        "aire_organisme": service_area("alpha", "epci"),
        "matrice_services": service_matrix(["commune-53130", "departement-53"]),
        "accueil_par_besoin": partners_by_service("departement-53"),
        "solutions": list_solutions(),
        "solution_liens": load_solution("Élan").liens,
        "couverture_services": service_coverage("departement"),
        "recouvrements": overlapping_organisations("departement"),
        "sans_organisme": unserved_territories("epci", "ent", "departement-53", inherited=False),
        "organismes_par_nature": public_private.organisations_by_sector(list_organisations()),
        "financeurs_par_nature": public_private.funding_by_sector("usages", "vote"),
    }


def comparison_tables() -> Tables:
    comparison = compare([parse_key(key) for key in ("region-53", "departement-35")])
    return {
        "comparaison": comparison_files.long_table(comparison),
        "colonnes": comparison_files.columns_table(comparison),
    }


def peer_tables() -> Tables:
    tables = dict(study.tables("departement-976", PeerOptions(nombre=5)))
    del tables["sources"]  # of the format
    return tables


GROUPS: dict[str, Callable[[], Tables]] = {
    "themes": theme_tables,
    "shared_services": shared_services_tables,
    "completeness": lambda: {name: make() for name, make in TABLES.items()},
    "peers": peer_tables,
    "comparison": comparison_tables,
}


@pytest.fixture(scope="module", params=GROUPS)
def group(request, database, network_database) -> Iterator[tuple[str, Tables]]:
    """The tables of a group; those of shared services are of the invented network."""
    path = network_database if request.param == "shared_services" else database
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STRATOSCOPE_DATABASE", str(path))
        yield request.param, GROUPS[request.param]()


def constraints(group: str) -> dict[tuple[str, str], dict]:
    """The constraints of each column of the tables of a group, by table and name."""
    schemas = [json.loads(path.read_text("utf-8")) for path in TABLES_DIR.glob("*/*.json")]
    return {
        (schema["name"], field["name"]): field.get("constraints", {})
        for schema in schemas
        if schema["name"] in described_tables(group)
        for field in schema["fields"]
    }


TYPE_CHECKS = {
    "string": pd.api.types.is_string_dtype,
    "number": pd.api.types.is_float_dtype,
    "integer": pd.api.types.is_integer_dtype,
    "year": pd.api.types.is_integer_dtype,
    "boolean": pd.api.types.is_bool_dtype,
}


def test_a_table_is_what_its_dictionary_says(group):
    name_of_group, tables = group
    described, limits = described_tables(name_of_group), constraints(name_of_group)
    assert set(described) - {"complements"} == set(tables)
    for name, rows in tables.items():
        table = described[name]
        assert tuple(rows.columns) == table.columns and len(rows), name
        key = list(table.primary_key)
        assert not key or not rows.duplicated(key).any(), name
        dictionary = data_dictionary({name: rows}).set_index("colonne")["description"]
        assert dict(dictionary) == {field.name: field.description for field in table.fields}
        for field in table.fields:
            assert field.title and field.description and field.example, (name, field.name)
            values = rows[field.name]
            assert not field.required or values.notna().all(), (name, field.name)
            if name_of_group == "completeness":  # others hold unknown values, which change types
                typed = values.dropna() if field.type == "string" else values
                assert TYPE_CHECKS[field.type](typed), (name, field.name)
            codes = set((values.explode() if field.type == "list" else values).dropna()) - {""}
            if field.vocabulary:
                assert codes <= set(vocabulary_codes(field.vocabulary)), (name, field.name)
            if "enum" in limits[name, field.name]:
                assert codes <= set(limits[name, field.name]["enum"]), (name, field.name)


def test_a_table_leaves_as_a_file_without_a_word_for_what_is_unknown(group):
    _, tables = group
    for name, rows in tables.items():
        cells = csv_rows(to_labelled_csv(rows))
        assert len(cells) == len(rows), name
        assert not {value for row in cells for value in row.values()} & {"nan", "None", "<NA>"}
    first_rows = {name: rows.head(500) for name, rows in tables.items()}  # the CSV has them all
    assert to_labelled_xlsx(first_rows)[:2] == b"PK"


def test_no_table_is_taken_for_another():
    every = (*map(described_tables, (*GROUPS, "derived")), load_format().tables)
    shapes = [frozenset(table.columns) for tables in every for table in tables.values()]
    assert len(shapes) == len(set(shapes))
