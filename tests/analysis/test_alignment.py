"""Themes above, here and below: what is shared, what is not, what nobody recorded."""

import re
from collections import defaultdict
from functools import cache

import pandas as pd
import pytest
from effort import some
from recounted import (
    OWN,
    STATES,
    TERRITORIES,
    TWINS,
    axes_read,
    borne,
    lies_in,
    named_ranks,
    population,
)

from comparisons.analysis.alignment import (
    count_below,
    describe_alignment,
    format_alignment_table,
    themes_by_level,
)
from comparisons.analysis.theme_matrix import (
    SHARING_PATTERNS,
    describe_theme_matrix,
    enclosing_chain,
    excluded_territories,
    format_theme_matrix,
    theme_matrix,
)
from comparisons.formatting import curly_apostrophes, join_words
from comparisons.queries.axes import format_axis_counts
from comparisons.schema.model import code_label, vocabulary_codes

pytestmark = pytest.mark.usefixtures("database")

THEMES = vocabulary_codes("themes")
NAMED_RANKS = named_ranks()
# whether only the axes that documents name are read → the territories that have some
RECORDED_BY = {
    named: sorted(key for key, ids in OWN.items() if any(axes_read(id_, named) for id_ in ids))
    for named in (False, True)
}
RECORDED = RECORDED_BY[False]
either = pytest.mark.parametrize("named", [False, True], ids=["all", "named"])


@cache
def axes_of(key: tuple, named: bool = False) -> list[dict]:
    return [axis for id_ in OWN[key] for axis in axes_read(id_, named)]


@cache
def state(key: tuple, theme: str, named: bool = False) -> tuple[str, int | None]:
    """Whether a territory sets a theme, and the best rank of the named axes that bear it."""
    bearing = [axis for axis in axes_of(key, named) if theme in borne(axis)]
    going_on = [axis for axis in bearing if STATES[axis["strategie_id"]] != "terminee"]
    ranks = [NAMED_RANKS.get((a["strategie_id"], a["rang"])) for a in going_on or bearing]
    best = min(filter(None, ranks), default=None)
    return "en_cours" if going_on else "passee" if bearing else "absente", best


@cache
def themes_of(key: tuple, named: bool = False) -> set[str]:
    return {theme for theme in THEMES if state(key, theme, named)[0] == "en_cours"}


def key_text(key: tuple) -> str:
    return "-".join(key)


# --- every territory whose priorities are recorded ------------------------------------------------


@either
def test_each_theme_of_a_territory_and_of_those_it_lies_in(named):
    widest_first = ("region", "departement", "epci", "commune")
    recorded = RECORDED_BY[named]
    for key in some(recorded, 12):
        rows = themes_by_level(key_text(key), named)
        keys = list(dict.fromkeys(rows["cle"]))
        assert set(keys) == {key_text(k) for k in (key, *lies_in(key)) if k in recorded}
        assert keys[-1] == key_text(key)
        levels = [widest_first.index(k.split("-")[0]) for k in keys]
        assert levels == sorted(levels)
        actual = {
            (row.cle, row.theme): (row.etat, None if pd.isna(row.rang) else row.rang)
            for row in rows.itertuples()
        }
        expected = {
            (k, theme): state(tuple(k.split("-")), theme, named) for k in keys for theme in THEMES
        }
        assert len(rows) == len(actual) and actual == expected
        counts = {
            (row.cle, row.nb_priorites, row.nb_priorites_nommees) for row in rows.itertuples()
        }
        assert counts == {
            (k, len(axes_of(tuple(k.split("-")))), len(axes_of(tuple(k.split("-")), named=True)))
            for k in keys
        }


@either
def test_territories_below_are_counted_among_those_whose_priorities_are_known(named):
    inside = defaultdict(list)
    for key in RECORDED_BY[named]:
        for wider in lies_in(key):
            inside[wider].append(key)
    assert len(inside) > 50
    for wider, keys in inside.items():
        actual = {
            (row.territoire_niveau, row.theme): (row.nb_en_cours, row.nb_connus)
            for row in count_below(key_text(wider), named).itertuples()
        }
        expected = {}
        for level in {level for level, _ in keys}:
            level_keys = [key for key in keys if key[0] == level]
            for theme in THEMES:
                setting = [key for key in level_keys if theme in themes_of(key, named)]
                expected[level, theme] = len(setting), len(level_keys)
        assert actual == expected, wider


def distinct_names(keys: list[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Name territories; those of one name (Paris, Martinique) with what they are."""
    nouns = {"region": "région", "departement": "département", "commune": "commune"}
    names = {key: curly_apostrophes(TERRITORIES[key]["nom"]) for key in keys}
    return {
        key: f"{name} ({nouns[key[0]]})" if list(names.values()).count(name) > 1 else name
        for key, name in names.items()
    }


def listed(themes: set[str]) -> tuple[str, str]:
    ordered = [code_label("themes", theme).lower() for theme in THEMES if theme in themes]
    number = f"{len(ordered)}\xa0thème{'s' if len(ordered) > 1 else ''}"
    return number, f" ({join_words(ordered)})" if ordered else ""


def shared_words(key: tuple, wider: tuple, named: bool) -> str:
    """Return the wording on what both set in their own documents; a shared one is counted once."""
    bearing = [
        {
            theme: {
                axis["strategie_id"]
                for axis in axes_of(territory, named)
                if theme in borne(axis) and STATES[axis["strategie_id"]] != "terminee"
            }
            for theme in THEMES
        }
        for territory in (key, wider)
    ]
    shared = set().union(*bearing[0].values()) & set().union(*bearing[1].values())
    common = {t for t in THEMES if bearing[0][t] - shared and bearing[1][t] - shared}
    if shared and not common:
        return "les mêmes documents, dits une fois."
    if not common:
        return (
            "aucun thème n’est relevé des deux côtés ; nos relevés ne suffisent pas à dire que les "
            "priorités diffèrent."
        )
    number, names = listed(common)
    count = number + (" relevés" if len(common) > 1 else " relevé")
    return f"{count} des deux côtés{names} ; pour les autres, nos relevés ne suffisent pas."


@either
def test_sentences_say_what_is_shared_and_nothing_of_the_rest(named):
    recorded = RECORDED_BY[named]
    for key in [*some(RECORDED, 12), ("departement", "10"), ("commune", "29155")]:
        around = lies_in(key)
        names = distinct_names([key, *around])
        mine, expected = themes_of(key, named), []
        for wider in around if mine else ():
            if wider in recorded:
                expected.append(f"Avec {names[wider]} : {shared_words(key, wider, named)}")
        sentences = describe_alignment(key_text(key), named)
        if recorded_keys := [k for k in (key, *around) if k in recorded]:
            # all the axes that are recorded, and how many of them a document names
            counted = [
                f"{names[k]} : " + format_axis_counts(len(axes_of(k)), len(axes_of(k, named=True)))
                for k in recorded_keys
            ]
            assert sorted(sentences.pop().removesuffix(".").split(" ; ")) == sorted(counted), key
        silence = [
            text for text in sentences if text.startswith(("Aucun axe nommé", "Aucune priorité"))
        ]
        assert len(silence) <= 2 and sorted(sentences) == sorted(expected + silence), key
        # the silent ones, each once, and nobody else
        unread = [k for k in (key, *around) if k not in recorded]
        counts = {k: len(axes_of(k)) for k in unread}
        rest = "".join(silence)
        for k in unread:
            assert ("Aucune priorité" in rest) == (0 in counts.values()), key
            assert not counts[k] or f"{names[k]} ({counts[k]}\xa0relevé" in rest, key
        rest = re.sub(r"Aucun.*? : | \(\d+\xa0relevés? par nous\)", "", rest)
        silent = {names[k] for k in unread}
        for name in sorted(silent, key=len, reverse=True):  # « Dijon Métropole », then « Dijon »
            assert name in rest, key
            rest = rest.replace(name, "", 1)
        assert not set(rest.replace(" et ", "")) - set(" ,."), key


# --- known cases ----------------------------------------------------------------------------------


def test_paris_beside_its_metropolis_its_department_and_its_region():
    *commune, _ = describe_alignment("commune-75056")
    assert [text.partition(" relevés")[0] for text in commune] == [
        "Avec Métropole du Grand Paris : 2\xa0thèmes",
        "Avec Paris (département) : les mêmes documents, dits une fois.",  # twins
        "Avec Île-de-France : 4\xa0thèmes",
    ]
    assert list(format_alignment_table("commune-75056").columns) == [
        "Île-de-France",
        "Paris",
        "Métropole du Grand Paris",
        "Paris (commune)",
    ]


def test_a_territory_that_shares_a_name_is_named_with_its_level_in_words():
    assert list(format_alignment_table("departement-976").columns) == [
        "Mayotte",
        "Mayotte (département)",
    ]


def test_departments_where_few_of_its_people_live_are_not_called_silent():
    # no département holds half of the people of the Métropole du Grand Paris; some do have
    # recorded priorities
    sentences = describe_alignment("epci-200054781")
    assert sentences and not any("Paris," in text or "Essonne" in text for text in sentences)


def test_the_table_of_brittany_by_hand():
    table = format_alignment_table("region-53")
    assert list(table.columns) == [
        "Bretagne",
        "Communes (3\xa0connues)",
        "Départements (3\xa0connus)",
        "Intercommunalités (4\xa0connues)",
    ]
    assert list(table.index) == [theme for theme in THEMES if theme in table.index]
    rows = {theme: list(cells.values()) for theme, cells in table.to_dict("index").items()}
    # our words, in our order: no rank
    assert rows["infrastructures"] == ["oui", "–", "1 sur 3", "–"]
    assert rows["inclusion_mediation"] == ["axe 2", "3 sur 3", "1 sur 3", "2 sur 4"]
    assert rows["territoire_intelligent"] == ["–", "–", "2 sur 3", "2 sur 4"]
    # only a strategy that is over sets it
    assert rows["attractivite_cohesion"] == ["axe 1 (terminée)", "1 sur 3", "1 sur 3", "1 sur 4"]


def test_the_table_of_named_axes_has_no_axis_of_ours():
    table = format_alignment_table("region-53", named_only=True)
    assert table.loc["inclusion_mediation", "Bretagne"] == "axe 2"
    assert table.loc["infrastructures":, "Bretagne"].ne("oui").all()
    # no axis of Rennes is named: its priorities are not known here
    recorded_count = sum(
        ("region", "53") in lies_in(key) for key in RECORDED_BY[True] if key[0] == "commune"
    )
    assert (
        f"Communes ({recorded_count}\xa0connue)" in table.columns
        and ("commune", "35238") in RECORDED
    )


def test_who_is_silent_has_no_column_and_who_does_not_set_a_theme_has_a_dash():
    table = format_alignment_table("departement-56")  # nothing recorded for Morbihan itself
    assert list(table.columns) == [
        "Bretagne",
        "Communes (1\xa0connue)",
        "Intercommunalités (1\xa0connue)",
    ]
    assert ("departement", "56") not in RECORDED
    assert describe_alignment("departement-56") == [
        "Aucune priorité relevée : Morbihan.",
        "Bretagne : 12\xa0axes relevés, dont 6\xa0nommés par le document.",
    ]
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
    assert enclosing_chain(key) == expected


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
        keys = enclosing_chain(key_text(key))
        assert keys[-1] == key_text(key)
        around = {key_text(k) for k in lies_in(key)}
        assert set(keys) - {key_text(key)} <= around
        left = around - set(keys)
        for cle in left:
            assert any(frozenset((cle, other_key)) in paired for other_key in (*keys, *around)), key
        assert bool(excluded_territories(key_text(key))) == bool(left)
        order = [(LEVELS.index(k.split("-")[0]), -population(*k.split("-"))) for k in keys]
        assert order == sorted(order)


def test_what_is_left_out_of_a_chain_is_explained():
    assert excluded_territories("commune-69123")[0].startswith(
        "Depuis 2015, la Métropole de Lyon exerce"
    )
    assert excluded_territories("commune-75056") == [
        "La Ville de Paris est à la fois commune et département."
    ]
    assert excluded_territories("commune-35238") == []


def test_unknown_territories_have_no_chain():
    with pytest.raises(KeyError):
        enclosing_chain("commune-99999")
    with pytest.raises(ValueError, match="n’est pas un territoire"):
        enclosing_chain("Rennes")


def repartition(states: list[str | None]) -> str:
    recorded = [cell for cell in states if cell]
    setting = recorded.count("en_cours")
    if not recorded:
        return "inconnu"
    return "plusieurs" if setting > 1 else "un_document" if setting else "aucun"


def setters_of(theme: str, keys: list[str], named: bool) -> set[str]:
    """The strategies, not over, that set a theme at some level."""
    return {
        axis["strategie_id"]
        for key in keys
        for axis in axes_of(tuple(key.split("-")), named)
        if theme in borne(axis) and STATES[axis["strategie_id"]] != "terminee"
    }


@either
def test_the_matrix_of_every_chain_tells_silence_from_absence(named):
    patterns = set()
    for key in [*some(RECORDED, 12), ("departement", "56"), ("commune", "29155")]:
        keys = enclosing_chain(key_text(key))
        frame = theme_matrix(keys, named)
        assert list(frame.columns) == [*keys, "repartition"] and tuple(frame.index) == THEMES
        table = format_theme_matrix(frame, named)
        assert sorted(table.index) == sorted(THEMES)
        names = list(table.columns)[1:]
        assert len(set(names)) == len(keys)
        pattern_positions = [
            list(SHARING_PATTERNS.values()).index(cell) for cell in table["Répartition"]
        ]
        assert pattern_positions == sorted(pattern_positions)
        for theme, cells in frame.iterrows():
            states = []
            for cle, name in zip(keys, names, strict=True):
                territory = tuple(cle.split("-"))
                cell, word = cells[cle], table.loc[theme, name]
                if territory not in RECORDED_BY[named]:
                    assert pd.isna(cell)
                    assert word == ("aucun axe nommé" if axes_of(territory) else "non renseigné")
                    states.append(None)
                    continue
                etat, rank = state(territory, theme, named)
                assert cell == etat
                axis = f"axe {rank}" if rank else "oui"
                expected = {"en_cours": axis, "passee": f"{axis} (terminée)"}
                assert word == expected.get(etat, "–")
                states.append(etat)
            expected = repartition(states)
            if expected == "plusieurs" and len(setters_of(theme, keys, named)) == 1:
                expected = "un_document"  # that all these levels share
            assert cells["repartition"] == expected
            patterns.add(cells["repartition"])
    assert patterns == {"plusieurs", "un_document", "aucun"}


def test_a_theme_is_grouped_whatever_the_order_of_territories():
    keys = enclosing_chain("commune-75056")
    expected = theme_matrix(keys)["repartition"]
    pd.testing.assert_series_equal(theme_matrix(keys[::-1])["repartition"], expected)


def test_sentences_of_paris():
    levels, counted = describe_theme_matrix(theme_matrix(enclosing_chain("commune-75056")))
    assert levels.startswith(
        "6\xa0thèmes à plusieurs niveaux : cybersécurité et confiance (Île-de-"
    )
    assert counted.startswith("Sont comptés les thèmes des stratégies qui ne sont pas terminées. ")
    assert "un seul" not in levels + counted


def test_sentences_say_who_is_silent_and_draw_nothing_from_it():
    *_, silent = describe_theme_matrix(theme_matrix(enclosing_chain("commune-62119")))
    assert silent == (
        "Aucune priorité relevée : Pas-de-Calais et Communauté d’agglomération de Béthune-Bruay, "
        "Artois-Lys Romane. Rien n’en est déduit pour ces territoires."
    )
    first, *_ = describe_theme_matrix(theme_matrix(enclosing_chain("departement-56")))
    assert first.startswith("Seules les priorités d’un territoire sont lues (Bretagne)")
    nobody = theme_matrix(["commune-29155"])
    assert set(nobody["repartition"]) == {"inconnu"}
    assert describe_theme_matrix(nobody) == [
        "Aucune priorité relevée : Ouessant. Rien n’en est déduit pour ce territoire."
    ]
    assert (format_theme_matrix(nobody)["Ouessant"] == "non renseigné").all()


def test_territories_of_the_same_name_are_distinguished():
    table = format_theme_matrix(theme_matrix(["region-06", "departement-976"]))
    assert list(table.columns) == ["Répartition", "Mayotte (région)", "Mayotte (département)"]
