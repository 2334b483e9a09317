"""A territory among its peers: distributions by hand, then real groups counted again from CSV."""

import random
import re
from collections import defaultdict

import pandas as pd
import pytest
from effort import tries
from recounted import (
    AXES,
    OWN,
    STATES,
    STRATEGIES,
    TERRITORIES,
    YEAR,
    bearing,
    document_year,
    facts,
    family,
    in_entire,
    list_is_whole,
    names_no_document,
    of_a_part,
    population,
    rank_in_family,
    shared_services,
    theme_answer,
    year,
)

from comparisons.analysis.peers.group import current_priorities, peer_group
from comparisons.analysis.peers.observation import COLUMNS
from comparisons.analysis.peers.position import (
    peer_observations,
    position_summary,
    rank,
    shared_strategies,
    too_few_reason,
)
from comparisons.analysis.statements import UnequalObjects
from comparisons.database.connection import query
from comparisons.queries import thresholds
from comparisons.queries.budgets import amounts_per_inhabitant
from comparisons.schema.territory import LEVELS

pytestmark = pytest.mark.usefixtures("database")

# What no sentence may hold: a missing value written as such, doubled spaces.
BROKEN = re.compile(r"\bnan\b|\bNaN\b|None|<NA>|NaT|  |\( | \.")


# --- invented groups ------------------------------------------------------------------------------


def invented(mine, theirs, **more) -> pd.DataFrame:
    """Points of one quantity: the territory's value, then its peers'."""
    rows = []
    for index, value in enumerate([mine, *theirs]):
        point = dict.fromkeys(COLUMNS, "") | {
            "rubrique": "budgets",
            "quantite": "q",
            "unite": "€/hab.",
            "forme": "valeur",
            "cle": f"epci-{index}",
            "nom": f"T{index}",
            "moi": index == 0,
            "valeur": value,
            "source_ids": [],
            "objet": "réseaux, coût total",
            "annee": None,
            "dans_ensemble": None,
        }
        rows.append(point | more)
    return pd.DataFrame(rows).astype({"valeur": float})


def observations(section: str, mine: str, theirs: list[str]) -> pd.DataFrame:
    """Points of one question: the territory's answer, then its peers'."""
    worth = {
        "oui": 1.0,
        "oui_par_objet": 1.0,
        "oui_par_deduction": 1.0,
        "non": 0.0,
        "inconnu": None,
    }
    frame = invented(worth[mine], [worth[state] for state in theirs],
                     rubrique=section, forme="oui_non", unite="")  # fmt: skip
    states = [mine, *theirs]
    # a theme is known where an overall strategy was read entirely: here, of all but the unknown
    presence = [
        None if presence_state == "inconnu" else presence_state == "oui"
        for presence_state in states
    ]
    objects = [
        "" if presence_state is None else "stratégies lues en entier" for presence_state in presence
    ]
    return frame.assign(reponse=states, dans_ensemble=presence, objet=objects)


def only_row(frame: pd.DataFrame) -> pd.Series:
    table = position_summary(frame)
    assert len(table) == 1
    return table.iloc[0]


FIVE_NUMBERS = ["minimum", "q1", "mediane", "q3", "maximum"]


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        ([5, 1, 4, 2, 3], [1, 2, 3, 4, 5]),
        ([40, 10, 30, 20], [10, 17.5, 25, 32.5, 40]),
        ([40, 10, None, 30, 20, None], [10, 17.5, 25, 32.5, 40]),  # four of six: most
        ([0, 0, 0, 8], [0, 0, 0, 2, 8]),
    ],
)
def test_quartiles_by_hand(theirs, expected):
    row = only_row(invented(7, theirs))
    assert list(row[FIVE_NUMBERS]) == expected
    assert row["dessinable"] and row["pourquoi"] == ""
    known_values = [value for value in theirs if value is not None]
    assert (row["n_renseignes"], row["n"]) == (len(known_values), len(theirs))


def test_the_territory_is_never_in_its_own_distribution():
    for mine in (1_000_000, -5, 2.5, None):
        row = only_row(invented(mine, [1, 2, 3, 4]))
        assert list(row[FIVE_NUMBERS]) == [1, 1.75, 2.5, 3.25, 4]
        assert row["n"] == 4
        assert row["valeur"] == mine or (mine is None and pd.isna(row["valeur"]))
    # nor does it count to make four
    assert not only_row(invented(9, [1, 2, 3]))["dessinable"]


@pytest.mark.parametrize(
    ("theirs", "why"),
    [
        ([], "Le groupe ne compte aucun pair."),
        ([1, 2, 3], "Le groupe ne compte que 3\xa0pairs : il en faut au moins 4"),
        ([None] * 6, "Aucun des 6 pairs n’a de donnée connue : il en faut au moins 4"),
        ([1] + [None] * 6, "Un seul pair sur 7 a une donnée connue : il en faut au moins 4"),
        ([1, 2, 3, None, None], "Seuls 3 pairs sur 5 ont une donnée connue : il en faut au moins"),
        (
            [1, 2, 3, 4] + [None] * 4,
            "Seuls 4 pairs sur 8 ont une donnée connue : il en faut plus de 50\xa0% pour donner",
        ),
    ],
)
def test_of_too_few_nothing_is_drawn_and_it_says_why(theirs, why):
    row = only_row(invented(5, theirs))
    assert not row["dessinable"] and row[FIVE_NUMBERS].isna().all()
    assert row["pourquoi"].startswith(why) and row["phrase"] == row["pourquoi"]
    assert row["valeur"] == 5


def test_a_sentence_gives_median_quartiles_and_n_of_n():
    row = only_row(invented(5, [10, 20, 30, 40, None]))
    assert row["phrase"] == (
        "Médiane des pairs : 25\xa0€/hab. ; quartiles : 18\xa0€/hab. et 32\xa0€/hab. "
        "(4\xa0pairs renseignés sur 5)."
    )


@pytest.mark.parametrize("mine", [5, None])
def test_values_of_unequal_objects_make_no_distribution(mine):
    """The second wall: whatever the database lets through, the statement refuses."""
    position_points = invented(mine, [10, 20, 30, 40])
    assert only_row(position_points)["dessinable"]
    for index, column, value in (
        (1, "objet", "une tranche"),
        (1, "objet", ""),
        (2, "annee", 2014),  # the others have no year
    ):
        row = only_row(
            position_points.assign(
                **{column: position_points[column].where(position_points.index != index, value)}
            )
        )
        assert (
            not row["dessinable"]
            and row[FIVE_NUMBERS].isna().all()
            and "objets différents" in row["portee"]
        )
        assert row["phrase"].startswith("Objets différents, ou mal connus")
    apart = position_points.assign(annee=[2020, 2020, 2021, 2022, 2023])
    assert only_row(apart)["pourquoi"].startswith("Objets différents")
    assert only_row(apart.assign(annee=[2020, 2020, 2021, 2022, 2021]))["dessinable"]
    with pytest.raises(UnequalObjects):
        rank(apart, "q")


def test_an_own_value_of_another_object_is_not_set_among_peers():
    frame = invented(5, [10, 20, 30, 40])
    frame.loc[0, "objet"] = "la part d’un financeur"
    assert not only_row(frame)["dessinable"]


def test_a_theme_is_counted_among_overall_strategies_read_entirely():
    theirs = ["oui", "oui", "non", "oui", "inconnu", "inconnu"]
    row = only_row(observations("themes", "non", theirs))
    assert (row["nb_oui"], row["n_renseignes"], row["n"], row["nb_releves"]) == (3, 4, 6, 3)
    assert (row["ici"], row["dessinable"]) == ("non", True)
    assert row["phrase"] == (
        "Relevé chez 3\xa0pairs ; des 4 stratégies d’ensemble lues en entier, 3 le posent."
    )
    assert row["portee"] == "stratégies lues en entier" and row["reserves"]
    assert pd.isna(row["mediane"]) and pd.isna(row["part"])  # of four, no share


def test_a_theme_of_partial_lists_is_said_of_those_where_it_is_recorded():
    frame = observations("themes", "inconnu", ["oui", "oui", "oui_par_objet", "inconnu", "non"])
    row = only_row(frame.assign(dans_ensemble=None, objet=""))
    assert (row["n_renseignes"], row["nb_oui"], row["nb_releves"]) == (0, 0, 3)
    assert row["phrase"] == (
        "Relevé chez 3\xa0pairs (dont 1 par l’objet d’un document) ; cela ne dit rien des autres."
    )
    assert " sur " not in row["phrase"] and not row["dessinable"]


def test_unknown_answers_are_no_share_at_all():
    for section in ("couverture", "themes", "services"):
        row = only_row(observations(section, "inconnu", ["inconnu"] * 5))
        assert pd.isna(row["part"]) and row["n_renseignes"] == 0 and not row["dessinable"]
        assert row["ici"] == "inconnu"
        assert "inconnu" in row["phrase"].lower() or "ne veut pas dire non" in row["phrase"]


def test_a_service_without_known_organisation_is_not_a_no():
    row = only_row(observations("services", "inconnu", ["oui"] * 4 + ["inconnu"] * 4))
    assert (row["n_renseignes"], row["n"]) == (4, 8)
    assert pd.isna(row["part"])  # of eight
    row = only_row(observations("services", "inconnu", ["oui"] * 4 + ["inconnu"] * 16))
    assert row["part"] == 0.2  # of all, and a minimum
    row = only_row(observations("services", "inconnu", ["oui"] * 4 + ["inconnu"] * 4))
    assert row["phrase"] == (
        "4\xa0pairs cités par une source, sur 8 ; pour les autres, aucun organisme n’est connu, ce "
        "qui ne veut pas dire non."
    )
    row = only_row(observations("services", "oui", ["oui"] * 4 + ["oui_par_deduction"] * 16))
    assert (row["nb_oui"], row["nb_deduits"], row["part"]) == (4, 16, 0.2)
    assert row["phrase"] == "4\xa0pairs cités par une source, 16 par déduction, sur 20."
    row = only_row(observations("services", "inconnu", ["oui_par_deduction"] * 5))
    assert (row["nb_oui"], row["nb_deduits"], row["dessinable"]) == (0, 5, False)
    assert row["phrase"] == "5\xa0pairs par déduction seulement, sur 5." and pd.isna(row["part"])
    assert not only_row(observations("services", "oui", ["oui"] * 3 + ["inconnu"] * 9))[
        "dessinable"
    ]


def test_ranks_are_given_apart_and_only_of_what_is_known():
    frame = invented(20, [30, None, 20, 10])
    ranked = rank(frame, "q")
    assert list(zip(ranked["rang"], ranked["nom"], strict=True)) == [
        (1, "T1"), (2, "T0"), (2, "T3"), (4, "T4"),
    ]  # fmt: skip
    assert set(ranked["n"]) == {4}
    assert not any("rang" in column for column in position_summary(frame).columns)
    with pytest.raises(KeyError):
        rank(frame, "autre")
    with pytest.raises(ValueError, match="oui ou non"):
        rank(observations("themes", "oui", ["oui"]), "q")


def test_why_not_is_empty_only_when_drawn():
    for count in range(8):
        for recorded in range(count + 1):
            is_drawn = recorded >= thresholds.MIN_SAMPLE and 2 * recorded > count
            assert (too_few_reason(recorded, count) == "") == is_drawn


# --- the group ------------------------------------------------------------------------------------


def test_a_group_has_the_territory_first_and_each_peer_once():
    members = peer_group("departement-35", ["departement-29", "departement-35", "departement-29",
                                       "departement-22", "departement-00"])  # fmt: skip
    assert list(members["cle"]) == ["departement-35", "departement-22", "departement-29"]
    assert list(members["moi"]) == [True, False, False]


def test_wrong_groups_are_refused():
    with pytest.raises(ValueError, match="même niveau"):
        peer_group("departement-35", ["region-53"])
    with pytest.raises(ValueError, match="n’est pas un territoire"):
        peer_group("departement-35", ["Finistère"])
    with pytest.raises(KeyError):
        peer_group("departement-00", [])


# --- real groups, counted again -------------------------------------------------------------------

# the services in use of each territory, and whether a source states it
LINKS = defaultdict(dict)
for (territory, service), organisations in shared_services().items():
    LINKS[territory][service] = any(organisations.values())
BUDGETS = defaultdict(list)
for amount in facts("budgets"):
    if not amount["inclus_dans"] and not amount["recurrence"]:
        BUDGETS[amount["strategie_id"], amount["perimetre"], amount["etape"]].append(amount)
INDICATORS = defaultdict(list)
for measure in facts("indicateurs"):
    territory = (measure["territoire_niveau"], measure["territoire_code"])
    INDICATORS[territory, measure["indicateur"], measure["unite"], measure["nature"]].append(
        measure
    )


def pools() -> dict[str, list[str]]:
    """Per level, the territories of which something is known."""
    # other tests ask these dictionaries for territories of which nothing is known
    known_territories = {key for known in (OWN, LINKS) for key, rows in known.items() if rows}
    return {
        level: sorted(
            "-".join(key) for key in known_territories if key[0] == level and key in TERRITORIES
        )
        for level in LEVELS
    }


def groups(seed: int, count: int) -> list[list[str]]:
    """Random groups of 0 to 12 peers, all levels, half of them among the unknown too."""
    chance, pool = random.Random(seed), pools()
    every = {level: [f"{level}-{code}" for level_name, code in TERRITORIES if level_name == level]
             for level in LEVELS}  # fmt: skip
    groups_drawn = []
    for number in range(count):
        level = LEVELS[number % len(LEVELS)]
        source = pool[level] if chance.random() < 0.7 else every[level]
        groups_drawn.append(
            chance.sample(source, min(len(source), 1 + (number // len(LEVELS)) % 13))
        )
    return groups_drawn


def fully_known(level: str) -> list[str]:
    pool = pools()[level]
    return random.Random(1).sample(pool, min(len(pool), 36))


def as_key(cle: str) -> tuple[str, str]:
    return tuple(cle.split("-"))


@pytest.fixture(scope="module", params=LEVELS)
def real(request, database) -> pd.DataFrame:
    keys = fully_known(request.param)
    return peer_observations(keys[0], keys[1:])


def of(frame: pd.DataFrame, section: str) -> pd.DataFrame:
    rows = frame[frame["rubrique"] == section]
    assert len(rows)
    return rows


def test_coverage_is_that_of_the_documents(real):
    presence_by_state = {
        "adoptee": "oui",
        "en_revision": "oui",
        "en_elaboration": "non",
        "terminee": "non",
    }
    rows = of(real, "couverture")
    for point in rows[rows["forme"] == "oui_non"].itertuples():
        kind = point.quantite.split(".")[1]
        family_documents = [i for i in OWN[as_key(point.cle)] if family(i) == kind]
        best = min(
            family_documents,
            key=lambda id_: rank_in_family(id_, YEAR, as_key(point.cle)),
            default="",
        )
        # nothing is said of a page that names no document, nor of a part of the territory
        silent = not best or names_no_document(best) or of_a_part(best, as_key(point.cle))
        speaking = "" if silent else STATES[best]
        assert point.reponse == presence_by_state.get(speaking, "inconnu"), (point.cle, kind)
    years = rows[rows["quantite"] == "couverture.annee"]
    for point in years.itertuples():
        family_documents = [i for i in OWN[as_key(point.cle)] if family(i) == "ensemble"]
        family_documents = [i for i in family_documents if STRATEGIES[i]["portee"] == "ensemble"]
        dated = [document_year(STRATEGIES[i]) for i in family_documents]
        expected = max((when for when in dated if when), default=None)
        assert point.valeur == expected or (expected is None and pd.isna(point.valeur))


def test_themes_are_set_are_a_subject_or_are_unknown(real):
    for point in of(real, "themes").itertuples():
        key, theme = as_key(point.cle), point.quantite.removeprefix("theme.")
        assert point.reponse == theme_answer(key, theme), (point.cle, theme)
        bearing_axes = bearing(key, theme)
        if bearing_axes:
            assert set(point.source_ids) == {axis["source_id"] for axis in bearing_axes}
            assert point.strategie_id in {axis["strategie_id"] for axis in bearing_axes}
        entire = in_entire(key, theme)
        assert entire == point.dans_ensemble or (entire is None and pd.isna(point.dans_ensemble))
        if point.reponse == "non":
            assert list_is_whole(point.strategie_id) and family(point.strategie_id) == "ensemble"
    assert not real["texte"].str.startswith("Pas relevé :").any()


SERVICE_ANSWERS = {None: "inconnu", True: "oui", False: "oui_par_deduction"}


def test_services_are_known_or_unknown_never_no(real):
    rows = of(real, "services")
    for point in rows.itertuples():
        is_stated = LINKS[as_key(point.cle)].get(point.quantite.removeprefix("service."))
        assert point.reponse == SERVICE_ANSWERS[is_stated], point
        assert "(en projet)" not in point.texte
    every = {service for cle in set(rows["cle"]) for service in LINKS[as_key(cle)]} - {"autre"}
    assert {quantity.removeprefix("service.") for quantity in rows["quantite"]} == every


def whole_level(level: str) -> pd.DataFrame:
    """Observe all of a level of which something is known (kept: two tests read the same)."""
    measured = {"-".join(territory) for territory, *_ in INDICATORS if territory[0] == level}
    keys = sorted({*pools()[level], *measured})
    return peer_observations(keys[0], keys[1:])


@pytest.mark.parametrize("level", LEVELS)
def test_money_is_that_of_the_map_total_and_yearly(level):
    rows = whole_level(level)
    rows = rows[rows["rubrique"] == "budgets"]
    for quantity, part in rows.groupby("quantite"):
        perimeter, stage, measure = quantity.split(".")
        on_map = amounts_per_inhabitant(level, perimeter, stage, measure)
        on_map = on_map.dropna(subset=["valeur"]).set_index("territoire_code")["valeur"]
        known_rows = part.dropna(subset=["valeur"])
        assert dict(
            zip(known_rows["cle"].str.split("-").str[1], known_rows["valeur"], strict=True)
        ) == dict(on_map)
        assert known_rows["source_ids"].map(len).gt(0).all()


@pytest.mark.parametrize("level", LEVELS)
def test_indicators_are_per_ten_thousand_people_and_percentages_stay(level):
    rows = whole_level(level)
    rows = rows[rows["rubrique"] == "indicateurs"]
    assert not rows["quantite"].str.startswith("autre").any()
    for quantity, part in rows.dropna(subset=["valeur"]).groupby("quantite"):
        code, unit, nature, definition = quantity.split(".")
        measured = []
        for point in part.itertuples():
            recorded = [
                row
                for row in INDICATORS[as_key(point.cle), code, unit, nature]
                if (row["definition"], row["etendue"]) == (definition, "ensemble") and row["annee"]
            ]
            latest = max(year(row["annee"]) for row in recorded)
            measured.append(latest)
            possible = [float(r["valeur"]) for r in recorded if year(r["annee"]) == latest]
            if unit != "%":
                possible = [value * 10_000 / population(*as_key(point.cle)) for value in possible]
                assert point.titre.endswith(", pour 10\u202f000 hab.")
            assert min(abs(point.valeur - value) for value in possible) < 1e-9
        assert max(measured) - min(measured) <= 2  # of one time
        point = part.iloc[0]
        assert ("cible" in point.titre) == (nature == "cible")


def test_every_answer_and_value_leads_to_its_sources(real):
    cited = query("SELECT source_id FROM sources")["source_id"]
    for point in real.itertuples():
        assert set(point.source_ids) <= set(cited)
        if pd.notna(point.valeur):
            assert point.source_ids, point
    assert not real.duplicated(["quantite", "cle"]).any()
    assert (real.groupby("quantite")["cle"].nunique() == real["cle"].nunique()).all()


def test_positions_are_those_of_the_points_of_the_peers(real):
    table = position_summary(real).set_index("quantite")
    me = real.loc[real["moi"], "cle"].unique()
    assert len(me) == 1
    for quantity, row in table.iterrows():
        part = real[real["quantite"] == quantity]
        known_values = sorted(v for v, is_mine in zip(part["valeur"], part["moi"], strict=True)
                              if not is_mine and pd.notna(v))  # fmt: skip
        if row["rubrique"] != "themes":
            assert (row["n_renseignes"], row["n"]) == (len(known_values), len(part) - 1)
        if row["dessinable"] and row["forme"] == "valeur":
            assert thresholds.has_median(len(known_values), row["n"])
            assert row["minimum"] == known_values[0] and row["maximum"] == known_values[-1]
            for name, share in (("q1", 0.25), ("mediane", 0.5), ("q3", 0.75)):
                at = share * (len(known_values) - 1)
                low, high = (
                    known_values[int(at)],
                    known_values[min(int(at) + 1, len(known_values) - 1)],
                )
                assert row[name] == pytest.approx(low + (at % 1) * (high - low))
        if row["rubrique"] == "couverture" and row["forme"] == "oui_non":
            assert row["nb_oui"] == sum(known_values)
            share = (
                sum(known_values) / len(known_values)
                if len(known_values) >= thresholds.SHARE_FROM
                else None
            )
            assert row["part"] == share or (share is None and pd.isna(row["part"]))


def test_who_only_has_priorities_of_the_past_is_unknown_today():
    past = [key for key, ids in OWN.items() if key in TERRITORIES
            and any(AXES[i] for i in ids)
            and not any(AXES[i] for i in ids if STATES[i] != "terminee")]  # fmt: skip
    assert len(past) > 10
    assert current_priorities(["-".join(key) for key in past]).empty


def test_a_document_shared_by_several_territories_is_mentioned():
    keys = ["departement-26", "departement-07", "departement-38"]
    sentences = shared_strategies(peer_observations(keys[0], keys[1:]))
    assert sentences and all(
        text.endswith("Leurs points y ont la même valeur.") for text in sentences
    )
    assert all("Drôme et Ardèche" in text for text in sentences)
    assert shared_strategies(peer_observations("departement-35", ["departement-38"])) == []


# --- any group ------------------------------------------------------------------------------------


def test_any_group_has_positions_without_broken_words():
    for number, (key, *peers) in enumerate(groups(seed=0, count=tries(8))):
        observations = peer_observations(key, peers)
        table = position_summary(observations)
        if table.empty:
            assert not any(OWN[as_key(cle)] or LINKS[as_key(cle)] for cle in [key, *peers])
            continue
        assert (table["n"] == len(peers)).all()
        is_drawn = table["n_renseignes"] >= thresholds.MIN_SAMPLE
        most = 2 * table["n_renseignes"] > table["n"]
        is_drawn &= most | (table["forme"] == "oui_non")
        assert (table["dessinable"] == is_drawn).all()
        assert (table["pourquoi"].eq("") == is_drawn).all()
        assert table.loc[~is_drawn, FIVE_NUMBERS].isna().all(axis=None)
        words = [
            *observations["texte"],
            *observations["titre"],
            *table["phrase"],
            *table["pourquoi"],
        ]
        broken = [text for text in words if BROKEN.search(text)]
        assert not broken, (number, key, broken[:3])


def test_the_order_of_peers_changes_nothing():
    for seed, (key, *peers) in enumerate(groups(seed=12, count=60)[41:43]):
        shuffled = [*peers, key, *peers[:2]]
        random.Random(seed).shuffle(shuffled)
        observations, again = peer_observations(key, peers), peer_observations(key, shuffled)
        pd.testing.assert_frame_equal(observations, again)
        pd.testing.assert_frame_equal(position_summary(observations), position_summary(again))
