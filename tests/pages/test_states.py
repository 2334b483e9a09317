"""Every state of every page, in a wide and a narrow window, on data that bites."""

import shutil
from pathlib import Path

import duckdb
import pytest
from states import STATES
from visits import MARKUP

from comparisons.database.connection import dataset_metadata

TEXTS = {
    "strategies": ("titre", "resume", "porteur_nom", "gouvernance", "localisation"),
    "priorites": ("intitule", "description"),
    "budgets": ("libelle", "financeur_nom"),
    "partenaires": ("nom", "sigle"),
    "mutualisations": ("solution",),
    "indicateurs": ("libelle", "unite"),
    "sources": ("titre", "editeur"),
    "territoires": ("nom",),
}


@pytest.fixture(scope="module")
def hostile_database(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a copy of the database where every free text carries markup."""
    path = tmp_path_factory.mktemp("hostile") / "hostile.duckdb"
    shutil.copyfile(database, path)
    with duckdb.connect(str(path)) as connection:
        for table, columns in TEXTS.items():
            for column in columns:
                connection.execute(f"UPDATE {table} SET {column} = {column} || ?", [f" {MARKUP}"])
        connection.execute("UPDATE jeu_de_donnees SET version = 'hostile'")
    return path


@pytest.fixture
def hostile(hostile_database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read that copy."""
    monkeypatch.setenv("STRATOSCOPE_DATABASE", str(hostile_database))


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.address)
def test_a_state_is_shown_whole_in_both_windows(hostile, visit, phone, state):
    for session in (visit, phone):
        session.open(state.page, **state.query)
        assert session.leaks == []
        # territories of several levels are compared with a warning
        assert all("ne sont pas de même niveau" in warning for warning in session.warnings)
        assert len(session.app.title) == 1
        assert bool(session.charts) == state.figure
        foot = session.app.caption[-1].value
        assert "« Non renseigné » veut dire inconnu, jamais zéro." in foot
        assert dataset_metadata()["version"] in foot and "Licence Ouverte 2.0" in foot
        if state.has_facts:
            assert "onerror" in session.text
            assert session.raw_markup == []
    # a phone reads the same in cards
    assert len(phone.app.table) == 0
    assert [text for text in visit.tables_text if text not in phone.text] == []
