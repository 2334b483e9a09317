"""The repository for schema.data.gouv.fr: whole, and its check finds what the harvester refuses."""

import json
import shutil
from pathlib import Path

import frictionless
import pytest

from comparisons.cli.main import main
from comparisons.datapackage.format_repository import check_repository, write_repository
from comparisons.schema.model import load_format

HOME = "https://git.example/format"


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("depots") / "format"
    write_repository(folder, HOME)
    return folder


@pytest.fixture
def repository(written, tmp_path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "format"))


def change(path: Path, **values: object) -> None:
    content = json.loads(path.read_text("utf-8")) | values
    path.write_text(json.dumps({key: value for key, value in content.items() if value is not None}))


def test_a_repository_is_accepted(written):
    assert check_repository(written) == []
    assert {"README.md", "CHANGELOG.md", "LICENSE.md"} <= {each.name for each in written.iterdir()}


def test_each_schema_stands_on_its_own(written):
    for name in load_format().tables:
        folder = written / "schemas" / name
        schema = json.loads((folder / "schema.json").read_text("utf-8"))
        assert schema["version"] == load_format().version and schema["homepage"] == HOME
        assert schema["path"].endswith(f"/v{load_format().version}/schemas/{name}/schema.json")
        schema["foreignKeys"] = []  # to tables that are not there
        resource = frictionless.Resource(
            "exemple-valide.csv",
            basepath=str(folder),
            schema=frictionless.Schema.from_descriptor(schema),
        )
        assert resource.validate().valid


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda place: (place / "README.md").unlink(), "README.md : le fichier manque"),
        (lambda place: change(place / "datapackage.json", version="1.1"), "version sémantique"),
        (lambda place: change(place / "datapackage.json", version="9.0.0"), "CHANGELOG.md"),
        (lambda place: change(place / "datapackage.json", homepage=""), "homepage"),
        (lambda place: change(place / "schemas/budgets/schema.json", contributors=None),
         "« contributors » manque"),
        (lambda place: change(place / "schemas/budgets/schema.json", version="1.0.0"),
         "sa version"),
        (lambda place: (place / "schemas/budgets/schema.json").unlink(), "le fichier manque"),
        (lambda place: change(place / "schemas/budgets/schema.json",
                              fields=[{"name": "a", "type": "rien"}]), "Table Schema"),
        (lambda place: (place / "schemas/couvertures/exemple-valide.csv").write_text(
            "strategie_id,territoire_niveau,territoire_code\nabsente,departement,53\n"),
         "exemple-valide.csv"),
    ],
)  # fmt: skip
def test_the_check_finds_what_is_wrong(repository, spoil, reason):
    spoil(repository)
    problems = check_repository(repository)
    assert any(reason in problem for problem in problems), problems


def test_a_command_writes_and_checks_it(tmp_path, capsys):
    assert main(["schema", "-o", str(tmp_path / "depot"), "--depot", HOME]) == 0
    assert f"v{load_format().version}" in capsys.readouterr().out
    assert main(["schema", "-o", str(tmp_path / "depot")]) == 2
    assert "n’est pas vide" in capsys.readouterr().err
    assert main(["schema", "-o", str(tmp_path / "autre")]) == 1
    assert "--depot" in capsys.readouterr().err
