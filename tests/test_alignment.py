"""Themes above, here and below: what is shared, what is not, what nobody recorded."""

from collections import defaultdict

import pandas as pd
import pytest
from recounted import OWN, STATES, TERRITORIES, TWINS, facts, lies_in, population

from comparisons.alignment import (
    REPARTITIONS,
    aligned,
    alignment_sentences,
    alignment_table,
    below,
    chain,
    chain_notes,
    vertical,
    vertical_sentences,
    vertical_table,
)
from comparisons.format import codes, label
from comparisons.text import enumeration, typographic

pytestmark = pytest.mark.usefixtures("database")

THEMES = codes("themes")
AXES = defaultdict(list)
for axis in facts("priorites"):
    AXES[axis["strategie_id"]].append(axis)
RECORDED = sorted(key for key, ids in OWN.items() if any(AXES[id_] for id_ in ids))
WITHIN = {key: lies_in(key) for key in RECORDED}


def ranks(key: tuple, theme: str, over: bool) -> list[int]:
    """Ranks of a territory's axes that bear a theme, in strategies that are over or not."""
    return [
        int(axis["rang"])
        for id_ in OWN[key]
        for axis in AXES[id_]
        if theme in (axis["theme"], *axis["themes_secondaires"].split("|"))
        and (STATES[id_] == "terminee") == over
    ]


def state(key: tuple, theme: str) -> tuple[str, int | None]:
    going_on, past = ranks(key, theme, over=False), ranks(key, theme, over=True)
    if going_on:
        return "en_cours", min(going_on)
    return ("passee", min(past)) if past else ("absente", None)


def themes_of(key: tuple) -> set[str]:
    return {theme for theme in THEMES if state(key, theme)[0] == "en_cours"}


def written(key: tuple) -> str:
    return "-".join(key)


# --- every territory whose priorities are recorded ------------------------------------------------


def test_each_theme_of_a_territory_and_of_those_it_lies_in():
    widest_first = ("region", "departement", "epci", "commune")
    for key in RECORDED:
        rows = aligned(written(key))
        keys = list(dict.fromkeys(rows["cle"]))
        assert set(keys) == {written(k) for k in (key, *WITHIN[key]) if k in RECORDED}
        assert keys[-1] == written(key)
        levels = [widest_first.index(k.split("-")[0]) for k in keys]
        assert levels == sorted(levels)
        actual = {
            (row.cle, row.theme): (row.etat, row.rang if row.etat != "absente" else None)
            for row in rows.itertuples()
        }
        expected = {(k, theme): state(tuple(k.split("-")), theme) for k in keys for theme in THEMES}
        assert len(rows) == len(actual) and actual == expected


def test_territories_below_are_counted_among_those_whose_priorities_are_known():
    inside = defaultdict(list)
    for key in RECORDED:
        for wider in WITHIN[key]:
            inside[wider].append(key)
    assert len(inside) > 50
    for wider, keys in inside.items():
        actual = {
            (row.territoire_niveau, row.theme): (row.nb_en_cours, row.nb_connus)
            for row in below(written(wider)).itertuples()
        }
        expected = {}
        for level in {level for level, _ in keys}:
            known = [key for key in keys if key[0] == level]
            for theme in THEMES:
                setting = [key for key in known if theme in themes_of(key)]
                expected[level, theme] = len(setting), len(known)
        assert actual == expected, wider


def listed(themes: set[str]) -> tuple[str, str]:
    ordered = [label("themes", theme).lower() for theme in THEMES if theme in themes]
    number = f"{len(ordered)}\xa0thème{'s' if len(ordered) > 1 else ''}"
    return number, f" ({enumeration(ordered)})" if ordered else ""


def test_sentences_say_what_is_shared_here_only_and_unknown():
    for key in [*RECORDED[::2], ("departement", "35"), ("commune", "29155")]:
        around = lies_in(key)
        mine, expected = themes_of(key), set()
        for wider in around if mine else ():
            if wider in RECORDED:
                common, in_common = listed(mine & themes_of(wider))
                alone, here_only = listed(mine - themes_of(wider))
                expected.add(
                    f"Avec {typographic(TERRITORIES[wider]['nom'])} : {common} en commun"
                    f"{in_common} ; {alone} ici seulement{here_only}."
                )
        *compared, last = *alignment_sentences(written(key)), ""
        if compared and compared[-1].startswith("Priorités non renseignées : "):
            last = compared.pop()
        assert set(compared) == expected, key
        # the silent ones, each once, and nobody else
        rest = last.removeprefix("Priorités non renseignées :")
        for silent in {k for k in (key, *around) if k not in RECORDED}:
            name = typographic(TERRITORIES[silent]["nom"])
            assert name in rest, key
            rest = rest.replace(name, "", 1)
        assert not set(rest.replace(" et ", "")) - set(" ,."), key


# --- known cases ----------------------------------------------------------------------------------


def test_paris_beside_its_metropolis_its_department_and_its_region():
    commune = alignment_sentences("commune-75056")
    assert [text.split(" (")[0] for text in commune] == [
        "Avec Métropole du Grand Paris : 0\xa0thème en commun ; 3\xa0thèmes ici seulement",
        "Avec Paris : 3\xa0thèmes en commun",  # twins: the same strategies
        "Avec Île-de-France : 1\xa0thème en commun",
    ]
    assert list(alignment_table("commune-75056").columns) == [
        "Île-de-France",
        "Paris",
        "Métropole du Grand Paris",
        "Paris (commune)",
    ]


def test_a_territory_that_shares_a_name_is_named_with_its_level_in_words():
    assert list(alignment_table("departement-976").columns) == ["Mayotte", "Mayotte (département)"]


def test_departments_where_few_of_its_people_live_are_not_called_silent():
    # no département holds half of the people of the Métropole du Grand Paris; some do have
    # recorded priorities
    sentences = alignment_sentences("epci-200054781")
    assert sentences and not any("Paris," in text or "Essonne" in text for text in sentences)


def test_the_table_of_brittany_by_hand():
    table = alignment_table("region-53")
    assert list(table.columns) == ["Bretagne", "Intercommunalités (4\xa0connues)"]
    assert list(table.index) == [theme for theme in THEMES if theme in table.index]
    rows = table.to_dict("index")
    assert rows["infrastructures"] == {
        "Bretagne": "axe 1",
        "Intercommunalités (4\xa0connues)": "–",
    }
    assert list(rows["territoire_intelligent"].values()) == ["–", "2 sur 4"]
    # only a strategy that is over sets it
    assert list(rows["attractivite_cohesion"].values()) == ["axe 1 (terminée)", "1 sur 4"]


def test_who_is_silent_has_no_column_and_who_does_not_set_a_theme_has_a_dash():
    table = alignment_table("departement-35")  # nothing recorded for Ille-et-Vilaine itself
    assert list(table.columns) == ["Bretagne", "Intercommunalités (1\xa0connue)"]
    assert ("departement", "35") not in RECORDED
    assert alignment_sentences("departement-35") == ["Priorités non renseignées : Ille-et-Vilaine."]
    assert (table == "–").any().any()
    assert not (table == "–").all(axis=1).any()  # a theme that nobody sets has no line


# --- territories that contain one another ---------------------------------------------------------

GRAND_PARIS, LYON = "epci-200054781", "epci-200046977"
LEVELS = ("region", "departement", "epci", "commune")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("region-53", ["region-53"]),
        ("departement-35", ["region-53", "departement-35"]),
        ("epci-243500139", ["region-53", "departement-35", "epci-243500139"]),
        ("commune-35238", ["region-53", "departement-35", "epci-243500139", "commune-35238"]),
        # one body: the one asked for, or else the widest
        ("commune-75056", ["region-11", GRAND_PARIS, "commune-75056"]),
        ("departement-75", ["region-11", "departement-75"]),
        ("commune-2A004", ["region-94", "epci-242010056", "commune-2A004"]),
        ("departement-2B", ["departement-2B"]),
        ("commune-97608", ["region-06", "epci-200050532", "commune-97608"]),
        ("departement-976", ["departement-976"]),
        # two bodies on one area
        ("departement-974", ["region-04", "departement-974"]),
        # the Département du Rhône does not act in the Métropole de Lyon
        (LYON, ["region-84", LYON]),
        ("commune-69123", ["region-84", LYON, "commune-69123"]),
        ("commune-69264", ["region-84", "departement-69", "epci-200040590", "commune-69264"]),
        # the metropolis, then the EPT inside it
        (
            "commune-93008",
            ["region-11", "departement-93", GRAND_PARIS, "epci-200057875", "commune-93008"],
        ),
        # half of its people live in no département
        (GRAND_PARIS, ["region-11", GRAND_PARIS]),
        ("commune-29155", ["region-53", "departement-29", "commune-29155"]),  # in no EPCI
    ],
)
def test_chains_of_all_levels(key, expected):
    assert chain(key) == expected


def test_a_chain_holds_what_contains_a_territory_but_for_its_twins():
    paired = {
        frozenset(
            (
                f"{t['territoire_niveau']}-{t['territoire_code']}",
                f"{t['jumeau_niveau']}-{t['jumeau_code']}",
            )
        )
        for t in TWINS
        if t["relation"] != "distincts"
    }
    for key in RECORDED[::2]:
        keys = chain(written(key))
        assert keys[-1] == written(key)
        around = {written(k) for k in WITHIN[key]}
        assert set(keys) - {written(key)} <= around
        left = around - set(keys)
        for cle in left:
            assert any(frozenset((cle, other)) in paired for other in (*keys, *around)), key
        assert bool(chain_notes(written(key))) == bool(left)
        order = [(LEVELS.index(k.split("-")[0]), -population(*k.split("-"))) for k in keys]
        assert order == sorted(order)


def test_what_is_left_out_of_a_chain_is_explained():
    assert chain_notes("commune-69123")[0].startswith("Depuis 2015, la Métropole de Lyon exerce")
    assert chain_notes("commune-75056") == [
        "La Ville de Paris est à la fois commune et département."
    ]
    assert chain_notes("commune-35238") == []


def test_unknown_territories_have_no_chain():
    with pytest.raises(KeyError):
        chain("commune-99999")
    with pytest.raises(ValueError, match="n’est pas un territoire"):
        chain("Rennes")


def repartition(states: list[str | None]) -> str:
    recorded = [cell for cell in states if cell]
    setting = recorded.count("en_cours")
    if not recorded:
        return "inconnu"
    return "plusieurs" if setting > 1 else "un_seul" if setting else "aucun"


def test_the_matrix_of_every_chain_tells_silence_from_absence():
    seen = set()
    for key in [*RECORDED[::3], ("departement", "35"), ("commune", "29155")]:
        keys = chain(written(key))
        frame = vertical(keys)
        assert list(frame.columns) == [*keys, "repartition"] and tuple(frame.index) == THEMES
        table = vertical_table(frame)
        assert sorted(table.index) == sorted(THEMES)
        names = list(table.columns)[1:]
        assert len(set(names)) == len(keys)
        places = [list(REPARTITIONS.values()).index(cell) for cell in table["Répartition"]]
        assert places == sorted(places)
        for theme, cells in frame.iterrows():
            told = []
            for cle, name in zip(keys, names, strict=True):
                territory = tuple(cle.split("-"))
                cell, word = cells[cle], table.loc[theme, name]
                if territory not in RECORDED:
                    assert pd.isna(cell) and word == "non renseigné"
                    told.append(None)
                    continue
                etat, rank = state(territory, theme)
                assert cell == etat
                expected = {"en_cours": f"axe {rank}", "passee": f"axe {rank} (terminée)"}
                assert word == expected.get(etat, "–")
                told.append(etat)
            assert cells["repartition"] == repartition(told)
            seen.add(cells["repartition"])
    assert seen == {"plusieurs", "un_seul", "aucun"}


def test_a_theme_is_grouped_whatever_the_order_of_territories():
    keys = chain("commune-75056")
    expected = vertical(keys)["repartition"]
    pd.testing.assert_series_equal(vertical(keys[::-1])["repartition"], expected)


def test_sentences_of_paris():
    levels, one, none, counted = vertical_sentences(vertical(chain("commune-75056")))
    assert levels == (
        "2\xa0thèmes à plusieurs niveaux : cybersécurité et confiance (Île-de-France et Métropole "
        "du Grand Paris) ; inclusion et médiation numériques (Île-de-France et Paris)."
    )
    assert one.startswith("9\xa0thèmes à un seul des niveaux relevés : services aux usagers (Île-")
    assert "territoire intelligent (stratégie terminée : Métropole du Grand Paris)" in none
    assert "intelligence artificielle ;" in none
    assert counted == "Sont comptés les thèmes des stratégies qui ne sont pas terminées."


def test_sentences_say_who_is_silent_and_draw_nothing_from_it():
    *_, silent = vertical_sentences(vertical(chain("commune-35238")))
    assert silent == (
        "Priorités non renseignées : Ille-et-Vilaine et Rennes. Rien n’en est déduit pour ces "
        "territoires."
    )
    first, *_ = vertical_sentences(vertical(chain("departement-35")))
    assert first.startswith("Seules les priorités d’un territoire sont relevées (Bretagne)")
    nobody = vertical(["commune-29155"])
    assert set(nobody["repartition"]) == {"inconnu"}
    assert vertical_sentences(nobody) == [
        "Priorités non renseignées : Ouessant. Rien n’en est déduit pour ce territoire."
    ]
    assert (vertical_table(nobody)["Ouessant"] == "non renseigné").all()


def test_territories_that_bear_one_name_are_told_apart():
    table = vertical_table(vertical(["region-06", "departement-976"]))
    assert list(table.columns) == ["Répartition", "Mayotte (région)", "Mayotte (département)"]
