"""Pooling in the real data: all combinations of filters, and the CSV packages counted again."""

import unicodedata
from collections import defaultdict
from itertools import combinations, product

import pandas as pd
import pytest
from effort import some
from recounted import (
    LINKS,
    LINKS_IN_USE,
    MEMBERS,
    PARTNERS,
    TERRITORIES,
    TWINS,
    area_of,
    facts,
    in_area,
    lies_in,
    people,
)

from comparisons.analysis.map_layers import describe_coverage
from comparisons.analysis.map_questions.service import service_layer
from comparisons.analysis.shared_services import public_private
from comparisons.analysis.shared_services.coverage import (
    describe_service_coverage,
    service_coverage,
)
from comparisons.analysis.shared_services.links import effective_links
from comparisons.analysis.shared_services.matrix import (
    describe_matrix,
    keys_in_zone,
    matrix_table,
    service_matrix,
)
from comparisons.analysis.shared_services.network import load_network, network_alt_text
from comparisons.analysis.shared_services.organisation import load_organisation, service_area
from comparisons.analysis.shared_services.organisations import (
    OrganisationFilters,
    list_organisations,
)
from comparisons.analysis.shared_services.overlaps import (
    overlapping_organisations,
    unserved_territories,
)
from comparisons.analysis.shared_services.service_area import service_area_layer
from comparisons.analysis.shared_services.solutions import (
    NOT_STATED,
    describe_names,
    fold,
    list_solutions,
    load_solution,
)
from comparisons.analysis.shared_services.wording import format_certainty_counts
from comparisons.database.connection import query
from comparisons.queries.partners import area_shares, partnerships_by_territory
from comparisons.schema.model import vocabulary_codes
from comparisons.schema.territory import LEVELS

pytestmark = pytest.mark.usefixtures("database")

SERVICES, FORMS = ("", *vocabulary_codes("services")), ("", *vocabulary_codes("formes"))
ZONES = ("", "region-53", "departement-69", "departement-2A", "epci-200046977", "commune-75056")
TEXTS = (
    "numerique", "Mégalis", "megalsi", "syndicat landes", "data center", "a", "l'", "%_", "\\",
    "'; DROP TABLE partenaires; --", "<script>alert(1)</script>", "\0", "😀", "é" * 500,
    "mot " * 200, "=1+1", "1", "(((", "[a-z]+", "\n",
)  # fmt: skip
RECORDED = facts("mutualisations")
# nearest first, as a link is kept
NEAREST = ("epci", "departement", "region")


def plain(name: str) -> str:
    """Write a name in small letters without accents."""
    letters = unicodedata.normalize("NFKD", name.lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def chains() -> dict[str, int]:
    """Number the chains of owners, operators and groupings, by spreading until nothing changes."""
    chain_of = {partner: rank for rank, partner in enumerate(sorted(PARTNERS))}
    pairs = [
        (p, second_partner)
        for p, row in PARTNERS.items()
        for second_partner in row["chaine"].split("|")
        if second_partner
    ]
    for _ in pairs:
        for first_partner, second_partner in pairs:
            chain_of[first_partner] = chain_of[second_partner] = min(
                chain_of[first_partner], chain_of[second_partner]
            )
    return chain_of


CHAINS = chains()
OUT = {
    ((t["jumeau_niveau"], t["jumeau_code"]), (t["territoire_niveau"], t["territoire_code"]))
    for t in TWINS
    if t["relation"] == "hors"
}


PARTS = defaultdict(set)  # the territories that lie in each, communes apart
for part in TERRITORIES:
    if part[0] != "commune":
        for wide in lies_in(part):
            PARTS[wide].add(part)


def around(key: tuple) -> list[tuple]:
    """The wider territories whose organisations may serve one."""
    wider = lies_in(key)
    return [k for k in wider if not any(((w, k) in OUT) for w in (key, *wider))]


def out_of_the_area(partner_id: str, key: tuple, wider: tuple) -> bool:
    """Whether an organisation acts in a part of a wider territory, in which one does not lie."""
    row = PARTNERS[partner_id]
    area = area_of(partner_id)
    parts = {part for part in PARTS[wider] if part[0] == row["aire_niveau"]}
    return bool(parts & area and parts - area) and not area & {key, *lies_in(key)}


def expected_links(key: tuple) -> dict[tuple, str]:
    """Organisation and service → nearest way it comes."""
    path_by_pair = {(row["partenaire_id"], row["service"]): "direct" for row in LINKS[key]}
    for level in NEAREST:
        for wider in around(key):
            if wider[0] == level:
                for row in LINKS[wider]:
                    if row["role"] != "partenaire":
                        pair = row["partenaire_id"], row["service"]
                        stated_territory = row["territoire_niveau"], row["territoire_code"]
                        # of twins that both contain it, the one of which it is said
                        if stated_territory != wider and stated_territory in around(key):
                            continue
                        # a région's lycées and a département's collèges are no one else's schools
                        if row["service"] in ("ent", "ecole_numerique") and level != "epci":
                            continue
                        if out_of_the_area(row["partenaire_id"], key, wider):
                            continue
                        path_by_pair.setdefault(pair, f"par_{level}")
    return path_by_pair


# --- the directory --------------------------------------------------------------------------------


def test_every_combination_of_filters_answers_and_agrees():
    everything = list_organisations().set_index("partenaire_id")
    assert set(everything.index) == set(PARTNERS)
    offers = defaultdict(set)
    for row in LINKS_IN_USE:
        offers[row["partenaire_id"]].add(row["service"])
    # with a step that takes every service, form and zone
    for service, form, zone in some(product(SERVICES, FORMS, ZONES), 19):
        partner_ids = set(
            list_organisations(OrganisationFilters(service, form, zone))["partenaire_id"]
        )
        expected = {
            p for p, row in PARTNERS.items()
            if form in ("", row["forme"]) and (not service or service in offers[p])
        }  # fmt: skip
        if zone:
            assert partner_ids <= expected
            assert (
                partner_ids
                == set(list_organisations(OrganisationFilters(service, "", zone))["partenaire_id"])
                & expected
            )
        else:
            assert partner_ids == expected, (service, form)
    for text in TEXTS:
        for service, form, zone in product(("", "ent"), ("", "gip"), ("", "region-53")):
            organisations = list_organisations(OrganisationFilters(service, form, zone, text))
            assert set(organisations["partenaire_id"]) <= set(
                list_organisations(OrganisationFilters(service, form, zone))["partenaire_id"]
            )
            assert list(organisations.columns) == list(everything.reset_index().columns)


def test_counts_of_the_directory():
    linked = defaultdict(set)
    for row in LINKS_IN_USE:
        key = row["territoire_niveau"], row["territoire_code"]
        linked[row["partenaire_id"]].add((key, row["certitude"]))
    for row in list_organisations().to_dict("records"):
        certain_links = linked[row["partenaire_id"]]
        stated_keys = {key for key, certainty in certain_links if certainty == "explicite"}
        deduced = {key for key, _ in certain_links} - stated_keys
        assert (0 if pd.isna(row["nb_cites"]) else row["nb_cites"]) == len(stated_keys)
        assert (0 if pd.isna(row["nb_deduits"]) else row["nb_deduits"]) == len(deduced)
        if certain_links:
            every = {certainty for _, certainty in certain_links}
            assert (row["certitude"] == "explicite") == (every == {"explicite"})
    # nobody comes first for what we deduced
    names = [plain(name) for name in list_organisations()["nom"]]
    assert names == sorted(names)


def test_stated_and_deduced_members_are_counted_apart():
    megalis = [row for row in LINKS_IN_USE if row["partenaire_id"] == "megalis-bretagne"]
    stated = {(r["territoire_niveau"], r["territoire_code"]) for r in megalis
                   if r["certitude"] == "explicite"}  # fmt: skip
    every = {(r["territoire_niveau"], r["territoire_code"]) for r in megalis}
    assert 0 < len(stated) < len(every)
    identity = load_organisation("megalis-bretagne").identite
    assert format_certainty_counts(identity["nb_cites"], identity["nb_deduits"]) == (
        f"{len(stated)}\xa0territoires cités par une source, {len(every - stated)}\xa0déduits"
    )
    nodes, edges = load_network(partner="megalis-bretagne")
    assert format_certainty_counts(len(stated), len(every - stated)) in network_alt_text(
        nodes, edges
    )
    layer = service_area_layer("megalis-bretagne", "epci").data["classe"].value_counts()
    assert layer.get("cite", 0) == len([k for k in stated if k[0] == "epci"])
    assert layer.get("cite", 0) + layer["deduit"] == len([k for k in every if k[0] == "epci"])


def test_a_zone_gathers_what_is_in_it_and_around_it():
    zones = {"departement-69": "69", "departement-2A": "2A", "commune-75056": "75",
             "epci-243500139": "35"}  # fmt: skip
    for zone, departement in zones.items():
        key = tuple(zone.split("-"))
        inside = {k for k in LINKS if key in lies_in(k)}
        expected = {row["partenaire_id"] for k in {key, *inside} for row in LINKS[k]}
        # through a wider territory, unless the area of the organisation leaves the zone out
        expected |= {
            row["partenaire_id"]
            for k in around(key)
            for row in LINKS[k]
            if PARTNERS[row["partenaire_id"]]["aire_niveau"] != "departement"
            or departement in PARTNERS[row["partenaire_id"]]["aire_code"].split("|")
        }
        partner_ids = set(list_organisations(OrganisationFilters(zone=zone))["partenaire_id"])
        # a territory that straddles a border is in both zones, however few live there
        assert expected <= partner_ids
        for partner in partner_ids - expected:
            assert any(
                row["territoire_niveau"] == "epci" for row in LINKS_IN_USE
                if row["partenaire_id"] == partner
            )  # fmt: skip


def test_every_name_finds_its_organisation():
    for row in some(list_organisations().itertuples(), 3):
        organisations = list_organisations(OrganisationFilters(texte=row.nom))
        assert row.partenaire_id in set(organisations["partenaire_id"].head(3)), row.nom
        swapped = " ".join(reversed(row.nom.upper().split()))
        assert row.partenaire_id in set(
            list_organisations(OrganisationFilters(texte=swapped))["partenaire_id"]
        ), swapped


def test_sheets():
    for row in some(list_organisations().itertuples(), 5):
        profile = load_organisation(row.partenaire_id)
        partner_facts = [
            fact for fact in LINKS_IN_USE if fact["partenaire_id"] == row.partenaire_id
        ]
        assert profile.membres["cle"].nunique() == len(
            {(fact["territoire_niveau"], fact["territoire_code"]) for fact in partner_facts}
        )
        assert set(profile.services["service"]) == {fact["service"] for fact in partner_facts}
        assert not (profile.faits["valeur"] == "").any()


def test_whom_it_serves_directly_is_what_the_map_of_an_organisation_shows():
    for partner in ("megalis-bretagne", "agedi", "alpi", "vendee-numerique"):
        for level in LEVELS:
            partnerships = partnerships_by_territory(level, partner=partner)
            linked = set(partnerships[partnerships["classe"] != "aucun"]["territoire_code"])
            rows = service_area(partner, level)
            assert rows["cle"].is_unique
            assert set(rows[rows["lien"] == "direct"]["territoire_code"]) == linked


@pytest.mark.parametrize("partner", ["seine-et-marne-numerique", "losange", "agate"])
@pytest.mark.parametrize("level", LEVELS[:3])
def test_maps_of_an_organisation_show_the_territories_served_in_part(partner, level):
    level_keys = {key for key in LINKS if key[0] == level
                  and any(f["partenaire_id"] == partner for f in LINKS[key])}  # fmt: skip
    areas = {key[1]: in_area(key, {partner}) for key in level_keys}
    partly = {code for code, communes in areas.items()
              if communes and communes != MEMBERS[level, code]}  # fmt: skip
    roles = service_layer(level, "", partner)
    area = service_area_layer(partner, level)
    for layer in (roles, area):
        rows = layer.data.set_index("territoire_code")
        in_part = rows["classe"].isin(["partie", "explicite_partie", "deduit_partie"])
        assert set(rows[in_part].index) == partly
        assert ("« Sur une partie »" in layer.note) == bool(partly)
        assert (f"dont {len(partly)} sur une partie" in describe_coverage(layer)) == bool(partly)
        assert set(rows["classe"]) <= {line.code for line in layer.classes}
        for code, communes in areas.items():
            detail = rows.loc[code, "detail"]
            share = people(communes or ()) / people(MEMBERS[level, code])
            assert (f"{share:.0%} des habitants".replace("%", "\xa0%") in detail) == (
                code in partly
            )
            assert ("aire non renseignée" in detail) == (communes is None)
    area_rows = service_area(partner, level).set_index("territoire_code")
    shares = area_rows["part_population_aire"].dropna()
    assert set(shares[shares < 1].index) == partly
    assert {c for c, text in area_rows["explication"].items() if "Sur une partie" in text} == partly


def test_the_area_of_an_organisation_is_that_of_the_services_by_territory():
    rows = query(
        """
        SELECT territoire_niveau, territoire_code, partenaire_ids[1] AS partenaire_id,
               part_population_aire AS part, nb_dans_aire, nb_de_ce_niveau
        FROM services_par_territoire WHERE nb_partenaires = 1
        """
    )
    for (partner, level), expected in some(rows.groupby(["partenaire_id", "territoire_niveau"]), 3):
        areas = area_shares(partner, level).set_index("territoire_code")
        for row in expected.itertuples():
            if pd.isna(row.part):
                assert row.territoire_code not in areas.index
                continue
            area = areas.loc[row.territoire_code]
            assert area["part"] == row.part
            if row.part < 1:
                assert area["nb_dans_aire"] == row.nb_dans_aire
                assert area["nb_de_ce_niveau"] == row.nb_de_ce_niveau


# --- links, matrix, coverage ----------------------------------------------------------------------


def sample() -> list[tuple]:
    keys = [k for k in TERRITORIES if k[0] in ("region", "departement")]
    keys += [k for k in LINKS if k[0] == "epci"][::4] + [k for k in LINKS if k[0] == "commune"][::8]
    keys += [("epci", "200046977"), ("epci", "200054781"), ("commune", "69123"),
             ("commune", "69264"), ("commune", "93008"), ("commune", "75056"),
             ("commune", "2A004"), ("commune", "97608"), ("commune", "68066"),
             ("commune", "29155")]  # fmt: skip
    return list(dict.fromkeys(keys))


def test_links_own_and_inherited():
    keys = sample()
    rows = effective_links(keys=["-".join(key) for key in keys])
    actual = defaultdict(dict)
    for row in rows.itertuples():
        link_path = actual[row.cle].setdefault((row.partenaire_id, row.service), row.lien)
        assert link_path == row.lien  # one way for one organisation and service
    for key in keys:
        assert actual["-".join(key)] == expected_links(key), key


def test_the_matrix_of_a_region():
    for zone, level in (("region-53", "epci"), ("region-94", "departement"), ("region-11", "epci")):
        keys = keys_in_zone(level, zone)
        cells = service_matrix(keys)
        expected = {
            (service, key) for key in keys for _, service in expected_links(tuple(key.split("-")))
        }
        assert set(zip(cells["service"], cells["cle"], strict=True)) == expected
        assert not cells.duplicated(["service", "cle", "via"]).any()
        table = matrix_table(cells, keys)
        unknown = (table == "aucun organisme connu").sum().sum()
        assert unknown == table.size - len(expected)


def linked(level: str, service: str) -> tuple[dict, dict]:
    """Communes served, by territory of a level: where a source states it, where it is deduced."""
    stated_areas, deduced = {}, {}
    for key, territory_links in LINKS.items():
        partners_by_certainty = {
            certainty: {f["partenaire_id"] for f in territory_links
                        if (f["service"], f["certitude"]) == (service, certainty)}
            for certainty in ("explicite", "deduit")
        }  # fmt: skip
        if key[0] != level:
            continue
        if partners_by_certainty["explicite"]:
            stated_areas[key] = in_area(key, partners_by_certainty["explicite"])
        elif partners_by_certainty["deduit"]:
            deduced[key] = in_area(key, partners_by_certainty["deduit"])
    return stated_areas, deduced


@pytest.mark.parametrize("level", LEVELS)
def test_direct_coverage_counted_again(level):
    everybody = people(set().union(*(MEMBERS[key] for key in TERRITORIES if key[0] == level)))
    rows = service_coverage(level)
    for row in rows.itertuples():
        links = linked(level, row.service)
        partly = [
            {key for key, communes in areas_by_key.items() if communes and communes != MEMBERS[key]}
            for areas_by_key in links
        ]
        stated_areas, deduced = links
        unknown = [key for key, communes in stated_areas.items() if communes is None]
        expected = {
            "nb_cites": len(stated_areas) - len(partly[0]),
            "nb_cites_partie": len(partly[0]),
            "nb_cites_aire_inconnue": len(unknown),
            "nb_deduits": len(deduced) - len(partly[1]),
            "nb_deduits_partie": len(partly[1]),
        }
        for name, count in expected.items():
            assert getattr(row, name) == count if count else pd.isna(getattr(row, name)), name
        assert pd.isna(row.part_cites) or row.part_cites == row.nb_cites / row.nb_territoires
        served_people = people(set().union(*filter(None, stated_areas.values())))
        if served_people:
            assert row.part_population_cites == pytest.approx(served_people / everybody)
        else:
            assert pd.isna(row.part_population_cites)
        sentence = describe_service_coverage(row, level)
        assert ("sur une partie" in sentence) == any(partly)
        assert ("aire non renseignée" in sentence) == bool(unknown)
    shares = rows.filter(like="part_")
    assert ((shares > 0) & (shares <= 1) | shares.isna()).all().all()


@pytest.mark.parametrize("level", LEVELS)
def test_direct_coverage_is_what_the_map_of_a_service_shows(level):
    for row in some(service_coverage(level).itertuples(), 3):
        partnerships = partnerships_by_territory(level, row.service)["classe"].value_counts()
        for name, code in (
            ("nb_cites", "explicite"), ("nb_cites_partie", "explicite_partie"),
            ("nb_deduits", "deduit"), ("nb_deduits_partie", "deduit_partie"),
        ):  # fmt: skip
            count = getattr(row, name)
            assert (0 if pd.isna(count) else count) == partnerships.get(code, 0), (
                row.service,
                name,
            )


def test_coverage_in_part_said():
    rows = {row.service: row for row in service_coverage("region").itertuples()}
    networks = rows["infrastructures_thd"]
    assert (networks.nb_cites, networks.nb_cites_partie) == (3, 6)
    assert describe_service_coverage(networks, "region") == (
        "Réseaux très haut débit : 3\xa0régions ont un organisme cité par une source, 6\xa0autres "
        "sur une partie du territoire (32\xa0% des habitants) ; 1\xa0autre en a un par déduction "
        "seulement."
    )
    assert describe_service_coverage(rows["conseil_ingenierie"], "region") == (
        "Conseil et ingénierie : 2\xa0régions ont un organisme par déduction seulement, 1\xa0autre "
        "sur une partie du territoire."
    )
    only_in_part = networks._replace(nb_cites=pd.NA, part_cites=pd.NA, nb_deduits=pd.NA)
    assert describe_service_coverage(only_in_part, "region") == (
        "Réseaux très haut débit : 6\xa0régions ont un organisme cité par une source, sur une "
        "partie du territoire (32\xa0% des habitants)."
    )
    assert describe_service_coverage(rows["hebergement_cloud"], "region") == (
        "Hébergement et nuage : 1\xa0région a un organisme cité par une source (habitants non "
        "comptés : aire non renseignée) ; 2\xa0autres en ont un par déduction seulement."
    )
    assert (
        "17\xa0% des habitants, hors 1\xa0région à l’aire non renseignée"
        in describe_service_coverage(rows["open_data"], "region")
    )


def test_projects_are_never_counted():
    left_out = [row for row in RECORDED if row not in LINKS_IN_USE]
    assert len(left_out) == 7
    links = effective_links(keys=["departement-56"])
    datacentre = links.loc[links["service"] == "hebergement_cloud", "partenaire_id"]
    assert not {"morbihan-energies", "terradata-morbihan"} & set(datacentre)
    theirs = {f"{row['territoire_niveau']}-{row['territoire_code']}" for row in left_out}
    solutions = effective_links(keys=sorted(theirs))["solution"].dropna()
    assert len(solutions) and not {row["solution"] for row in left_out} & set(solutions)


def test_those_in_an_area_counted_again():
    for level in ("region", "departement", "epci"):
        keys_by_service = defaultdict(set)
        for key in (k for k in TERRITORIES if k[0] == level):
            for _, service in expected_links(key):
                keys_by_service[service].add(key)
        for row in service_coverage(level).itertuples():
            direct = {k for k in keys_by_service[row.service]
                      if any(f["service"] == row.service for f in LINKS[k])}  # fmt: skip
            n = len(keys_by_service[row.service] - direct)
            assert row.nb_dans_aire == n if n else pd.isna(row.nb_dans_aire)
            assert bool(n) == bool(row.organismes_aire)


def test_overlaps_and_gaps_answer_everywhere():
    for level, zone, inherited in some(product(LEVELS[:3], ZONES, (False, True)), 5):
        rows = overlapping_organisations(level, zone, inherited)
        assert (rows["nb_organismes"] > 1).all()
        assert not rows.duplicated(["service", "cle"]).any()
        assert "autre" not in set(rows["service"])
    for level, service in some(product(LEVELS, SERVICES[1:]), 11):
        rows = unserved_territories(level, service, "region-53")
        assert rows["lien"].isna().all() and set(rows["constat"]) <= {"aucun organisme connu"}
    expected = {
        ("-".join(key), service)
        for key, territory_links in LINKS.items() if key[0] == "departement"
        for service in {f["service"] for f in territory_links} - {"autre"}
        if len({CHAINS[f["partenaire_id"]] for f in territory_links if f["service"] == service}) > 1
    }  # fmt: skip
    rows = overlapping_organisations("departement")
    assert set(zip(rows["cle"], rows["service"], strict=True)) == expected
    # Nouvelle-Aquitaine THD operates what DORSAL owns
    assert CHAINS["nouvelle-aquitaine-thd"] == CHAINS["dorsal"] != CHAINS["megalis-bretagne"]
    assert ("departement-19", "infrastructures_thd") not in expected


def test_organisations_whose_areas_share_no_commune_do_not_overlap():
    areas = {
        row["partenaire_id"]: {(row["aire_niveau"], code) for code in row["aire_code"].split("|")}
        for row in PARTNERS.values()
        if row["aire_niveau"] == "departement"
    }
    apart = {"losange", "rosace"}  # Grand Est: seven départements, and two
    assert apart <= set(areas) and not set.intersection(*(areas[name] for name in apart))
    rows = overlapping_organisations("region")
    for row in rows[rows["service"] == "infrastructures_thd"].itertuples():
        assert any(
            areas.get(name) is None
            or areas.get(second_name) is None
            or areas[name] & areas[second_name]
            for name, second_name in combinations(row.partenaire_ids, 2)
        ), row
    assert not any(apart <= set(names) for names in rows["partenaire_ids"])


def test_a_region_served_in_part_is_not_one_that_is_served():
    keys = ["region-44", "region-53"]
    cells = service_matrix(keys)
    table = matrix_table(cells, keys)
    assert "sur une partie" in table.loc["infrastructures_thd"].iloc[0]
    assert "très haut débit" not in describe_matrix(cells, keys).lower()


# --- solutions and kinds --------------------------------------------------------------------------


def test_every_solution_and_filter():
    solutions = {fold(row["solution"]) for row in LINKS_IN_USE if row["solution"]}
    everything = list_solutions()
    assert {fold(name) for name in everything["solution"]} == solutions
    licences = ("", NOT_STATED, *vocabulary_codes("licences_solution"))
    for service, licence in product(SERVICES, licences):
        rows = list_solutions(service, licence)
        assert set(rows["solution"]) <= set(everything["solution"])
    parts = [list_solutions(licence=code) for code in licences[1:]]
    assert sum(map(len, parts)) == len(everything)  # none has two licences today
    for row in everything.itertuples():
        links = load_solution(row.solution).liens
        assert links["cle"].nunique() == row.nb_cites + row.nb_deduits
    solutions = defaultdict(set)
    for row in LINKS_IN_USE:
        if row["solution"] and row["certitude"] == "explicite":
            solutions[fold(row["solution"])].add((row["territoire_niveau"], row["territoire_code"]))
    several = sum(len(served_territories) > 1 for served_territories in solutions.values())
    assert describe_names(everything) == (
        f"{len(everything)}\xa0noms cités ; {several} servent plusieurs territoires, d’après une "
        "source."
    )
    assert not any("(en projet)" in n or "(expérimentation)" in n for n in everything["solution"])


def test_kinds_of_organisations_and_funders():
    rows = public_private.organisations_by_sector(list_organisations()).set_index("nature")
    assert rows["nb_organismes"].sum() == len(PARTNERS)
    assert rows["part"].sum() == pytest.approx(1)
    assert rows.loc[public_private.UNKNOWN, "nb_organismes"] == sum(
        row["forme"] == "autre" for row in PARTNERS.values()
    )
    for perimeter in some(public_private.perimeters_with_amounts().itertuples(), 3):
        table = public_private.funding_by_sector(
            perimeter.perimetre, perimeter.etape, yearly=perimeter.annuel
        )
        assert public_private.describe_funding(table)
        assert table["part"].dropna().sum() == pytest.approx(1) or table["part"].isna().all()
        unknown = table.loc[table["nature"] == public_private.UNKNOWN, "montant"].fillna(0).sum()
        if unknown > table["montant"].sum() / 2:
            assert table["part"].isna().all()
            assert public_private.describe_funding(table).startswith(
                ("On ignore qui paie", "Aucun")
            )
        if perimeter.nb_strategies < 9:
            continue
        by_level = [
            public_private.funding_by_sector(
                perimeter.perimetre, perimeter.etape, level, perimeter.annuel
            )
            for level in LEVELS
        ]
        whole = sum(rows["montant"].sum() for rows in by_level)
        assert table["montant"].sum() == pytest.approx(whole)
