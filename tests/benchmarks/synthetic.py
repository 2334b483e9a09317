"""Synthetic packages of any size up to that of France, always the same.

Each of their titles says so, and the site never displays them: 29 priorities, 3 amounts, an
indicator, a search and a source for each strategy, on real territories, and 100 links of
mutualisation for each of some organisations.
"""

import csv
import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path

from comparisons.schema.model import load_format, vocabulary_codes
from comparisons.settings import FORMAT_DIR, REFERENCE_DIR

PRIORITIES_EACH, LINKS_EACH, STRATEGIES_PER_PARTNER = 29, 100, 35
SEED = 20261125
LABEL = "Synthétique"
_VERBS = ("accompagner", "ouvrir", "sécuriser", "mutualiser", "former", "déployer")
_OBJECTS = ("les services en ligne", "les écoles", "les données", "les petites communes",
           "les agents et élus", "la fibre", "les lieux de médiation", "les archives")  # fmt: skip


def generate(folder: Path, strategies: int) -> None:
    """Write a package of so many strategies (35,000 at most), row by row."""
    chance = random.Random(SEED)
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = json.loads(
        (FORMAT_DIR / "exemples" / "valide" / "datapackage.json").read_text(encoding="utf-8")
    ) | {
        "name": folder.name,
        "title": f"{LABEL} : paquet de mesure",
        "created": "2026-11-25T00:00:00Z",
    }
    with (REFERENCE_DIR / "territoires.csv").open(encoding="utf-8", newline="") as file:
        territories = [
            (row["territoire_niveau"], row["territoire_code"]) for row in csv.DictReader(file)
        ]
    leads = territories[:strategies]
    partners = max(1, strategies // STRATEGIES_PER_PARTNER)
    ids = [f"{level}-{code}-2023" for level, code in leads]
    writers = {
        "strategies": _strategies(chance, leads, ids),
        "couvertures": _coverages(chance, territories, ids),
        "priorites": _priorities(chance, ids),
        "budgets": _budgets(chance, ids),
        "partenaires": _partners(partners),
        "mutualisations": _links(chance, partners, territories),
        "indicateurs": _indicators(chance, leads, ids),
        "recherches": _searches(leads),
        "sources": _sources(max(strategies, partners)),
    }
    descriptor["resources"] = [
        resource for resource in descriptor["resources"] if resource["name"] in writers
    ]
    (folder / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    for name, rows in writers.items():
        columns = load_format().tables[name].columns
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def _strategies(chance: random.Random, leads: list, ids: list[str]) -> Iterator[dict]:
    for index, ((level, code), key) in enumerate(zip(leads, ids, strict=True)):
        yield _fact(chance, index) | {
            "strategie_id": key, "territoire_niveau": level, "territoire_code": code,
            "titre": f"{LABEL} : feuille de route {index}", "type": chance.choice(TYPES),
            "statut": chance.choice(("adoptee", "en_elaboration", "terminee")),
            "date_adoption": chance.randint(2012, 2024),
            "annee_debut": chance.randint(2012, 2024), "annee_fin": chance.randint(2024, 2030),
            "resume": f"{LABEL} : {_random_phrase(chance)}.",
        }  # fmt: skip


def _coverages(chance: random.Random, territories: list, ids: list[str]) -> Iterator[dict]:
    communes = [code for level, code in territories if level == "commune"]
    intercommunal = [key for key in ids if key.startswith("epci")]
    for key in chance.sample(intercommunal, min(1000, len(intercommunal))):
        for code in chance.sample(communes, 5):
            yield {"strategie_id": key, "territoire_niveau": "commune", "territoire_code": code}


def _priorities(chance: random.Random, ids: list[str]) -> Iterator[dict]:
    for number in range(PRIORITIES_EACH * len(ids)):
        index, rank = number % len(ids), number // len(ids) + 1
        main, secondary_theme = chance.sample(THEMES, 2)
        yield _fact(chance, index) | {
            "strategie_id": ids[index], "rang": rank, "theme": main,
            "intitule": f"{LABEL} {rank} : {_random_phrase(chance)}",
            "themes_secondaires": secondary_theme if rank % 3 == 0 else "",
            "description": f"{_random_phrase(chance)}." if rank % 4 == 0 else "",
        }  # fmt: skip


def _budgets(chance: random.Random, ids: list[str]) -> Iterator[dict]:
    for index, key in enumerate(ids):
        total = chance.randint(10_000, 5_000_000)
        shared = {
            "strategie_id": key, "perimetre": "usages", "etape": "vote", "nature": "mixte",
            "annee_debut": 2021, "annee_fin": 2026, "libelle": f"{LABEL} : ensemble",
        }  # fmt: skip
        yield _fact(chance, index) | shared | {"budget_id": f"b{index}", "montant": total}
        for funder in ("etat", "region"):
            yield _fact(chance, index) | shared | {
                "budget_id": f"b{index}-{funder}", "inclus_dans": f"b{index}",
                "montant": total // 3, "financeur_type": funder, "libelle": f"{LABEL} : part",
            }  # fmt: skip


def _partners(partners: int) -> Iterator[dict]:
    for number in range(partners):
        yield {"partenaire_id": f"p{number}", "nom": f"{LABEL} : syndicat {number}",
               "forme": "syndicat_mixte", "source_id": f"s{number}"}  # fmt: skip


def _links(chance: random.Random, partners: int, territories: list) -> Iterator[dict]:
    services = vocabulary_codes("services")
    links_drawn = set()
    while len(links_drawn) < partners * LINKS_EACH:
        link = (chance.randrange(partners), *chance.choice(territories), chance.choice(services))
        if link not in links_drawn:
            links_drawn.add(link)
            partner, level, code, service = link
            yield _fact(chance, partner) | {
                "partenaire_id": f"p{partner}", "territoire_niveau": level,
                "territoire_code": code, "service": service, "role": "membre",
            }  # fmt: skip


def _indicators(chance: random.Random, leads: list, ids: list[str]) -> Iterator[dict]:
    for index, ((level, code), key) in enumerate(zip(leads, ids, strict=True)):
        yield _fact(chance, index) | {
            "territoire_niveau": level, "territoire_code": code, "strategie_id": key,
            "indicateur": "lieux_mediation", "libelle": f"{LABEL} : lieux", "annee": 2024,
            "valeur": chance.randint(1, 50), "unite": "lieux", "nature": "realise",
        }  # fmt: skip


def _searches(leads: list) -> Iterator[dict]:
    for level, code in leads:
        yield {"territoire_niveau": level, "territoire_code": code, "consulte_le": "2026-11-25",
               "resultat": "trouve", "note": LABEL}  # fmt: skip


def _sources(number_of: int) -> Iterator[dict]:
    for number in range(number_of):
        yield {
            "source_id": f"s{number}", "url": f"https://exemple.fr/{number}", "editeur": "Exemple",
            "titre": f"{LABEL} : délibération {number}", "type": "institutionnel",
            "date_publication": "2023", "consulte_le": "2026-11-25",
        }  # fmt: skip


def _fact(chance: random.Random, source_number: int) -> dict:
    certainty = "explicite" if chance.random() < 0.8 else "deduit"
    return {"certitude": certainty, "source_id": f"s{source_number}"}


def _random_phrase(chance: random.Random) -> str:
    return f"{chance.choice(_VERBS)} {chance.choice(_OBJECTS)} et {chance.choice(_OBJECTS)}"


def _codes(vocabulary: str, but: Iterable[str] = ()) -> tuple[str, ...]:
    return tuple(code for code in vocabulary_codes(vocabulary) if code not in but)


THEMES, TYPES = _codes("themes", ["autre"]), _codes("types_strategie", ["autre"])
