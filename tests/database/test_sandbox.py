"""The console of SQL: what it answers, and all that it must not do for a stranger."""

import hashlib
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import psutil
import pytest

from comparisons.analysis.completeness.sources import sources_by_age
from comparisons.concurrency import ConcurrencyLimiter
from comparisons.database.connection import dataset_metadata, query
from comparisons.database.sandbox import examples, runner
from comparisons.database.sandbox.limits import MAX_BYTES, MAX_ROWS, Limits
from comparisons.database.sandbox.process import executor
from comparisons.database.sandbox.process.ast_guard import FUNCTIONS, TABLE_FUNCTIONS
from comparisons.errors import BadRequestError
from comparisons.processes import ProcessRunner
from comparisons.queries import column_catalog
from comparisons.schema.registry import tables
from comparisons.settings import PROJECT_DIR
from comparisons.web.sql_api import SqlParameters

pytestmark = pytest.mark.usefixtures("database")
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture(scope="module")
def judge(database: Path) -> Iterator[Callable[[str], None]]:
    """Answer queries as the process of each does, but in this one: only quick ones, then."""
    connection = executor.open_database(str(database), 200_000_000)

    def run(text: str) -> None:
        """Raise what `run` would."""
        runner._check_text(text)
        request = {"query": text, "tables": list(tables()), **asdict(Limits())}
        reply, _ = executor.execute(connection, request, {}, lambda *_: b"")
        if "error" in reply:
            raise runner.error_from_payload(reply["error"], text, Limits())

    yield run
    connection.close()


def why_refused(judge: Callable[[str], None], text: str) -> str:
    with pytest.raises(BadRequestError) as refused:
        judge(text)
    return str(refused.value)


# --- what is answered -----------------------------------------------------------------------------


def test_rows_with_their_types():
    result = runner.run_query(
        """
        SELECT territoire_code, population, densite, outre_mer FROM territoires
        WHERE territoire_niveau = 'departement' ORDER BY territoire_code
        """
    )
    expected = query(
        """
        SELECT territoire_code, population, densite, outre_mer FROM territoires
        WHERE territoire_niveau = 'departement' ORDER BY territoire_code
        """
    )
    assert result.types == ("VARCHAR", "INTEGER", "DOUBLE", "BOOLEAN")
    assert not result.truncated and result.version == dataset_metadata()["version"]
    assert 0 < result.seconds < 5
    pd.testing.assert_frame_equal(result.rows, expected, check_dtype=False)
    assert pd.api.types.is_integer_dtype(result.rows["population"])


def test_every_kind_of_value():
    rows = runner.run_query(
        """
        SELECT 1.5 AS decimale, sum(2) AS somme, NULL AS rien, ['a', NULL] AS liste,
               {'a': [1]} AS fiche, DATE '2024-02-29' AS jour, DATE '20000-01-01' AS loin,
               'x'::BLOB AS octets, 1 AS un, 2 AS un, 9007199254740993 AS grand
        """
    ).rows
    row = rows.iloc[0].to_dict()
    assert pd.isna(row.pop("rien")) and list(row.pop("liste")) == ["a", None]
    assert row == {
        "decimale": 1.5, "somme": 2, "fiche": '{"a": [1]}', "jour": date(2024, 2, 29),
        "loin": "20000-01-01", "octets": "78", "un": 1, "un_2": 2, "grand": 9007199254740993,
    }  # fmt: skip


@pytest.mark.parametrize("example", examples.EXAMPLES, ids=lambda example: example.title)
def test_examples_give_rows(example):
    result = runner.run_query(example.sql)
    assert 0 < len(result.rows) < 500 and not result.truncated
    assert example.sentence.endswith(".") and "'" not in example.title + example.sentence


def test_examples_say_what_the_data_say():
    queries_by_title = {example.title: example.sql for example in examples.EXAMPLES}
    states = runner.run_query(queries_by_title["État des SCoRAN"]).rows
    assert states["régions"].sum() == 18
    assert states["part en %"].sum() == pytest.approx(100, abs=0.3)
    ages = runner.run_query(queries_by_title["Âge des sources"]).rows
    assert ages["sources"].sum() == query("SELECT count(*) AS n FROM sources")["n"].iloc[0]
    bands = sources_by_age().query("nb_sources > 0")["tranche_titre"].str.lower().to_list()
    # the same bands as elsewhere on the page of data
    assert ages["ancienneté"].to_list()[:-1] == bands[:-1]
    assert (
        ages["sources"].to_list()
        == sources_by_age().query("nb_sources > 0")["nb_sources"].to_list()
    )
    without = runner.run_query(queries_by_title["Stratégies sans aucun montant"]).rows
    assert without["stratégies"].sum() == query("SELECT count(*) AS n FROM strategies")["n"].iloc[0]
    assert (without["sans montant"] <= without["stratégies"]).all()


@pytest.mark.parametrize(
    "text",
    [
        "DESCRIBE strategies",
        "SUMMARIZE sources",
        "FROM strategies LIMIT 1",
        "FROM donnees.main.strategies LIMIT 1",
        "WITH strategies AS (SELECT 1 AS a) SELECT a FROM strategies",
        'WITH "Mes régions" AS (SELECT 1 AS a) SELECT a FROM "mes régions"',
        "WITH RECURSIVE n AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM n WHERE a < 9) FROM n",
        "PIVOT strategies ON type IN ('sdtan', 'scoran') USING count(*) GROUP BY statut",
        "UNPIVOT (SELECT annee_debut, annee_fin FROM strategies) ON annee_debut, annee_fin",
        "SELECT titre.upper(), [lower(x) FOR x IN [titre]] FROM strategies LIMIT 1",
        "SELECT t.nom, x FROM territoires AS t, range(2) AS r(x) LIMIT 3",
        "SELECT theme, unnest(themes_secondaires) FROM priorites LIMIT 3 -- fin ; vraiment",
        "SELECT nom COLLATE fr FROM territoires ORDER BY nom COLLATE NOACCENT LIMIT 3;;",
        "SELECT columns('annee.*') FROM strategies LIMIT 2",
    ],
)
def test_readings_of_all_kinds_are_allowed(judge, text):
    judge(text)


def test_only_the_tables_of_the_dataset_are_listed_and_described():
    assert set(runner.run_query("SHOW TABLES").rows["name"]) == set(tables())
    described = column_catalog.column_catalog()
    actual = query(
        """
        SELECT table_name AS "table", column_name AS colonne, data_type AS type
        FROM information_schema.columns WHERE table_catalog = 'donnees'
        """
    )
    columns = ["table", "colonne", "type"]
    assert set(described[columns].itertuples(index=False, name=None)) == set(
        actual[columns].itertuples(index=False, name=None)
    )
    assert described["titre"].map(bool).all()


def test_a_cut_is_said_and_only_a_cut():
    few = Limits(rows=7)
    cut, whole = (runner.run_query(f"SELECT * FROM range({n})", few) for n in (8, 7))
    assert cut.truncated and list(cut.rows["range"]) == list(range(7))
    assert not whole.truncated and len(whole.rows) == 7


# --- what is wrong is told in French, with what mends it ------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SELEC 1", ["syntaxe", "ligne 1, colonne 1", "« SELEC »"]),
        ("SELECT 'é',\n  a b c FROM strategies", ["syntaxe", "ligne 2, colonne 7", "« c »"]),
        ("SELECT (", ["s’arrête trop tôt"]),
        ("", ["vide"]),
        ("-- rien", ["vide"]),
        ("SELECT 1; SELECT 2", ["Une seule requête"]),
        ("SELECT ?", ["paramètres", "écrivez la valeur"]),
        ("SELECT 1 -- \0", ["caractère de contrôle", "U+0000"]),
        ("SELECT '\ud800'", ["U+D800"]),
        ("SELECT 1" + " " * 20_000, ["20\u202f008\u00a0caractères", "20\u202f000"]),
        ("FROM strategie", ["« strategie »", "colonne 6", "Voulez-vous dire « strategies »"]),
        ("SELECT 'éé', titr FROM strategies", ["« titr »", "colonne 14", "dire « titre »"]),
        ("SELECT s.titr FROM strategies AS s", ["dans « s »"]),
        ("SELECT euros_par_habitant FROM budgets", ["Elle existe dans budgets_comparables"]),
        ('FROM strategies WHERE type = "sdtan"', ["entre apostrophes droites : 'sdtan'"]),
        ("FROM strategies WHERE type = ‘sdtan’", ["entre apostrophes droites : 'sdtan'"]),
        ("SELECT memory FROM strategies", ["« memory »", "n’existe pas"]),
        ("SELECT x.titre FROM strategies", ["« x »", "table de cette requête"]),
        ("SELECT type, count(*) FROM strategies", ["GROUP BY", "any_value(type)"]),
        ("SELECT cont(*) FROM strategies", ["« cont »", "Voulez-vous dire « count »"]),
        ("SELECT 'a'::truc", ["« truc »", "type"]),
        ("SELECT INTERVAL 1 DAY", ["INTERVAL", "CAST"]),
        ("PIVOT strategies ON type USING count(*)", ["liste de ses valeurs", "IN ("]),
        ("SELECT " + "abs(" * 3000 + "1" + ")" * 3000, ["trop imbriquée", "WITH"]),
        ("SELECT " + "(SELECT " * 2000 + "1" + ")" * 2000, ["trop imbriquée"]),
        ("SELECT " + "[" * 190 + "1" + "]" * 190, ["CAST"]),
        ("SELECT " + ", ".join("1" * 121), ["121\u00a0colonnes", "120"]),
        ("SELECT range(60) FROM range(10000)", ["500\u202f000 cellules", "LIMIT"]),
        ("SELECT repeat('é', 10000) FROM range(2000)", ["20\u00a0Mo", "LIMIT"]),
        ("SELECT regexp_matches('a', '(')", ["ne convient pas"]),
    ],
)
def test_a_refusal_names_the_fault_and_its_remedy(judge, text, words):
    message = why_refused(judge, text)
    assert not [word for word in words if word not in message], message
    assert not re.search(r"Error|column|does not|Candidate|LINE", message), message
    assert len(message) < 500 and message[0] in message[0].upper() + "«*"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SELECT type FROM strategies, sources", ["ne tient pas (ligne 1", "strategies.type"]),
        ("SELECT 'abc'::INT", ["ne se convertit pas", "abc"]),
        ("SELECT 1 UNION SELECT 1, 2", ["ne tient pas", "Set operations"]),
    ],
)
def test_a_rarer_error_is_that_of_duckdb_with_its_kind_in_french(judge, text, words):
    message = why_refused(judge, text)
    assert "DuckDB dit" in message and all(word in message for word in words), message


def test_a_long_value_is_not_repeated_whole(judge):
    message = why_refused(judge, "SELECT repeat('x', 1000000)::INTEGER")
    assert "ne se convertit pas" in message and len(message) < 500


# --- what a stranger may try ----------------------------------------------------------------------

SECRET = "quelque-chose-qui-ne-sort-pas"
# One for each kind of statement, of table, and of place where a function may stand: all other
# functions are refused as these are, for they are not in the list.
ATTACKS = r"""
SELECT * FROM read_csv('/etc/passwd')
SELECT content FROM read_text('/etc/passwd')
SELECT * FROM read_parquet('https://example.org/x.parquet')
SELECT * FROM glob('/*')
FROM '/etc/passwd'
FROM "/etc/passwd.csv"
WITH "/etc/passwd.csv" AS (SELECT 1) FROM "/etc/passwd.csv"
WITH a AS (FROM b), b AS (SELECT 1) FROM a
COPY strategies TO '/tmp/sortie.csv'
COPY (SELECT 1) TO '/dev/stdout'
EXPORT DATABASE '/tmp/sortie'
ATTACH '/tmp/autre.duckdb'
DETACH donnees
USE memory
INSTALL httpfs
LOAD httpfs
SET enable_external_access = true
SET VARIABLE a = 1
PRAGMA database_list
CALL pragma_version()
CHECKPOINT
VACUUM
CREATE TABLE a AS SELECT 1
CREATE OR REPLACE VIEW strategies AS SELECT 1
CREATE MACRO f() AS 1
CREATE SECRET (TYPE s3)
INSERT INTO strategies SELECT * FROM strategies
DELETE FROM strategies
DROP TABLE strategies
ALTER TABLE strategies RENAME TO autre
MERGE INTO strategies USING sources ON true WHEN MATCHED THEN DELETE
WITH a AS (INSERT INTO strategies VALUES (1) RETURNING *) FROM a
BEGIN TRANSACTION
PREPARE a AS SELECT 1
EXPLAIN SELECT 1
EXPLAIN ANALYZE COPY strategies TO '/tmp/sortie.csv'
SELECT 1; COPY strategies TO '/tmp/sortie.csv'
SELECT 1 /* ; */ ; -- fin \n DROP TABLE strategies
SELECT 1 --\n; ATTACH '/tmp/autre.duckdb'
SELECT getenv('HOME')
SELECT "GetEnv"('HOME')
SELECT main.getenv('HOME')
SELECT titre.getenv() FROM strategies
SELECT system.main.getenv/**/('HOME')
SELECT current_database(), current_query()
SELECT json_execute_serialized_sql('{}')
SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))
FROM query('SELECT 1')
FROM query_table('strategies')
FROM duckdb_settings()
FROM duckdb_tables
FROM pragma_database_size()
FROM sqlite_master
FROM pg_catalog.pg_tables
FROM information_schema.tables
FROM system.information_schema.tables
FROM memory.main.strategies
FROM temp.strategies
SHOW DATABASES
SHOW TABLES FROM memory
DESCRIBE
DESCRIBE (SELECT getenv('HOME'))
DESCRIBE FROM read_csv('/etc/passwd')
SUMMARIZE '/etc/passwd'
FROM connection
FROM ѕtrategies
FROM ſtrategies
SELECT ｇetenv('HOME')
SELECT (SELECT (SELECT content FROM read_text('/etc/passwd')))
SELECT EXISTS (FROM glob('/*'))
SELECT * FROM strategies AS s, LATERAL (SELECT * FROM read_text(s.titre))
SELECT list_transform(['HOME'], lambda x: getenv(x))
SELECT [getenv(x) FOR x IN ['HOME']]
SELECT count(*) FILTER (WHERE getenv('HOME') = 'a') FROM strategies
SELECT sum(1) OVER (ORDER BY getenv('HOME')) FROM strategies
SELECT 1 LIMIT (SELECT count(*) FROM read_text('/etc/passwd'))
SELECT 1 ORDER BY getenv('HOME')
SELECT * REPLACE (getenv('HOME') AS titre) FROM strategies
SELECT COLUMNS(c -> getenv(c) IS NULL) FROM strategies
FROM strategies PIVOT (max(getenv('HOME')) FOR type IN ('sdtan'))
UNPIVOT (FROM read_csv('/etc/passwd')) ON a
WITH RECURSIVE r AS (SELECT 1 UNION ALL SELECT count(*) FROM read_text('/etc/passwd'), r) FROM r
VALUES (getenv('HOME'))
SELECT 1 UNION ALL SELECT getenv('HOME')
FROM strategies AT (VERSION => 1)
SELECT 1 FROM strategies JOIN sources ON getenv('HOME') = 'a'
SELECT $1
.read /etc/passwd
""".strip().splitlines()


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_refused_without_leaking_details(judge, monkeypatch, database, attack):
    monkeypatch.setenv("HOME", f"/{SECRET}")
    message = why_refused(judge, attack.replace("\\n", "\n"))
    message_without_query = message.replace(attack, "")
    private_texts = {SECRET, str(database), database.name, str(Path.cwd()), sys.prefix, "root:"}
    assert not [word for word in private_texts if word in message_without_query], message
    assert not re.search(
        r"Error|not allowed|disabled|configuration|secret_dir.*=", message_without_query
    ), message


def test_functions_allowed_exist_and_have_no_effect():
    engine_functions = duckdb.connect().execute(
        "SELECT DISTINCT lower(function_name), stability, function_type FROM duckdb_functions()"
    )
    engine_functions = pd.DataFrame(
        engine_functions.fetchall(), columns=["name", "stability", "type"]
    )
    assert set(engine_functions["name"]) >= FUNCTIONS | TABLE_FUNCTIONS
    volatile = set(engine_functions.loc[engine_functions["stability"] == "VOLATILE", "name"])
    assert volatile & FUNCTIONS == {"random"}
    # what is new in DuckDB is refused: only functions of these kinds are in the list
    assert not FUNCTIONS & set(engine_functions.loc[engine_functions["type"] == "pragma", "name"])
    unsafe_pattern = (
        r"^read|scan|glob|duckdb|pragma|pg_|setting|env|variable|_log$|query|serial|sleep|secret"
    )
    assert not [name for name in FUNCTIONS if re.search(unsafe_pattern, name)]
    assert not FUNCTIONS & {"nextval", "setseed", "error", "version", "current_database"}


WITHOUT_GUARD = """
import json, sys
sys.path.insert(0, sys.argv[1])
import pandas
from comparisons.database.sandbox.process import executor
connection = executor.open_database(sys.argv[2], 200_000_000)
here = pandas.DataFrame({"valeur": [1]})
executor.set_limits(
    {"memory": 200_000_000, "seconds": 20, "write_seconds": 1, "file_bytes": 1_000_000}
)
for attack in json.loads(sys.argv[3]):
    try:
        found = connection.execute(attack).fetchall()
    except Exception as error:
        print(json.dumps(["refused", str(error)]))
    else:
        print(json.dumps(["run", str(found)]))
"""


def test_without_the_guard_duckdb_and_the_system_still_refuse(database, tmp_path):
    beside = [f"{database}.wal", f"{database}.wal.checkpoint", str(tmp_path / "sortie.csv")]
    attacks = [
        "FROM read_text('/etc/passwd')",
        "FROM '/etc/passwd'",
        "FROM glob('/etc/*')",
        "ATTACH '/tmp/autre.duckdb'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '10GB'",
        "CREATE TABLE a AS SELECT 1",
        "DELETE FROM strategies",
        "FROM here",
        *(f"COPY (SELECT 1) TO '{path}'" for path in beside),
    ]
    if sys.platform == "linux":  # the file itself is shut by the system alone
        attacks.append(f"FROM read_blob('{database}')")
    else:
        attacks = [attack for attack in attacks if ".wal" not in attack]
    command = [sys.executable, "-I", "-c", WITHOUT_GUARD, str(PROJECT_DIR), str(database)]
    lines = subprocess.run(
        [*command, json.dumps(attacks)],
        capture_output=True,
        env=runner._ENVIRONMENT,
        check=True,
    ).stdout.splitlines()
    assert len(lines) == len(attacks)
    for attack, line in zip(attacks, lines, strict=True):
        assert json.loads(line)[0] == "refused", (attack, line)
    assert not any(map(os.path.exists, beside))


# --- bounds ---------------------------------------------------------------------------------------

HEAVY = [
    "WITH RECURSIVE t AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM t) SELECT max(a) FROM t",
    "SELECT count(*) FROM territoires AS a, territoires AS b, territoires AS c "
    "WHERE a.nom || b.nom LIKE '%' || c.nom",
    "SELECT count(*) FROM range(1000000000000) WHERE range % 7 = 8",
    "SELECT length(repeat('x', 4000000000))",
    "SELECT repeat('x', 1000000000)",
    "SELECT list(range) FROM range(100000000000)",
    "SELECT levenshtein(repeat('a', 100000), repeat('b', 100000))",
    "SELECT * FROM territoires AS a, territoires AS b ORDER BY a.nom, b.nom",
    # this one breaks DuckDB 1.5.5
    "SELECT json_structure(repeat('[', 1000000) || repeat(']', 1000000))",
]


def test_heavy_queries_end_alone_while_others_answer():
    small = Limits(seconds=0.4, memory=100_000_000)
    errors_raised: list[BadRequestError] = []

    def attack() -> None:
        for text in HEAVY:
            with pytest.raises(BadRequestError) as refused:
                runner.run_query(text, small)
            errors_raised.append(refused.value)

    attacking = threading.Thread(target=attack)
    attacking.start()
    while attacking.is_alive():
        assert runner.run_query("SELECT count(*) AS n FROM strategies").rows["n"].iloc[0] > 400
        time.sleep(1)
    attacking.join()
    assert len(errors_raised) == len(HEAVY)
    assert {error.status for error in errors_raised} == {413, 504}
    assert all("mémoire" in str(e) or "arrêtée après 0,4" in str(e) for e in errors_raised)


def processes_without_files() -> list[Path]:
    """The processes of queries that this one has started, once their limits are set."""
    processes = []
    for child in psutil.Process().children(recursive=True):
        process = Path("/proc", str(child.pid))
        with suppress(OSError):
            if re.search(r"Max open files\s+0\s+0", (process / "limits").read_text()):
                processes.append(process)
    return processes


@linux
def test_a_process_has_no_environment_no_files_and_no_aftermath(monkeypatch):
    monkeypatch.setenv("SECRET_DU_SITE", SECRET)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(runner.run_query, HEAVY[0], Limits(seconds=1))
        deadline = time.monotonic() + 5
        while not (processes := processes_without_files()) and time.monotonic() < deadline:
            time.sleep(0.02)
        limits = (processes[0] / "limits").read_text()
        assert SECRET not in (processes[0] / "environ").read_bytes().decode()
        with pytest.raises(BadRequestError, match="arrêtée"):
            waiting.result()
    assert re.search(r"Max file size\s+61048576\s+61048576", limits)
    assert not processes_without_files()


def test_only_so_many_at_once(monkeypatch, client):
    with monkeypatch.context() as patch:
        patch.setattr(runner, "QUERY_LIMITER", ConcurrencyLimiter(0, queued=0))
        with pytest.raises(BadRequestError, match="à la fois"):
            runner.run_query("SELECT 1")
        response = client.get("/api/v1/sql", params={"q": "SELECT 1"})
        assert response.status_code == 503 and int(response.headers["Retry-After"]) > 0
    assert len(runner.run_query("SELECT 1").rows) == 1


def test_a_process_that_says_too_much_or_nothing_is_refused(monkeypatch, tmp_path):
    environment = {**runner._environment(), "PYTHONPATH": str(tmp_path)}
    monkeypatch.setattr(runner, "_PROCESSES", ProcessRunner(lambda: environment))
    for name, code, words in (
        ("talking", "import sys; sys.stdout.write('x' * 30_000_000)", "défaut|mémoire"),
        ("failing", "raise SystemExit(1)", "défaut"),
        ("ending", "import os; os.abort()", "mémoire"),
    ):
        (tmp_path / f"{name}.py").write_text(f"def main(): {code}")
        monkeypatch.setattr(runner, "ROWS_PROCESS", name)
        with pytest.raises(BadRequestError, match=words):
            runner.run_query("SELECT 1")


def test_nothing_has_changed(database):
    """After all that was tried above, the file is what was built, alone."""
    before = query("SELECT count(*) AS n FROM strategies")["n"].iloc[0]
    digest = hashlib.sha256(database.read_bytes()).hexdigest()
    for text in ("SELECT 1", "DROP TABLE strategies", "COPY strategies TO 'sortie.csv'"):
        try:
            runner.run_query(text)
        except BadRequestError:
            continue
    assert hashlib.sha256(database.read_bytes()).hexdigest() == digest
    assert not list(database.parent.glob(f"{database.name}.*"))
    assert query("SELECT count(*) AS n FROM strategies")["n"].iloc[0] == before
    assert not list(Path.cwd().glob("sortie*"))


# --- files and addresses --------------------------------------------------------------------------


THREE = "SELECT nom, population, '=1+1' AS f, ['a', 'b'] AS l FROM territoires LIMIT 3"


def test_json_says_what_was_asked_and_of_which_types(client):
    response = client.get("/api/v1/sql", params={"q": THREE})
    payload = response.json()
    assert payload["requete"] == THREE and payload["version"] == dataset_metadata()["version"]
    assert payload["nombre"] == 3 and payload["tronque"] is False
    assert payload["colonnes"][1] == {"nom": "population", "type": "INTEGER"}
    assert payload["lignes"][0]["l"] == ["a", "b"] and payload["lignes"][0]["f"] == "=1+1"
    assert response.headers["X-Tronque"] == "non"


def test_posted_in_three_ways(client):
    for sent in (
        {"data": {"q": "SELECT 'é' AS a", "format": "csv"}},
        {"json": {"q": "SELECT 'é' AS a", "format": "csv"}},
        {
            "content": "SELECT 'é' AS a",
            "params": {"format": "csv"},
            "headers": {"Content-Type": "text/plain"},
        },
    ):
        assert client.post("/api/v1/sql", **sent).text == "a\né\n"
    assert (
        client.options("/api/v1/sql").headers["Access-Control-Allow-Methods"]
        == "GET, POST, OPTIONS"
    )


def test_a_cut_goes_with_the_file(client):
    response = client.get("/api/v1/sql", params={"q": "SELECT * FROM territoires", "format": "csv"})
    assert response.headers["X-Tronque"] == "oui"
    assert len(response.content.splitlines()) == MAX_ROWS + 1 and len(response.content) < MAX_BYTES


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"params": {}}, 400),
        ({"params": {"q": ""}}, 400),
        ({"params": {"q": ["SELECT 1", "SELECT 2"]}}, 400),
        ({"params": {"q": "SELECT 1", "format": "pdf"}}, 400),
        ({"params": {"q": "SELECT 1", "base": "autre"}}, 400),
        ({"params": {"q": "DROP TABLE strategies"}}, 400),
        ({"params": {"q": f"SELECT '{'x' * 20_000}'"}}, 413),
        ({"params": {"q": "SELECT repeat('x', 1000000) FROM range(100)"}}, 413),
        ({"params": {"q": "SELECT repeat('x', 40000)", "format": "xlsx"}}, 400),
        ({"method": "POST", "json": [1]}, 400),
        ({"method": "POST", "json": {"q": 1}}, 400),
        ({"method": "POST", "content": b"{"}, 400),
        ({"method": "POST", "content": b"\xff", "headers": {"Content-Type": "text/plain"}}, 400),
        ({"method": "POST", "content": b"x" * 300_000}, 413),
    ],
)
def test_a_wrong_address_is_refused_in_french(client, sent, status):
    response = client.request(sent.pop("method", "GET"), "/api/v1/sql", **sent)
    assert response.status_code == status
    assert re.match(r"[A-ZÉÀ«]", response.json()["erreur"])
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert list(SqlParameters.model_fields) == ["q", "format"]
