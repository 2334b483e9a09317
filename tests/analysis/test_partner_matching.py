"""With whom to pool: reasons that are facts, an order that is the rule, a note on one page."""

import math
import random
import re
from collections.abc import Iterator

import pandas as pd
import pytest
from pdf_contents import HOSTILE, compact, open_pdf, pdf_text
from pooling_network import EST_ENSEMBLE, GRAND_LYON, LAVAL
from recounted import LINKS_IN_USE, PARTNERS, TWINS, area_of, lies_in

from comparisons.analysis.shared_services import matching_reasons, needs
from comparisons.analysis.shared_services.matching import (
    COLUMNS,
    EXAMPLES,
    HOSTS,
    LINKED,
    LISTS,
    ORGANISATION,
    SERVED_PEER,
    TOGETHER,
    UNSERVED_PEER,
    find_partners,
)
from comparisons.database.connection import query
from comparisons.exports.pdf import partners_note
from comparisons.queries.territories import neighbours
from comparisons.schema.model import vocabulary_codes
from comparisons.schema.territory import LEVELS


def find_organisations(key: str, service: str) -> dict[str, pd.Series]:
    rows = find_partners(key, service)
    return {row["partenaire_id"]: row for _, row in rows[rows["sorte"] == ORGANISATION].iterrows()}


def facts(row: pd.Series) -> tuple:
    return tuple(row[["direct", "englobant", "interieurs", "voisins", "pairs"]])


# --- an invented network: every answer is known ---------------------------------------------------


@pytest.mark.usefixtures("invented_network")
def test_a_body_that_is_open_comes_before_one_that_nobody_says_to_be():
    candidates = find_organisations(LAVAL, "site_web")
    assert list(candidates) == ["alpha", "beta"]
    assert [row["liste"] for row in candidates.values()] == [HOSTS, LINKED]
    assert facts(candidates["beta"])[:2] == (True, False)
    assert facts(candidates["alpha"])[:2] == (False, True)
    assert candidates["beta"]["raisons"] == [
        "On ne sait pas à qui il est ouvert.",
        "Déjà en lien avec Laval : membre (Sites internet).",
        "En tout, pour ce besoin : 1\N{NO-BREAK SPACE}territoire cité par une source.",
    ]
    # said of Laval Agglomération, the nearest that contains it
    assert candidates["alpha"]["raisons"][0] == (
        "Ouvert aux collectivités de son aire, qui couvre Laval."
    )
    assert "Laval Agglomération : bénéficiaire" in candidates["alpha"]["raisons"][1]
    assert "depuis 2018, lien déduit ; aucune source ne dit" in candidates["alpha"]["raisons"][1]
    assert (
        candidates["alpha"]["source_ids"] == ["s2"] and candidates["alpha"]["certitude"] == "deduit"
    )
    assert (candidates["alpha"]["nb_cites"], candidates["alpha"]["nb_deduits"]) == (1, 1)


@pytest.mark.usefixtures("invented_network")
def test_what_lies_inside_counts_after_what_is_direct():
    candidates = find_organisations("departement-53", "site_web")
    assert list(candidates) == ["alpha", "beta"]
    assert facts(candidates["alpha"]) == (True, False, 1, 0, 0)
    assert facts(candidates["beta"]) == (False, False, 1, 0, 0)
    assert candidates["alpha"]["liste"] == HOSTS and candidates["beta"]["liste"] == EXAMPLES
    assert candidates["beta"]["raisons"][1] == (
        "En lien avec 1\N{NO-BREAK SPACE}territoire à l’intérieur : Laval."
    )


@pytest.mark.usefixtures("invented_network")
def test_the_body_of_a_neighbour_is_named_with_the_border():
    rows = find_partners("departement-35", "site_web")
    organisation = rows[rows["sorte"] == ORGANISATION].iloc[0]
    assert organisation["partenaire_id"] == "alpha" and facts(organisation)[:4] == (
        False,
        False,
        0,
        1,
    )
    length = query(
        "SELECT longueur_km FROM voisins WHERE territoire_niveau = 'departement' "
        "AND territoire_code = '35' AND voisin_code = '53'"
    )["longueur_km"].iloc[0]
    assert organisation["frontiere_km"] == pytest.approx(length)
    assert "1\N{NO-BREAK SPACE}voisin sur 6 : Mayenne (frontière de" in organisation["raisons"][1]
    assert organisation["liste"] == EXAMPLES and organisation["raisons"][0] == (
        "Ouvert aux collectivités de son aire, qui ne couvre pas l’Ille-et-Vilaine."
    )
    served_peers = rows[rows["sorte"] == SERVED_PEER]
    assert list(served_peers["cle"]) == ["departement-53"] and served_peers["organismes"].iloc[
        0
    ] == ["alpha"]
    assert "Déjà en lien avec ALF : membre (Sites" in served_peers["raisons"].iloc[0][1]
    assert list(served_peers["liste"]) == [EXAMPLES]
    # nothing shows that the other neighbours have the need: they are not proposed
    assert rows[rows["liste"] == TOGETHER].empty


@pytest.mark.usefixtures("invented_network")
def test_twins_share_and_a_territory_apart_does_not():
    assert facts(find_organisations("departement-68", "sig_geomatique")["gamma"])[
        0
    ]  # Alsace since 2021
    assert facts(find_organisations("departement-2A", "cybersecurite")["epsilon"])[0]  # Corse
    # the Département du Rhône does not act in the Métropole de Lyon
    assert "epsilon" not in find_organisations(GRAND_LYON, "formation")
    assert facts(find_organisations("departement-69", "formation")["epsilon"])[0]
    assert facts(find_organisations(EST_ENSEMBLE, "wifi_public")["epsilon"])[0]


@pytest.mark.usefixtures("invented_network")
def test_a_theme_asks_for_its_services_and_for_those_who_set_it():
    rows = find_partners("departement-53", theme="services_usagers")
    assert list(rows.loc[rows["sorte"] == ORGANISATION, "partenaire_id"]) == ["alpha", "beta"]
    assert list(rows.loc[rows["sorte"] == ORGANISATION, "liste"]) == [HOSTS, EXAMPLES]
    # no priority is recorded in this network: nobody is known to have the need
    assert rows[rows["sorte"] == UNSERVED_PEER].empty
    # the service decides; the theme gives who has the need
    both = find_partners("departement-53", "open_data", "services_usagers")
    assert list(both.loc[both["sorte"] == ORGANISATION, "partenaire_id"]) == ["beta"]


@pytest.mark.usefixtures("invented_network")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("departement-53",), "Choisissez un service ou un thème"),
        (("departement-53", "magie"), "vocabulaire « services »"),
        (("departement-53", "", "magie"), "vocabulaire « themes »"),
        (("departement-99", "ent"), "territoire connu"),
        (("Mayenne", "ent"), "n’est pas un territoire"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_french(arguments, message):
    with pytest.raises(ValueError, match=message):
        find_partners(*arguments)


# --- needs ----------------------------------------------------------------------------------------


def test_every_theme_has_its_services_and_every_service_its_themes_or_none():
    assert set(needs.THEME_SERVICES) == set(vocabulary_codes("themes"))
    for services, reason in needs.THEME_SERVICES.values():
        assert services and reason and set(services) <= set(vocabulary_codes("services"))
        assert len(set(services)) == len(services)
    for service in vocabulary_codes("services"):
        assert service in needs.parse_need(service).services
        assert set(needs.themes_of_service(service)) <= set(vocabulary_codes("themes"))
    need = needs.parse_need(theme="donnees")
    assert "Données ouvertes, Information géographique" in need.explanation and need.stated


# --- the rule, on real data -----------------------------------------------------------------------


def random_needs() -> Iterator[tuple[str, str, str]]:
    """24 territories and needs of all levels, always the same."""
    chance = random.Random(6)
    for level in LEVELS:
        keys = query(
            "SELECT territoire_niveau || '-' || territoire_code AS cle FROM territoires "
            "WHERE territoire_niveau = ? ORDER BY md5(territoire_code) LIMIT 8",
            [level],
        )["cle"]
        chosen = [*keys, *KNOWN.get(level, ())]
        for _ in range(6):
            theme = chance.random() < 0.3
            need = chance.choice(vocabulary_codes("themes" if theme else "services"))
            yield chance.choice(chosen), "" if theme else need, need if theme else ""


KNOWN = {
    "departement": ("departement-35", "departement-69", "departement-67"),
    "epci": ("epci-200054781", "epci-200046977"),
    "commune": ("commune-75056", "commune-69123"),
}


def number_or(value: float, otherwise: float) -> float:
    return otherwise if value is None or math.isnan(value) else value


def sort_key(row: pd.Series) -> tuple:
    """Return the candidates by the rule shown on the screen, computed independently."""
    border = -number_or(row["frontiere_km"], 0)
    distance = number_or(row["distance"], math.inf)
    if row["sorte"] == ORGANISATION:
        return (0, LISTS.index(row["liste"]), not row["direct"], not row["englobant"],
                -row["interieurs"], -row["voisins"], -row["pairs"], border, distance,
                row["certitude"] == "deduit", -row["nb_cites"], row["nom"])  # fmt: skip
    return (1 + (row["sorte"] == UNSERVED_PEER), -row["voisins"], border, distance, row["nom"])


@pytest.mark.usefixtures("database")
def test_candidates_follow_the_rule_and_their_facts_are_those_of_the_tables():
    direct: dict[tuple, set] = {}
    for row in query("FROM services_par_territoire").itertuples():
        for partner_id in row.partenaire_ids:
            where = (f"{row.territoire_niveau}-{row.territoire_code}", row.service)
            direct.setdefault(where, set()).add(partner_id)
    lists_present = set()
    for key, service, theme in random_needs():
        rows = find_partners(key, service, theme)
        services = needs.parse_need(service, theme).services
        assert list(rows.columns) == list(COLUMNS)
        assert list(rows["ordre"]) == list(range(1, len(rows) + 1))
        sort_keys = [sort_key(row) for _, row in rows.iterrows()]
        assert sort_keys == sorted(sort_keys), (key, service, theme)
        direct_partners = set().union(
            *(direct.get((key, wanted_service), set()) for wanted_service in services)
        )
        organisations = rows[rows["sorte"] == ORGANISATION]
        assert (
            set(organisations.loc[organisations["direct"].astype(bool), "partenaire_id"])
            == direct_partners
        )
        assert organisations["partenaire_id"].is_unique and key not in set(rows["cle"])
        near = set(neighbours(key))
        for row in rows[rows["sorte"] != ORGANISATION].itertuples():
            theirs = set().union(
                *(direct.get((row.cle, wanted_service), set()) for wanted_service in services)
            )
            assert set(row.organismes) == theirs
            assert bool(theirs) == (row.sorte == SERVED_PEER)
            assert row.voisins == (row.cle in near) and row.voisins + row.pairs >= 1
            if row.sorte == UNSERVED_PEER:
                assert row.theme_en_cours is True
        for reasons in rows["raisons"]:
            assert reasons and all(sentence.endswith(".") for sentence in reasons)
            assert not re.search(r"non servi|pas servi|\bnan\b|None|<NA>", " ".join(reasons))
        lists_present |= set(rows["liste"])
    assert lists_present == set(LISTS)


def welcoming(territory: tuple) -> set[str]:
    """Organisations whose recorded area and openness let a territory in, counted again."""
    twins = {(t["territoire_niveau"], t["territoire_code"]) for t in TWINS
             if t["relation"] == "vaut_pour" and not t["depuis"]
             and (t["jumeau_niveau"], t["jumeau_code"]) == territory}  # fmt: skip
    around = {territory, *twins, *lies_in(territory)}
    partner_ids = set()
    for row in PARTNERS.values():
        area = area_of(row["partenaire_id"])
        is_territory_itself = (
            row["forme"] == "collectivite" and area and area <= {territory, *twins}
        )
        if row["ouvert_a"] == "toutes" or (
            row["ouvert_a"] == "collectivites_aire" and area & around and not is_territory_itself
        ):
            partner_ids.add(row["partenaire_id"])
    return partner_ids


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("service", ["infrastructures_thd", "cybersecurite", "open_data"])
def test_only_what_is_open_to_the_territory_can_welcome_it(service):
    offering = {row["partenaire_id"] for row in LINKS_IN_USE if row["service"] == service}
    for code in ("72", "53", "21", "35", "59", "2A", "974"):
        rows = find_partners(f"departement-{code}", service)
        hosts = rows[rows["liste"] == HOSTS]
        assert set(hosts["partenaire_id"]) == welcoming(("departement", code)) & offering, code
        assert rows["liste"].map(LISTS.index).iloc[: len(hosts)].eq(0).all()
        assert hosts["raisons"].map(lambda reasons: reasons[0].startswith("Ouvert ")).all()
        # every row is in one of the lists: an example is never taken for an open organisation
        assert rows["liste"].isin(LISTS).all()


def test_nobody_open_is_said_with_its_examples():
    sarthe = pd.Series({"nom_article": "la Sarthe"})
    assert matching_reasons.nobody_open(sarthe, examples=True) == (
        "Aucun organisme ouvert à la Sarthe n’est connu ; voici qui l’a fait ailleurs, à titre "
        "d’exemple."
    )
    landes = pd.Series({"nom_article": "les Landes"})
    assert "ouvert aux Landes n’est connu, et" in matching_reasons.nobody_open(
        landes, examples=False
    )


def test_the_rule_is_said_whole():
    for word in ("déjà un lien", "le contient", "intérieur", "voisins", "pairs", "frontière",
                 "énoncé", "nom", "thème", "aire", "ouvert", "exemple"):  # fmt: skip
        assert word in matching_reasons.RANKING_NOTE
    assert "non que le territoire n’est pas servi" in matching_reasons.UNKNOWN_NOTE


# --- note -----------------------------------------------------------------------------------------

NOTES = (
    ("departement-69", "infrastructures_thd", ""),  # many of all kinds
    ("region-84", "", "territoire_intelligent"),
    ("departement-53", "dpo_rgpd", ""),
    ("epci-243500139", "", "modernisation_interne"),  # the theme of the most services
    ("commune-75056", "e_sante", ""),  # almost nothing
    ("region-06", "wifi_public", ""),  # no border, few peers
)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("arguments", NOTES, ids=str)
def test_a_note_is_one_page_with_its_candidates_and_how_to_cite(arguments):
    content = partners_note.partners_pdf(*arguments)
    assert len(open_pdf(content).pages) == 1
    text = pdf_text(content)
    words = partners_note.partners_content(*arguments)
    flat = compact(text)
    for expected in (words["question"], words["citation"], "Aucune note, aucun calcul caché"):
        assert compact(expected) in flat, expected
    for block in partners_note.BLOCKS:
        for row in words[block][:1]:
            assert compact(row["name"]) in flat
    assert not re.search(r"(?<!\w)(nan|None|NaT|<NA>)(?!\w)", text)


@pytest.mark.usefixtures("database")
def test_a_note_is_the_same_each_time_and_bears_the_address_of_its_page():
    pdfs = [
        partners_note.partners_pdf(
            "departement-53", "site_web", address="https://exemple.fr/m?t=53"
        )
    ] * 2
    assert pdfs[0] == partners_note.partners_pdf(
        "departement-53", "site_web", address="https://exemple.fr/m?t=53"
    )
    assert "https://exemple.fr/m?t=53" in pdf_text(pdfs[0])
    assert "/mutualisation?t=departement-53&service=site_web" in pdf_text(
        partners_note.partners_pdf("departement-53", "site_web")
    )


@pytest.mark.usefixtures("database")
def test_hostile_words_stay_words_and_long_ones_stay_on_the_page():
    words = partners_note.partners_content("departement-69", "infrastructures_thd")
    for block in partners_note.BLOCKS:
        for row in words[block]:
            row["name"], row["reasons"] = HOSTILE, [f"{HOSTILE} " * 3] * 2
    words |= {"name": HOSTILE, "question": HOSTILE, "summary": HOSTILE}
    pdf = partners_note.render_note(words)
    text = pdf_text(pdf)
    assert len(open_pdf(pdf).pages) == 1
    assert "*gras* _it_ $x^2$ `code` <a> @b" in text
