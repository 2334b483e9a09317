"""Time the validation and the build of a package the size of France, and measure their memory.

Run by hand, on a quiet machine: `python tests/benchmarks/national.py [FOLDER]`. The package is
synthetic, and says so in each of its titles: 35,000 strategies and a million priorities on the real
territories, with budgets, sources, mutualisations, indicators and searches in proportion, always
the same. It is written in FOLDER (kept) or in a temporary one, then validated and built in a
process of its own. Prints seconds, megabytes and rows as JSON; the aim is three minutes and 4 GB
for the whole on two cores.
"""

import csv
import itertools
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

PROJECT = Path(__file__).parents[2]
sys.path.insert(0, str(PROJECT))

from comparisons.format import FORMAT_DIR, REFERENCE_DIR, codes, load_format  # noqa: E402

STRATEGIES, PRIORITIES, PARTNERS, LINKS = 35_000, 1_000_000, 1_000, 100_000
SEED = 20261125
LABEL = "Synthétique"
_VERBS = ("accompagner", "ouvrir", "sécuriser", "mutualiser", "former", "déployer")
_THINGS = ("les services en ligne", "les écoles", "les données", "les petites communes",
           "les agents et élus", "la fibre", "les lieux de médiation", "les archives")  # fmt: skip


def generate(folder: Path) -> None:
    """Write the package, row by row."""
    chance = random.Random(SEED)
    folder.mkdir(parents=True, exist_ok=True)
    described = json.loads(
        (FORMAT_DIR / "exemples" / "valide" / "datapackage.json").read_text(encoding="utf-8")
    ) | {"name": folder.name, "title": f"{LABEL} : paquet de mesure"}
    (folder / "datapackage.json").write_text(json.dumps(described), encoding="utf-8")
    with (REFERENCE_DIR / "territoires.csv").open(encoding="utf-8", newline="") as file:
        places = [
            (row["territoire_niveau"], row["territoire_code"]) for row in csv.DictReader(file)
        ]
    leads = places[:STRATEGIES]
    ids = [f"{level}-{code}-2023" for level, code in leads]
    writers = {
        "strategies": _strategies(chance, leads, ids),
        "couvertures": _coverages(chance, places, ids),
        "priorites": _priorities(chance, ids),
        "budgets": _budgets(chance, ids),
        "partenaires": _partners(chance),
        "mutualisations": _links(chance, places),
        "indicateurs": _indicators(chance, leads, ids),
        "recherches": _searches(leads),
        "sources": _sources(),
    }
    for name, rows in writers.items():
        columns = load_format().tables[name].columns
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def _strategies(chance: random.Random, leads: list, ids: list[str]) -> Iterator[dict]:
    for place, ((level, code), key) in enumerate(zip(leads, ids, strict=True)):
        yield _fact(chance, place) | {
            "strategie_id": key, "territoire_niveau": level, "territoire_code": code,
            "titre": f"{LABEL} : feuille de route {place}", "type": chance.choice(TYPES),
            "statut": chance.choice(("adoptee", "en_elaboration", "terminee")),
            "date_adoption": chance.randint(2012, 2024),
            "annee_debut": chance.randint(2012, 2024), "annee_fin": chance.randint(2024, 2030),
            "resume": f"{LABEL} : {_words(chance)}.",
        }  # fmt: skip


def _coverages(chance: random.Random, places: list, ids: list[str]) -> Iterator[dict]:
    communes = [code for level, code in places if level == "commune"]
    for key in chance.sample([key for key in ids if key.startswith("epci")], 1000):
        for code in chance.sample(communes, 5):
            yield {"strategie_id": key, "territoire_niveau": "commune", "territoire_code": code}


def _priorities(chance: random.Random, ids: list[str]) -> Iterator[dict]:
    for number in range(PRIORITIES):
        place, rank = number % len(ids), number // len(ids) + 1
        main, other = chance.sample(THEMES, 2)
        yield _fact(chance, place) | {
            "strategie_id": ids[place], "rang": rank, "theme": main,
            "intitule": f"{LABEL} {rank} : {_words(chance)}",
            "themes_secondaires": other if rank % 3 == 0 else "",
            "description": f"{_words(chance)}." if rank % 4 == 0 else "",
        }  # fmt: skip


def _budgets(chance: random.Random, ids: list[str]) -> Iterator[dict]:
    for place, key in enumerate(ids):
        total = chance.randint(10_000, 5_000_000)
        shared = {
            "strategie_id": key, "perimetre": "usages", "etape": "vote", "nature": "mixte",
            "annee_debut": 2021, "annee_fin": 2026, "libelle": f"{LABEL} : ensemble",
        }  # fmt: skip
        yield _fact(chance, place) | shared | {"budget_id": f"b{place}", "montant": total}
        for funder in ("etat", "region"):
            yield _fact(chance, place) | shared | {
                "budget_id": f"b{place}-{funder}", "inclus_dans": f"b{place}",
                "montant": total // 3, "financeur_type": funder, "libelle": f"{LABEL} : part",
            }  # fmt: skip


def _partners(chance: random.Random) -> Iterator[dict]:
    for number in range(PARTNERS):
        yield {"partenaire_id": f"p{number}", "nom": f"{LABEL} : syndicat {number}",
               "forme": "syndicat_mixte", "source_id": f"s{number}"}  # fmt: skip


def _links(chance: random.Random, places: list) -> Iterator[dict]:
    services = codes("services")
    seen = set()
    while len(seen) < LINKS:
        link = (chance.randrange(PARTNERS), *chance.choice(places), chance.choice(services))
        if link not in seen:
            seen.add(link)
            partner, level, code, service = link
            yield _fact(chance, partner) | {
                "partenaire_id": f"p{partner}", "territoire_niveau": level,
                "territoire_code": code, "service": service, "role": "membre",
            }  # fmt: skip


def _indicators(chance: random.Random, leads: list, ids: list[str]) -> Iterator[dict]:
    for place, ((level, code), key) in enumerate(zip(leads, ids, strict=True)):
        yield _fact(chance, place) | {
            "territoire_niveau": level, "territoire_code": code, "strategie_id": key,
            "indicateur": "lieux_mediation", "libelle": f"{LABEL} : lieux", "annee": 2024,
            "valeur": chance.randint(1, 50), "unite": "lieux", "nature": "realise",
        }  # fmt: skip


def _searches(leads: list) -> Iterator[dict]:
    for level, code in leads:
        yield {"territoire_niveau": level, "territoire_code": code, "consulte_le": "2026-11-25",
               "resultat": "trouve", "note": LABEL}  # fmt: skip


def _sources() -> Iterator[dict]:
    for number in range(STRATEGIES):
        yield {
            "source_id": f"s{number}", "url": f"https://exemple.fr/{number}", "editeur": "Exemple",
            "titre": f"{LABEL} : délibération {number}", "type": "institutionnel",
            "date_publication": "2023", "consulte_le": "2026-11-25",
        }  # fmt: skip


def _fact(chance: random.Random, place: int) -> dict:
    certainty = "explicite" if chance.random() < 0.8 else "deduit"
    return {"certitude": certainty, "source_id": f"s{place}"}


def _words(chance: random.Random) -> str:
    return f"{chance.choice(_VERBS)} {chance.choice(_THINGS)} et {chance.choice(_THINGS)}"


def _codes(vocabulary: str, but: Iterable[str] = ()) -> tuple[str, ...]:
    return tuple(code for code in codes(vocabulary) if code not in but)


THEMES, TYPES = _codes("themes", ["autre"]), _codes("types_strategie", ["autre"])


def measure(strategies: Path, database: Path) -> dict:
    """Validate, then build, in this process; give seconds, megabytes at most, rows."""
    from comparisons import build, merge, validation
    from comparisons.packages import read_package

    for module in (build, merge):
        module.STRATEGIES_DIR = strategies
    seconds: dict[str, float] = {}
    started = time.perf_counter()

    def lap(name: str) -> None:
        nonlocal started
        seconds[name] = round(time.perf_counter() - started, 1)
        started = time.perf_counter()

    package = read_package(next(strategies.iterdir()))
    lap("lecture")
    report = validation.validate(package)
    lap("validation")
    assert report.valid, report.to_text()
    warnings = len(report.warnings)
    memory = {"validation": _megabytes()}
    del package, report
    steps: list[tuple[str, float]] = []
    built = build.build(database, lambda line: steps.append((line, time.perf_counter())))
    lap("construction")
    memory["construction"] = _megabytes()
    slow = {
        line: round(end - start, 1)
        for (line, start), (_, end) in itertools.pairwise(steps)
        if end - start > 1
    }
    return {"secondes": seconds | {"total": round(sum(seconds.values()), 1)}, "memoire_mo": memory,
            "avertissements": warnings, "etapes": slow, "lignes": built.rows,
            "base_mo": round(database.stat().st_size / 2**20)}  # fmt: skip


def _megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main(folder: Path) -> None:
    """Generate the package if it is not there, and measure it in another process."""
    package = folder / "strategies" / "national-synthetique"
    if not (package / "sources.csv").exists():
        generate(package)
    size = sum(file.stat().st_size for file in package.iterdir())
    print(json.dumps({"paquet_mo": round(size / 2**20)}), file=sys.stderr)
    command = [sys.executable, __file__, "--mesurer", package.parent, folder / "mesure.duckdb"]
    subprocess.run(list(map(str, command)), check=True, env={**os.environ, "MALLOC_ARENA_MAX": "2"})


if __name__ == "__main__":
    if sys.argv[1:2] == ["--mesurer"]:
        figures = measure(Path(sys.argv[2]), Path(sys.argv[3]))
        print(json.dumps(figures, ensure_ascii=False, indent=2))
    elif len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(Path(temporary))
