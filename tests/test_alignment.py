"""Themes above, here and below: what is shared, what is not, what nobody recorded."""

from collections import defaultdict

import pytest
from recounted import OWN, STATES, TERRITORIES, facts, lies_in

from comparisons.alignment import aligned, alignment_sentences, alignment_table, below
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
