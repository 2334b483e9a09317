"""The figures computed at build time, against the same figures computed here in plain Python.

Dictionaries over the CSV files (`recounted`): no SQL and no pandas on this side of the comparison.
"""

import itertools
import math
import re
from collections import Counter, defaultdict
from functools import cache, partial
from pathlib import Path

import pytest
from package_files import amount_row, build_database, source_row, strategy_row
from recounted import (
    AXES,
    COMMUNES,
    DATA,
    EPT,
    GRAND_PARIS,
    LINKS,
    LYON,
    MEMBERS,
    NEAREST_FIRST,
    OWN,
    SCHEMAS,
    STATES,
    STRATEGIES,
    SUBJECTS,
    TERRITORIES,
    YEAR,
    area,
    borne,
    covered,
    delimiting,
    departements_of,
    document_year,
    facts,
    family,
    in_area,
    lead,
    list_is_whole,
    named_ranks,
    names_no_document,
    of_a_part,
    outside_its_area,
    people,
    population,
    rank,
    rank_in_family,
    read_csv,
    shared_services,
    wider_strategies,
    year,
)

from comparisons.database.connection import cursor
from comparisons.queries import budgets
from comparisons.queries.strategies import strategies_of
from comparisons.settings import PROJECT_DIR

pytestmark = pytest.mark.usefixtures("database")


def table(name: str, *columns: str) -> list[tuple]:
    listed = ", ".join(c if "(" in c else f'"{c}"' for c in columns)
    return cursor().execute(f"SELECT {listed} FROM {name}").fetchall()


def computed(name: str, key: tuple[str, ...], *values: str) -> dict:
    """A table of the database as {key: value(s)}; no two rows may have the same key."""
    rows = table(name, *key, *values)
    size = len(key)
    rows_by_key = {row[:size] if size > 1 else row[0]: row[size:] for row in rows}
    assert len(rows_by_key) == len(rows)
    return {k: v if len(values) > 1 else v[0] for k, v in rows_by_key.items()}


# --- who is covered -------------------------------------------------------------------------------


def test_covered_territories_are_own_named_and_twins():
    expected = {
        (id_, *key): (link, link != "propre" or not outside_its_area(strategy))
        for id_, strategy in STRATEGIES.items()
        for key, link in (covered(strategy) | dict.fromkeys(delimiting(strategy), "aire")).items()
    }
    key = ("strategie_id", "territoire_niveau", "territoire_code")
    assert computed("territoires_couverts", key, "lien", "dans_aire") == expected


def test_population_counts_each_commune_once():
    expected = {
        id_: (people(area(strategy)), len(area(strategy))) for id_, strategy in STRATEGIES.items()
    }
    actual = computed("populations_strategies", ("strategie_id",), "population", "nb_communes")
    assert actual == expected


@pytest.mark.parametrize(
    ("strategy", "territories"),
    [
        # a former région: Allier, Cantal, Haute-Loire and Puy-de-Dôme, not Auvergne-Rhône-Alpes
        ("region-84-sdtan-2011", [("departement", code) for code in ("03", "15", "43", "63")]),
        # two things at once, one population
        ("commune-75056-strategie_numerique-2002", [("departement", "75")]),
        # names communes already inside
        ("epci-200066876-territoire_intelligent-2023", [("epci", "200066876")]),
    ],
)
def test_population_of(strategy, territories):
    actual = computed("populations_strategies", ("strategie_id",), "population")[strategy]
    assert actual == sum(population(*key) for key in territories)


# --- membership -----------------------------------------------------------------------------------


def test_shares_of_population_in_wider_territories():
    communes_of = {
        **{("commune", code): {code} for code in COMMUNES},
        **{key: MEMBERS[key] for key in TERRITORIES if key[0] in ("epci", "departement")},
    }
    inside = defaultdict(int)
    for key, communes in communes_of.items():
        for code in communes:
            commune = COMMUNES[code]
            wider = {("region", commune["region_code"])}
            if key[0] != "departement":
                wider.add(("departement", commune["departement_code"]))
            if key[0] == "commune" and commune["epci_code"]:
                wider.add(("epci", commune["epci_code"]))
            if ("epci", commune["epci_code"]) in EPT and (key[0] == "commune" or key in EPT):
                wider.add(GRAND_PARIS)
            for wider_key in wider:
                inside[key, wider_key] += int(commune["population"])
    rows = table(
        "appartenances",
        *("territoire_niveau", "territoire_code", "dans_niveau", "dans_code", "part_population"),
    )
    shares = {(row[:2], row[2:4]): row[4] for row in rows}
    assert shares.keys() == inside.keys()
    for (key, wider_key), share in shares.items():
        total = population(*key)
        expected = inside[key, wider_key] / total if total else 1
        assert share == pytest.approx(expected, abs=0.00005), (key, wider_key)


# --- states and the coverage board ----------------------------------------------------------------


def test_state_is_over_when_past_or_replaced_else_what_the_source_says():
    expected = {
        id_: (
            state,
            state
            not in (STRATEGIES[id_]["statut"] or "statut_inconnu", "suite_inconnue", "description"),
            document_year(s),
        )
        for (id_, state), s in zip(STATES.items(), STRATEGIES.values(), strict=True)
    }
    actual = computed(
        "etats_strategies", ("strategie_id",), "etat", "etat_deduit", "annee_document"
    )
    assert actual == expected
    assert set(STATES.values()) >= {"adoptee", "terminee", "statut_inconnu", "en_elaboration"}


def test_documents_speak_in_one_order_in_tables_and_in_pages():
    """The rank of the table is that of `family_subjects.speaks_first`, family by family."""
    ranks = computed("etats_strategies", ("strategie_id",), "rang_document")
    ids_by_lead = defaultdict(list)
    for id_, strategy in STRATEGIES.items():
        ids_by_lead[lead(strategy)].append(id_)
    for ids in ids_by_lead.values():
        assert sorted(ids, key=ranks.get) == sorted(ids, key=rank)
    listed = strategies_of(["-".join(key) for key in ids_by_lead])
    for key, rows in listed.groupby("cle"):
        led = rows[rows["strategie_id"].isin(ids_by_lead[tuple(key.split("-"))])]
        assert list(led.sort_values("rang")["strategie_id"]) == sorted(
            ids_by_lead[tuple(key.split("-"))], key=ranks.get
        )


# a document in force before one whose state is not known, and that before one that is over
STATE_RANKS = {"adoptee": 1, "en_revision": 1, "suite_inconnue": 2, "statut_inconnu": 3,
               "en_elaboration": 4}  # fmt: skip


@cache
def wider_by_type(key: tuple) -> dict[str, tuple[str, str]]:
    """Of each type, the strategy of a wider territory that is named beside one's own; its level."""
    levels = wider_strategies().get(key, {})
    best_last = sorted(
        levels,
        key=lambda id_: (
            STATE_RANKS.get(STATES[id_], 5),
            NEAREST_FIRST.index(levels[id_]),
            -(document_year(STRATEGIES[id_]) or 0),
            id_,
        ),
        reverse=True,
    )
    return {STRATEGIES[id_]["type"]: (id_, levels[id_]) for id_ in best_last}


def wider_strategy(key: tuple, type_: str) -> tuple[str | None, str | None]:
    return wider_by_type(key).get(type_, (None, None))


def test_coverage_has_every_territory_and_type_once_with_its_state_or_why_none():
    ids_by_territory = defaultdict(list)
    for id_, strategy in STRATEGIES.items():
        order = rank_in_family(id_)
        for key, link in covered(strategy).items():
            state = "partie_du_territoire" if of_a_part(id_, key) else STATES[id_]
            state = "description" if names_no_document(id_) else state
            ids_by_territory[(*key, strategy["type"])].append((order, state, link, id_))
    searched = {}
    for row in sorted(facts("recherches"), key=lambda row: row["consulte_le"]):
        searched[row["territoire_niveau"], row["territoire_code"]] = row
    types = [
        row["code"] for row in read_csv(DATA / "format" / "vocabulaires" / "types_strategie.csv")
    ]
    assert len(types) == 14
    actual = computed(
        "couverture",
        ("territoire_niveau", "territoire_code", "type"),
        *("etat", "lien", "strategie_id", "nb_strategies", "consulte_le"),
        *("englobante_strategie_id", "englobante_niveau"),
    )
    assert actual.keys() == {(*key, type_) for key in TERRITORIES for type_ in types}
    for key, row in actual.items():
        search = searched.get(key[:2])
        when = search["consulte_le"] if search else None
        if key in ids_by_territory:
            expected = (*min(ids_by_territory[key])[1:], len(ids_by_territory[key]), when)
        else:
            # nobody looked for a type in particular
            reason = "aucune_de_ce_type" if search else "non_cherchee"
            expected = (reason, None, None, 0, when)
        # a strategy of a wider territory is named apart and never counts as own
        assert row == (*expected, *wider_strategy(key[:2], key[2])), key


@pytest.mark.parametrize(
    ("territory", "type_", "covering_id", "wider"),
    [
        # one body that is région and département: passes as its own, both ways where both exist
        (("departement", "2A"), "sdtan", "region-94-sdtan-nd", None),
        (("region", "06"), "sdtan", "departement-976-sdtan-2021", None),
        # two bodies on one area: the strategy of one covers the other, no more
        (("departement", "971"), "sdtan", None, "region-01-sdtan-2013"),
        # a former région's strategy is not its départements' own, and stops at their borders
        (("departement", "43"), "sdtan", None, "region-84-sdtan-2011"),
        (("departement", "38"), "scoran", None, None),
        # the Département does not act in Lyon since 2015, it does in Villefranche-sur-Saône
        (("commune", "69123"), "sdtan", None, "departement-69-autre-1990"),
        (("commune", "69264"), "sdtan", None, "departement-69-sdtan-2016"),
    ],
)
def test_coverage_of(territory, type_, covering_id, wider):
    result = cursor().execute(
        "SELECT strategie_id, englobante_strategie_id FROM couverture "
        "WHERE territoire_niveau = ? AND territoire_code = ? AND type = ?",
        [*territory, type_],
    )
    assert result.fetchall() == [(covering_id, wider)]


# --- money ----------------------------------------------------------------------------------------


OBJECT = ("perimetre", "etape", "nature", "recurrence", "etendue", "payeur", "duree", "motif")


def object_of(row: dict) -> dict:
    """What an amount pays for, who pays, how long, for whom, and what keeps it from comparing."""
    strategy = STRATEGIES[row["strategie_id"]]
    owner = row["territoire_niveau"], row["territoire_code"]
    heads = population(*owner) if owner[1] else people(area(strategy))
    years = year(row["annee_debut"]), year(row["annee_fin"])
    length = int(row["duree_annees"] or 0) or (years[1] - years[0] + 1 if all(years) else None)
    funder = row["financeur_type"]
    payer = "tous" if funder == "multiple" else "porteur" if funder == lead(strategy)[0] else None
    payer = payer or ("un_autre" if funder else None)
    spans = ((7, "jusqu_a_7_ans"), (15, "de_8_a_15_ans"), (999, "plus_de_15_ans"))
    span = next(word for most, word in spans if length <= most) if length else None
    reasons = {
        "abandonne": row["abandonne"] == "oui",
        "etendue_inconnue": not row["etendue"],
        "partiel": row["etendue"] not in ("ensemble", "zone_publique"),
        "payeur_inconnu": not payer,
        "un_seul_financeur": payer == "un_autre",
        "duree_inconnue": not length and not row["recurrence"],
        "ancien": (document_year(strategy) or 0) < YEAR - 10,
    }
    return {name: row[name] or None for name in (*OBJECT[:5], "strategie_id")} | {
        "zone": owner if owner[1] else lead(strategy),
        "payeur": payer,
        "duree": "par_an" if row["recurrence"] == "annuel" else span,
        "motif": next((name for name, holds in reasons.items() if holds), None),
        "annee_debut": years[0],
        "annee_fin": years[1],
        "population": None if row["etendue"] == "partie" and not owner[1] else heads,
    }


def test_amounts_add_up_by_object_and_carry_what_the_page_says():
    sums, sources, sure = defaultdict(float), defaultdict(set), defaultdict(list)
    for row in facts("budgets"):
        if row["inclus_dans"]:
            continue
        key = tuple(sorted(object_of(row).items(), key=lambda cell: cell[0]))
        sums[key] += float(row["montant"])
        sources[key].add(row["source_id"])
        sure[key].append(row["certitude"] == "explicite")
    names = [name for name, _ in key if name != "zone"]
    rows = table(
        "budgets_comparables",
        *(
            "territoire_niveau",
            "territoire_code",
            "montant",
            "source_ids",
            "certitude",
            "comparable",
        ),
        *names,
    )
    assert len(rows) == len(sums)
    for level, code, amount, ids, certainty, comparable, *cells in rows:
        cells_by_name = dict(zip(names, cells, strict=True)) | {"zone": (level, code)}
        key = tuple(sorted(cells_by_name.items(), key=lambda cell: cell[0]))
        assert amount == pytest.approx(sums[key]), key
        assert set(ids) == sources[key]
        assert certainty == ("explicite" if all(sure[key]) else "deduit")
        assert comparable == (cells_by_name["motif"] is None)


def test_budgets_per_head_and_per_year_only_when_known():
    rows = table(
        "budgets_comparables",
        *("strategie_id", "recurrence", "annee_debut", "annee_fin", "montant", "population"),
        *("euros_par_habitant", "euros_par_habitant_par_an"),
    )
    assert any(row[5] is None for row in rows)  # a part of an area that no code names
    for id_, recurrence, start, end, amount, heads, per_head, per_year in rows:
        if heads is None:
            assert per_head is per_year is None, id_
            continue
        assert per_head == pytest.approx(amount / heads, abs=0.005)
        if recurrence == "annuel":
            assert per_year == per_head
        elif start and end:
            assert per_year == pytest.approx(amount / heads / (end - start + 1), abs=0.005)
        else:
            assert per_year is None


# --- priorities and services ----------------------------------------------------------------------


def test_a_rank_is_counted_among_named_axes_only():
    rows = facts("priorites")
    every = Counter(row["strategie_id"] for row in rows)
    axis_counts = Counter(row["strategie_id"] for row in rows if row["certitude"] == "explicite")
    assert 0 < len(axis_counts) < len(every)  # some documents name none of their axes
    ranks = named_ranks()
    expected = {}
    for row in rows:
        id_, rank = row["strategie_id"], row["rang"]
        is_named = row["certitude"] == "explicite"
        expected[id_, int(rank)] = (is_named, ranks.get((id_, rank)), every[id_], axis_counts[id_])
    columns = ("nomme", "rang_nomme", "nb_axes", "nb_axes_nommes")
    assert computed("axes", ("strategie_id", "rang"), *columns) == expected


def overall_is_read(key: tuple) -> bool:
    """Whether a territory has an overall strategy, and all the lists of its documents are whole."""
    overall = any(
        family(id_) == "ensemble" and STRATEGIES[id_]["portee"] == "ensemble" for id_ in OWN[key]
    )
    return overall and all(map(list_is_whole, OWN[key]))


def is_about(key: tuple, theme: str) -> bool:
    return any(SUBJECTS.get(family(id_)) == theme for id_ in OWN[key])


def test_themes_are_known_only_where_priorities_are_recorded():
    ranks, expected = named_ranks(), {}
    themes = read_csv(DATA / "format" / "vocabulaires" / "themes.csv")
    territories = [key for key, ids in OWN.items() if any(AXES[id_] for id_ in ids)]
    for key, theme in itertools.product(territories, (row["code"] for row in themes)):
        rows = [axis for id_ in OWN[key] for axis in AXES[id_]]
        theme_rows = [axis for axis in rows if theme in borne(axis)]
        named_rows = [axis for axis in theme_rows if axis["certitude"] == "explicite"]
        ids = sorted({axis["strategie_id"] for axis in theme_rows})
        # false only for an overall strategy that was read entirely, without the theme
        absent = False if overall_is_read(key) and not is_about(key, theme) else None
        expected[(*key, theme)] = (
            bool(theme_rows) or absent,
            any(STATES[id_] != "terminee" for id_ in ids) or absent,
            any(axis["theme"] == theme for axis in theme_rows) or absent,
            min((ranks[axis["strategie_id"], axis["rang"]] for axis in named_rows), default=None),
            bool(named_rows) or absent,
            len(rows),
            sum(axis["certitude"] == "explicite" for axis in rows),
            len({axis["strategie_id"] for axis in rows}),
            sorted(axis["intitule"] for axis in theme_rows) or None,
            ids or None,
            is_about(key, theme),
            "complete" if all(map(list_is_whole, OWN[key])) else "partielle",
            sorted({family(axis["strategie_id"]) for axis in rows}),
            (not overall_is_read(key)) + is_about(key, theme),
        )
    actual = computed(
        "priorites_par_theme",
        ("territoire_niveau", "territoire_code", "theme"),
        *("presence", "presence_en_cours", "theme_principal", "meilleur_rang", "presence_nommee"),
        *("nb_priorites", "nb_priorites_nommees", "nb_strategies", "list_sort(intitules)"),
        *("strategie_ids", "par_objet", "liste_axes", "familles_lues", "len(reserves)"),
    )
    assert actual == expected
    # plans of networks alone
    absent = {key[:2] for key, (presence, *_) in actual.items() if presence is False}
    assert absent and not absent & {("departement", "36"), ("departement", "94")}


def test_services_of_a_territory_and_of_its_twins():
    def stated_partners(rows: list[dict]) -> set[str]:
        return {row["partenaire_id"] for row in rows if row["certitude"] == "explicite"}

    links = defaultdict(list)
    for territory, rows in LINKS.items():
        for row in rows:
            links[(*territory, row["service"])].append(row)
    expected = {
        key: (
            len({row["partenaire_id"] for row in rows}),
            len(stated_partners(rows)),
            len({row["partenaire_id"] for row in rows} - stated_partners(rows)),
            sorted({row["partenaire_id"] for row in rows}),
            sorted({row["role"] for row in rows}),
            sorted({row["solution"] for row in rows if row["solution"]}) or None,
            min((int(row["annee_debut"]) for row in rows if row["annee_debut"]), default=None),
            "explicite" if all(row["certitude"] == "explicite" for row in rows) else "deduit",
        )
        for key, rows in links.items()
    }
    actual = computed(
        "services_par_territoire",
        ("territoire_niveau", "territoire_code", "service"),
        *("nb_partenaires", "nb_partenaires_cites", "nb_partenaires_deduits", "partenaire_ids"),
        *("roles", "solutions", "annee_debut", "certitude"),
    )
    assert actual == expected
    assert ("departement", "2A", "cybersecurite") in actual


def test_a_body_that_acts_in_some_departements_does_not_serve_the_whole_region():
    """Seine-et-Marne Numérique acts in 1 of the 8 départements of Île-de-France."""
    actual = computed(
        "services_par_territoire",
        ("territoire_niveau", "territoire_code", "service"),
        *("nb_dans_aire", "nb_de_ce_niveau", "part_population_aire"),
    )
    for (key, service), organisations in shared_services().items():
        if key[0] != "region":
            continue
        stated_ids = [partner_id for partner_id, stated in organisations.items() if stated]
        communes = in_area(key, stated_ids or organisations)
        expected = None
        if communes and communes != MEMBERS[key]:
            parts = departements_of(key[1])
            inside = [part for part in parts if MEMBERS[part] <= communes]
            share = people(communes) / population(*key)
            expected = len(inside), len(parts), pytest.approx(share, abs=0.005)
        row = actual[(*key, service)]
        assert (row if row[0] else None) == expected, (key, service)
    assert actual["region", "11", "infrastructures_thd"][:2] == (1, 8)
    assert actual["region", "24", "infrastructures_thd"][:2] == (3, 6)
    assert actual["region", "53", "infrastructures_thd"] == (None, None, 1)


# --- unknown is not zero --------------------------------------------------------------------------


MEANINGS = {
    "integer": int,
    "year": int,
    "number": float,
    "boolean": {"oui": True, "non": False}.get,
    "list": lambda text: text.split("|"),
}


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_cell_is_loaded_and_empty_ones_stay_empty(name):
    columns = {field["name"]: field["type"] for field in SCHEMAS[name]["fields"]}
    expected_cells = [
        tuple(
            MEANINGS.get(type_, str)(row[column]) if row.get(column) else None
            for column, type_ in columns.items()
        )
        for row in facts(name)
    ]
    assert sorted(table(name, *columns), key=str) == sorted(expected_cells, key=str)


AMOUNT = r"(?:montant|euros|valeur|budget|effectif|population)"
ARGUMENTS = r"((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)"


def fills_amounts_with_zero(code: str) -> bool:
    calls = re.findall(rf"\b(?:coalesce|ifnull)\({ARGUMENTS}\)", code, re.IGNORECASE)
    return (
        any(re.search(AMOUNT, call) and re.search(r",\s*0(\.0)?\s*$", call) for call in calls)
        or re.search(rf"\.get\(\s*[\"']{AMOUNT}\w*[\"'],\s*0", code) is not None
        or re.search(r"fillna\(\s*0|nan_to_num", code) is not None
    )


def test_nothing_turns_an_unknown_amount_into_zero():
    assert fills_amounts_with_zero("SELECT coalesce(sum(b.montant), 0)")
    assert fills_amounts_with_zero('amounts["valeur"].fillna(0)')
    assert not fills_amounts_with_zero("coalesce(round(population / nullif(t.population, 0)), 1)")
    files = [
        path
        for folder in ("comparisons", "pages")
        for path in (PROJECT_DIR / folder).rglob("*")
        if path.suffix in (".py", ".sql")
    ]
    assert len(files) > 20
    assert [p.name for p in files if fills_amounts_with_zero(p.read_text("utf-8"))] == []


# --- cases that the corpus does not hold yet ------------------------------------------------------


# Networks of one object, and those that only look like them.
EQUAL = ("10", "11", "12", "15")
UNEQUAL = {
    "17": {"etendue": "tranche"},
    "18": {"abandonne": "oui"},
    "19": {"adoption": "2010"},
    "21": {"financeur_type": "etat"},
    "23": {"financeur_type": "departement"},
    "24": {"duree_annees": ""},
}
NETWORKS = {code: {} for code in EQUAL} | UNEQUAL

INVENTED = {
    "sources": [source_row()],
    "strategies": [
        strategy_row("alsace-2019", "67", "sdtan", date_adoption="2019"),
        strategy_row("alsace-2022", "67", "sdusn", date_adoption="2022-05"),
        strategy_row("alsace-nd", "68", "autre"),
        strategy_row("mayotte", "region-06", "sdusn"),
        strategy_row("rhone-2010", "69", "autre", date_adoption="2010"),
        strategy_row("rhone-2018", "69", "sdtan", date_adoption="2018"),
        strategy_row("rhone-et-lyon", "69", "sdusn", date_adoption="2018"),
        strategy_row("ancienne-region", "region-84", "scoran", date_adoption="2016"),
        strategy_row("echue", "35", "sdtan", statut="adoptee", annee_debut=2020, annee_fin=2027),
        strategy_row("en-cours", "35", "sdusn", statut="adoptee", annee_debut=2020, annee_fin=2028),
        strategy_row("en-projet", "35", "sdusn", statut="en_elaboration", remplace="en-cours"),
        strategy_row("ancienne", "29", "sdtan", statut="adoptee"),
        strategy_row("nouvelle", "29", "sdtan", remplace="ancienne"),
        strategy_row("remplacee", "22", "sdtan", statut="adoptee", date_adoption="2020-03"),
        strategy_row("sans-date", "22", "sdtan", statut="adoptee", remplace="remplacee"),
        strategy_row("revue", "56", "sdtan", statut="en_revision", date_adoption="2026"),
        *(
            strategy_row(
                f"r-{code}",
                code,
                "sdtan",
                date_adoption=cells.get("adoption", "2024"),
            )
            for code, cells in NETWORKS.items()
        ),
    ],
    "couvertures": [
        {"strategie_id": id_, "territoire_niveau": level, "territoire_code": code}
        for id_, level, code in (
            ("rhone-et-lyon", *LYON),
            ("ancienne-region", "departement", "69"),
        )
    ],
    "budgets": [
        amount_row("total", "en-cours", 400_000, annee_debut=2020, annee_fin=2023),
        amount_row("part", "en-cours", 100_000, inclus_dans="total"),
        amount_row(
            "annuel-1", "en-cours", 50_000, recurrence="annuel", annee_debut=2020, annee_fin=2023
        ),
        amount_row(
            "annuel-2", "en-cours", 70_000, recurrence="annuel", annee_debut=2024, annee_fin=2027
        ),
        amount_row("sans-annees", "en-cours", 900_000, etape="estime"),
        amount_row("zero", "en-cours", 0, etape="realise"),
        *(
            amount_row(f"r-{code}", f"r-{code}", 1_000_000, etape="prevu")
            | {"perimetre": "infrastructures", "etendue": "ensemble", "duree_annees": 5}
            | {"financeur_type": "multiple"}
            | {name: value for name, value in cells.items() if name != "adoption"}
            for code, cells in NETWORKS.items()
        ),
    ],
    "recherches": [
        {"territoire_niveau": "departement", "territoire_code": "50", "consulte_le": when}
        | {"resultat": result}
        for when, result in (("2027-12", "partiel"), ("2027-01-15", "non_trouve"))
    ],
}


@pytest.fixture(scope="module")
def invented(built_once) -> Path:
    """A database of invented strategies, in data of the year 2028."""
    return built_once(
        "inventions.duckdb", partial(build_database, tables=INVENTED, created="2028-05-01")
    )


def invented_rows(path: Path, sql: str) -> list[tuple]:
    return cursor(path).execute(sql).fetchall()


def invented_heads(path: Path) -> dict[str, int]:
    return dict(invented_rows(path, "SELECT strategie_id, population FROM populations_strategies"))


def test_alsace_is_one_territory_only_since_2021(invented):
    rows = invented_rows(
        invented,
        "SELECT strategie_id, territoire_code, lien FROM territoires_couverts "
        "WHERE strategie_id LIKE 'alsace%' ORDER BY ALL",
    )
    assert rows == [
        ("alsace-2019", "67", "propre"),
        ("alsace-2022", "67", "propre"),
        ("alsace-2022", "68", "jumeau"),
        ("alsace-nd", "68", "propre"),
    ]
    heads = invented_heads(invented)
    assert heads["alsace-2019"] == population("departement", "67")
    assert heads["alsace-2022"] == population("departement", "67") + population("departement", "68")


def test_a_strategy_of_mayotte_as_region_is_also_its_department_s(invented):
    sql = "SELECT territoire_niveau, territoire_code FROM couverture WHERE strategie_id = 'mayotte'"
    assert set(invented_rows(invented, sql)) == {("region", "06"), ("departement", "976")}


def test_the_rhone_covers_lyon_before_2015_or_when_it_names_it(invented):
    heads = invented_heads(invented)
    whole = population("departement", "69")
    assert heads["rhone-2010"] == heads["rhone-et-lyon"] == whole
    assert heads["rhone-2018"] == whole - population(*LYON)
    assert heads["ancienne-region"] == whole
    sql = "SELECT type, englobante_strategie_id FROM couverture WHERE territoire_code = '69123'"
    wider = dict(invented_rows(invented, sql))  # of the commune of Lyon
    assert wider["sdtan"] is None
    assert (wider["autre"], wider["scoran"]) == ("rhone-2010", "ancienne-region")


def test_state_follows_the_year_of_the_data_not_the_clock(invented):
    states = dict(invented_rows(invented, "SELECT strategie_id, etat FROM etats_strategies"))
    assert states["echue"] == "terminee"
    # an edition in preparation does not end it; nor does a source date its adoption
    assert states["en-cours"] == "suite_inconnue"
    assert states["en-projet"] == "en_elaboration"
    assert (states["ancienne"], states["nouvelle"]) == ("terminee", "statut_inconnu")


def test_an_end_that_nothing_dates_leaves_the_past_unknown(invented):
    sql = "SELECT annee, etat FROM etats_annuels WHERE strategie_id = "
    past = dict.fromkeys(range(2020, 2028), "statut_inconnu")
    assert dict(invented_rows(invented, f"{sql}'remplacee'")) == past | {2028: "terminee"}
    assert dict(invented_rows(invented, f"{sql}'sans-date'")) == {2028: "suite_inconnue"}
    # in force before it was revised
    assert [state for _, state in invented_rows(invented, f"{sql}'revue' ORDER BY annee")] == [
        "adoptee",
        "adoptee",
        "en_revision",
    ]


def test_a_yearly_amount_is_added_neither_to_totals_nor_to_other_years(invented, monkeypatch):
    monkeypatch.setenv("STRATOSCOPE_DATABASE", str(invented))

    def layer_value(stage: str, measure: str) -> float:
        rows = budgets.amounts_per_inhabitant("departement", "usages", stage, measure)
        row = rows.set_index("territoire_code").loc["35"]
        assert math.isnan(row["valeur"])  # nobody knows what part of what it pays
        assert row["motif"] == "etendue_inconnue" or math.isnan(row["montant"])
        return row["montant"]

    assert layer_value("vote", "total") == 400_000
    assert layer_value("vote", "par_an") == 70_000
    assert layer_value("estime", "total") == 900_000
    assert math.isnan(layer_value("estime", "par_an"))  # no years: unknown, not 0
    assert layer_value("realise", "total") == 0  # the source says none: 0, not unknown
    assert math.isnan(layer_value("engage", "total"))


def test_only_amounts_of_one_object_have_a_value_the_others_are_cited(invented, monkeypatch):
    monkeypatch.setenv("STRATOSCOPE_DATABASE", str(invented))
    rows = budgets.amounts_per_inhabitant("departement", "infrastructures", "prevu")
    rows = rows.set_index("territoire_code")
    for code in EQUAL:
        expected = 1_000_000 / population("departement", code)
        assert rows.loc[code, "valeur"] == pytest.approx(expected, abs=0.005)
    assert rows["valeur"].notna().sum() == len(EQUAL)
    motives = {code: rows.loc[code, "motif"] for code in UNEQUAL}
    assert motives == {
        "17": "partiel",
        "18": "abandonne",
        "19": "ancien",
        "21": "un_seul_financeur",
        "23": "autre_objet",  # its own share, where the others give the whole
        "24": "duree_inconnue",
    }


def test_the_last_search_says_why_there_is_no_strategy(invented):
    sql = "SELECT DISTINCT etat, consulte_le FROM couverture WHERE territoire_code = "
    assert invented_rows(invented, f"{sql}'50'") == [("aucune_de_ce_type", "2027-12")]
    assert invented_rows(invented, f"{sql}'14'") == [("non_cherchee", None)]
