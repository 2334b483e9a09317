"""Generations: which editions follow one another, what became of each axis, what else changed."""

import itertools
import re
import unicodedata
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st
from package_files import amount_row, build_database, source_row, strategy_row
from recounted import AXES, OWN, STRATEGIES, axes_read, document_year, facts

from comparisons.analysis.editions import description, matching
from comparisons.analysis.editions import documents as editions_documents
from comparisons.analysis.editions import facts as editions_facts
from comparisons.analysis.editions.documents import PARTIAL_LISTS
from comparisons.analysis.editions.facts import PERIMETERS, amounts_by_key
from comparisons.analysis.editions.matching import EVOLUTIONS, match_priorities
from comparisons.analysis.editions.wording_similarity import similarity_matrix
from comparisons.formatting import format_percent
from comparisons.schema.model import vocabulary_codes
from comparisons.text_similarity import content_words, optimal_assignment

pytestmark = pytest.mark.usefixtures("database")

WITH_SEVERAL = sorted(key for key, documents in OWN.items() if len(documents) > 1)


def key_text(key: tuple) -> str:
    return "-".join(key)


@pytest.fixture(scope="module")
def pairs(database) -> dict[str, pd.DataFrame]:
    """The pairs of editions of every territory that has any."""
    edition_pairs = {
        key_text(key): editions_documents.edition_pairs(key_text(key)) for key in WITH_SEVERAL
    }
    return {key: rows for key, rows in edition_pairs.items() if len(rows)}


@pytest.fixture(scope="module")
def couples(pairs) -> list[tuple[str, str]]:
    """Every pair of editions once (twins have the same)."""
    return sorted({(r.avant, r.apres) for rows in pairs.values() for r in rows.itertuples()})


# --- small frames ---------------------------------------------------------------------------------


def edition(*axes: tuple[str, str] | tuple[str, str, list[str]]) -> pd.DataFrame:
    """Axes of an invented edition: wording, main theme, other themes."""
    return pd.DataFrame(
        [
            {
                "rang": rank,
                "intitule": wording,
                "theme": theme,
                "themes_secondaires": secondary_themes[0] if secondary_themes else None,
                "certitude": "explicite",
                "localisation": None,
                "source_id": "s1",
                "source_titre": "Délibération",
                "source_editeur": "Conseil",
                "source_url": "https://exemple.fr/a",
            }
            for rank, (wording, theme, *secondary_themes) in enumerate(axes, 1)
        ]
    )


BEFORE = edition(
    ("Réduire la fracture numérique", "inclusion_mediation"),
    ("Développement des entreprises de la filière", "economie_innovation"),
    ("Construire un hébergement souverain", "hebergement_archivage"),
    ("Maîtriser la donnée", "donnees"),
)
AFTER = edition(
    ("Réduire les fractures numériques", "inclusion_mediation"),
    ("Former tous les agents", "competences_agents_elus"),
    ("Soutenir les entreprises", "economie_innovation"),
    ("Maîtriser la data et l’IA", "intelligence_artificielle", ["donnees"]),
)
EVOLVED = [
    ("reprise", 1, 1, True),
    ("reformulee", 2, 3, True),
    ("reformulee", 4, 4, False),
    ("plus_relevee", 3, None, None),
    ("relevee_ensuite", None, 2, None),
]


def rows_of_table(table: pd.DataFrame) -> list[tuple]:
    columns = ["evolution", "rang_avant", "rang_apres", "meme_theme"]
    return [
        tuple(None if pd.isna(cell) else cell for cell in row)
        for row in table[columns].itertuples(index=False)
    ]


def test_an_edition_reworded_dropped_and_added_by_hand():
    table = match_priorities(BEFORE, AFTER, similarity_matrix)
    assert rows_of_table(table) == EVOLVED
    alone = table["evolution"].isin(["plus_relevee", "relevee_ensuite"])
    assert table.loc[alone, ["similarite", "meme_theme"]].isna().all(axis=None)
    assert table.loc[~alone, "similarite"].between(0.25, 1).all()
    assert table.loc[~alone, "theme_dans_autre_edition"].isna().all()
    assert not table.loc[alone, "theme_dans_autre_edition"].any()
    assert list(table["theme"]) == [
        "inclusion_mediation",
        "economie_innovation",
        "intelligence_artificielle",  # the latest of a match
        "hebergement_archivage",
        "competences_agents_elus",
    ]
    assert table["intitule_avant"].isna().tolist() == [False] * 4 + [True]
    assert table["source_url_apres"].isna().tolist() == [False] * 3 + [True, False]


def test_the_order_of_rows_does_not_matter():
    expected = match_priorities(BEFORE, AFTER, similarity_matrix)
    for order in itertools.permutations(range(4)):
        table = match_priorities(
            BEFORE.iloc[list(order)], AFTER.iloc[list(order)[::-1]], similarity_matrix
        )
        pd.testing.assert_frame_equal(table, expected)


def without_accents(text: str) -> str:
    folded = unicodedata.normalize("NFD", text)
    return "".join(char for char in folded if not unicodedata.combining(char))


@pytest.mark.parametrize(
    "change",
    [str.upper, str.lower, without_accents, lambda t: t.replace("’", "'"), lambda t: f" {t}. "],
    ids=["capitals", "small letters", "no accents", "apostrophes", "punctuation"],
)
def test_accents_capitals_and_apostrophes_do_not_matter(change):
    expected = match_priorities(BEFORE, AFTER, similarity_matrix)
    changed = AFTER.assign(intitule=AFTER["intitule"].map(change))
    table = match_priorities(BEFORE, changed, similarity_matrix)
    assert rows_of_table(table) == rows_of_table(expected)
    pd.testing.assert_series_equal(table["similarite"], expected["similarite"])
    same = match_priorities(
        BEFORE, BEFORE.assign(intitule=BEFORE["intitule"].map(change)), similarity_matrix
    )
    assert list(same["evolution"]) == ["reprise"] * 4 and (same["similarite"] == 1).all()


def test_a_small_word_with_an_accent_is_not_taken_for_another():
    alike = similarity_matrix(
        ["Un numérique sûr"], ["Un numérique responsable", "Un numérique sûr"]
    )
    assert alike[0, 0] < 0.5 and alike[0, 1] == 1


def test_the_name_of_the_territory_says_nothing():
    assert content_words("La Corse, territoire inclusif", "Corse") == ["territoire", "inclusif"]
    assert content_words("Faire de la Corse", "Corse") == ["corse"]  # or nothing would be left
    assert content_words("Pour tous") == ["pour", "tous"]
    # what many names hold stays
    assert "communes" in content_words("Aider les communes", "Communauté de communes de Bièvre")


def test_only_the_very_same_words_are_wholly_alike():
    wordings = ["Un numérique responsable", "Un numérique plus responsable"]
    assert similarity_matrix(wordings, wordings).tolist() == [[1, 0.99], [0.99, 1]]


def test_without_a_common_theme_only_a_very_near_wording_is_matched():
    theme, other_theme = ("donnees", {"donnees"}), ("financement", {"financement"})
    for value, expected in ((0.59, []), (0.6, [(0, 0)])):
        assert optimal_assignment(np.array([[value]]), [theme], [other_theme]) == expected
    for value, expected in ((0.24, []), (0.25, [(0, 0)])):
        assert optimal_assignment(np.array([[value]]), [theme], [theme]) == expected


def test_the_whole_of_the_matches_is_the_best_not_the_first_one():
    theme = ("donnees", {"donnees"})
    alike = np.array([[0.9, 0.8], [0.8, 0.1]])  # the best pair alone would leave 0.1, unmatched
    assert optimal_assignment(alike, [theme] * 2, [theme] * 2) == [(0, 1), (1, 0)]


def test_axes_worth_the_same_keep_their_order():
    theme = ("donnees", {"donnees"})
    for n, m in ((2, 2), (3, 2), (2, 3), (4, 4)):
        pairs = optimal_assignment(np.full((n, m), 0.5), [theme] * n, [theme] * m)
        mirrored = optimal_assignment(np.full((m, n), 0.5), [theme] * m, [theme] * n)
        assert len(pairs) == min(n, m) and pairs == sorted((i, j) for j, i in mirrored)
        assert [i for i, _ in pairs] == sorted(i for i, _ in pairs)
        assert [j for _, j in pairs] == sorted(j for _, j in pairs)


WORDINGS = [
    "Réduire la fracture numérique",
    "Inclusion numérique",
    "Développer les usages",
    "Développement des usages numériques",
    "L’éducation",
    "e-éducation",
]
AXIS = st.tuples(st.sampled_from(WORDINGS), st.sampled_from(vocabulary_codes("themes")[:4]))


# always the same pairs: equally similar ones may come in either order
@settings(max_examples=tries(40), deadline=None, derandomize=True)
@given(st.lists(AXIS, max_size=5), st.lists(AXIS, max_size=5))
def test_swapping_the_editions_mirrors_what_became_of_each_axis(old, new):
    before, after = edition(*old), edition(*new)
    if not old or not new:
        if old or new:
            other_edition = edition(("x", "autre")).head(0)
            assert match_priorities(
                before if old else other_edition, after if new else other_edition, similarity_matrix
            ).empty
        return
    forth, back = (
        match_priorities(before, after, similarity_matrix),
        match_priorities(after, before, similarity_matrix),
    )
    mirror = {"plus_relevee": "relevee_ensuite", "relevee_ensuite": "plus_relevee"}
    assert set(rows_of_table(forth)) == {
        (mirror.get(evolution, evolution), a, b, same)
        for evolution, b, a, same in rows_of_table(back)
    }
    assert sorted(forth["similarite"].dropna()) == sorted(back["similarite"].dropna())
    assert sorted(forth["rang_avant"].dropna()) == list(range(1, len(old) + 1))
    assert sorted(forth["rang_apres"].dropna()) == list(range(1, len(new) + 1))


# --- in words -------------------------------------------------------------------------------------


def test_sentences_count_and_quote():
    table = match_priorities(BEFORE, AFTER, similarity_matrix)
    kept_similarity, reworded, moved = (
        format_percent(value) for value in table["similarite"].dropna()
    )
    assert description.describe_changes(table) == [
        "4\xa0axes relevés dans l’édition précédente, 4 dans la nouvelle.",
        "1\xa0axe repris : « Réduire la fracture numérique » devient « Réduire les fractures "
        f"numériques » (ressemblance {kept_similarity}).",
        "2\xa0axes reformulés : « Développement des entreprises de la filière » devient « Soutenir "
        f"les entreprises » (ressemblance {reworded}) ; « Maîtriser la donnée » devient "
        f"« Maîtriser la data et l’IA » (ressemblance {moved}).",
        "1\xa0axe plus relevé : « Construire un hébergement souverain ».",
        "1\xa0axe relevé ensuite : « Former tous les agents ».",
        "3\xa0thèmes relevés dans les deux éditions (inclusion et médiation numériques, économie "
        "et innovation et données).",
    ]
    assert description.describe_changes(table.head(0)) == []


def test_an_axis_gone_whose_theme_stays_is_not_said_gone():
    before = edition(("Montée en débit", "infrastructures"))
    after = edition(("Des villes équipées", "territoire_intelligent", ["infrastructures"]))
    table = match_priorities(before, after, similarity_matrix)
    assert list(table["theme_dans_autre_edition"]) == [True, False]
    sentence = "« Montée en débit » (mais la nouvelle édition a un axe sur ce thème)."
    assert any(text.endswith(sentence) for text in description.describe_changes(table))


def test_the_table_for_reading():
    before = BEFORE.assign(certitude="deduit", source_url="https://exemple.fr/b")
    table = description.format_changes_table(match_priorities(before, AFTER, similarity_matrix))
    assert list(table.columns) == [
        *("Évolution", "Thème", "Avant", "Après", "Ressemblance", "Sources"),
    ]
    assert table.iloc[0]["Avant"] == "Axe 1 : Réduire la fracture numérique (déduit)"
    assert table.iloc[2]["Thème"] == "Données, puis Intelligence artificielle"
    assert table.iloc[3].tolist() == [
        "Plus relevée",
        "Hébergement et archivage (pas dans l’autre édition)",
        "Axe 3 : Construire un hébergement souverain (déduit)",
        "–",
        "–",
        "[Conseil](https://exemple.fr/b)",
    ]
    assert table.iloc[0]["Sources"] == (
        "[Conseil](https://exemple.fr/b) (avant), [Conseil](https://exemple.fr/a) (après)"
    )
    assert (
        description.format_changes_table(match_priorities(BEFORE, AFTER, similarity_matrix))[
            "Sources"
        ].nunique()
        == 1
    )
    assert re.fullmatch("9[0-9]\xa0%", table.iloc[0]["Ressemblance"])


# --- the editions of the corpus -------------------------------------------------------------------


def test_editions_are_those_that_a_source_declares_and_no_others(pairs):
    declared = {(row["remplace"], id_) for id_, row in STRATEGIES.items() if row["remplace"]}
    edition_id_pairs = set()
    for key, rows in pairs.items():
        assert not rows.duplicated(["avant", "apres"]).any()
        edition_id_pairs |= set(rows[["avant", "apres"]].itertuples(index=False, name=None))
        territory_strategies = OWN[tuple(key.split("-", 1))]
        for row in rows.itertuples():
            assert {row.avant, row.apres} <= set(territory_strategies)
            for side in ("avant", "apres"):
                document = STRATEGIES[getattr(row, side)]
                compared_year = getattr(row, f"annee_{side}")
                assert (None if pd.isna(compared_year) else compared_year) == document_year(
                    document
                )
                count = len(AXES[document["strategie_id"]])
                assert getattr(row, f"nb_priorites_{side}") == count
                assert getattr(row, f"titre_{side}") == document["titre"]
    assert len(declared) > 30 and edition_id_pairs == declared


@pytest.mark.parametrize("named", [False, True], ids=["all", "named"])
def test_every_pair_has_each_axis_exactly_once_and_mirrors(couples, named):
    compared = 0
    for before, after in couples if named else couples[::2]:
        table = matching.match_editions(before, after, named)
        old, new = (
            sorted((int(row["rang"]), row["intitule"]) for row in axes_read(id_, named))
            for id_ in (before, after)
        )
        sentence = editions_documents.comparability_note(before, after, named)
        silent = not old or not new
        assert silent == sentence.startswith("Pas de comparaison des axes : ")
        assert silent or sentence == PARTIAL_LISTS
        facing = editions_facts.compare_facts(before, after)
        assert len(description.facts_table(facing)) == len(facing) >= 8
        if not old or not new:
            assert table.empty and description.describe_changes(table) == []
            assert description.format_changes_table(table).empty
            continue
        compared += 1
        for side, axes in (("avant", old), ("apres", new)):
            rows = table.dropna(subset=f"rang_{side}")
            told_axes = zip(rows[f"rang_{side}"], rows[f"intitule_{side}"], strict=True)
            assert sorted(told_axes) == axes
            assert rows[f"source_url_{side}"].str.startswith("http").all()
        assert set(table["evolution"]) <= set(EVOLUTIONS)
        assert len(description.describe_changes(table)) == 6
        assert len(description.format_changes_table(table)) == len(table)
        back = matching.match_editions(after, before, named)
        mirror = {"plus_relevee": "relevee_ensuite", "relevee_ensuite": "plus_relevee"}
        assert sorted(map(mirror.get, table["evolution"], table["evolution"])) == sorted(
            back["evolution"]
        )
    assert compared >= 2


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            "region-94-sdtan-nd",
            "region-94-sdtan-2022",
            [("reprise", 3, 2), ("reformulee", 1, 1), ("plus_relevee", 2, None)],
        ),
        (
            "departement-15-strategie_numerique-1998",
            "departement-15-strategie_numerique-nd",
            [
                *(("reprise", 2, 1), ("reformulee", 1, 2)),
                *(
                    ("plus_relevee", 3, None),
                    ("plus_relevee", 4, None),
                    ("relevee_ensuite", None, 3),
                ),
            ],
        ),
    ],
)
def test_known_editions(before, after, expected):
    assert [
        row[:3] for row in rows_of_table(matching.match_editions(before, after, False))
    ] == expected


def test_words_of_ours_are_compared_only_when_asked():
    before, after = "region-94-sdtan-nd", "region-94-sdtan-2022"
    assert {row["certitude"] for id_ in (before, after) for row in AXES[id_]} == {"explicite"}
    pd.testing.assert_frame_equal(
        matching.match_editions(before, after),
        matching.match_editions(before, after, named_only=False),
    )
    # the second document of Cantal names none of its axes
    before = "departement-15-strategie_numerique-1998"
    after = "departement-15-strategie_numerique-nd"
    assert {row["certitude"] for row in AXES[after]} == {"deduit"}
    assert matching.match_editions(before, after).empty


def test_amounts_are_those_of_maps_and_comparisons():
    def known_or_none(value: object) -> object:
        return None if pd.isna(value) else value

    ids = sorted({row["strategie_id"] for row in facts("budgets")})
    expected = {}
    for row in facts("budgets"):
        line = row["strategie_id"], row["perimetre"], row["etape"], row["recurrence"]
        if not row["inclus_dans"] and row["perimetre"] in PERIMETERS:
            expected.setdefault(line, []).append(row)
    for line, rows in expected.items():
        when = [(row["annee_fin"], row["annee_debut"]) for row in rows]
        rows = [
            row for row, years in zip(rows, when, strict=True) if years == max(when) or not line[3]
        ]
        dated = [[int(row[c]) for row in rows if row[c]] for c in ("annee_debut", "annee_fin")]
        ends = (
            choose(years) if len(years) == len(rows) else None
            for choose, years in zip((min, max), dated, strict=True)
        )
        expected[line] = (sum(float(row["montant"]) for row in rows), *ends)
    actual = {
        (row.strategie_id, row.perimetre, row.etape, row.recurrence): (
            row.montant,
            known_or_none(row.annee_debut),
            known_or_none(row.annee_fin),
        )
        for row in amounts_by_key(ids).itertuples()
    }
    assert len(actual) > 100
    assert actual.keys() == expected.keys()
    for line, (amount, *years) in actual.items():
        assert amount == pytest.approx(expected[line][0]), line
        assert tuple(years) == expected[line][1:], line


def test_unknown_documents_are_refused():
    for function in (
        matching.match_editions,
        editions_documents.comparability_note,
        editions_facts.compare_facts,
    ):
        with pytest.raises(KeyError, match="nulle-part"):
            function("region-94-sdtan-nd", "nulle-part")


# --- calendar, governance, money: invented editions -----------------------------------------------


def whole(budget_id: str, of: str, montant: float, **cells: object) -> dict:
    return amount_row(budget_id, of, montant, etendue="ensemble", **cells)


INVENTED = {
    "sources": [source_row()],
    "strategies": [
        strategy_row("a-2016", "35", annee_debut=2016, annee_fin=2020, pilotage="dgs"),
        strategy_row(
            "b-2021", "35", annee_debut=2021, annee_fin=2025, pilotage="elu", remplace="a-2016"
        ),
        strategy_row(
            "c-2026", "35", annee_debut=2026, annee_fin=2027, certitude="deduit", remplace="b-2021"
        ),
        strategy_row("seule-nd", "35"),
        strategy_row("large-2026", "35", annee_debut=2026, annee_fin=2030),
        strategy_row("meme-date", "35", annee_debut=2026),
    ],
    "couvertures": [
        {"strategie_id": "large-2026", "territoire_niveau": "departement", "territoire_code": "22"}
    ],
    "budgets": [
        whole("a-total", "a-2016", 5_000_000, annee_debut=2016, annee_fin=2020),
        whole("a-part", "a-2016", 1_000_000, inclus_dans="a-total"),
        whole("a-an", "a-2016", 100_000, recurrence="annuel"),
        whole("a-estime", "a-2016", 9, etape="estime"),
        whole("a-realise", "a-2016", 10, etape="realise", nature="fonctionnement"),
        whole("b-total", "b-2021", 8_000_000, annee_debut=2021, annee_fin=2025),
        whole("b-an", "b-2021", 100_000, recurrence="annuel"),
        whole("b-estime", "b-2021", 9, etape="estime", annee_debut=2021, annee_fin=2025),
        whole("b-realise", "b-2021", 10, etape="realise", nature="investissement"),
        whole("c-total", "c-2026", 2_000_000, annee_debut=2026, annee_fin=2027),
        whole("c-action", "c-2026", 1, perimetre="action"),
        whole("large", "large-2026", 9_000_000, annee_debut=2026, annee_fin=2030),
    ],
}


@pytest.fixture(scope="module")
def invented_database(built_once) -> Path:
    return built_once(
        "editions.duckdb", partial(build_database, tables=INVENTED, created="2028-05-01")
    )


@pytest.fixture
def invented(invented_database, monkeypatch) -> None:
    monkeypatch.setenv("STRATOSCOPE_DATABASE", str(invented_database))


def line(facts: pd.DataFrame, fact: str) -> pd.Series:
    (row,) = [row for _, row in facts.iterrows() if row["fait"] == fact]
    return row


def test_documents_of_one_type_that_nothing_declares_are_not_editions(invented):
    rows = editions_documents.edition_pairs("departement-35")
    assert list(rows[["avant", "apres"]].itertuples(index=False, name=None)) == [
        ("a-2016", "b-2021"),
        ("b-2021", "c-2026"),
    ]
    assert editions_documents.comparability_note("a-2016", "b-2021") == (
        "Pas de comparaison des axes : aucun axe n’est relevé pour « a-2016 » ni « b-2021 »."
    )
    assert matching.match_editions("a-2016", "b-2021").empty


def test_facts_are_the_same_different_or_unknown(invented):
    facts = editions_facts.compare_facts("a-2016", "b-2021").set_index("fait")
    assert facts["evolution"].to_dict() == {
        "Type": "inchange",
        "État": "inchange",  # both are over in 2028
        "Adoption": "inconnu",
        "Période": "change",
        "Porteur": "inconnu",
        "Pilotage": "change",
        "Gouvernance": "inconnu",
        "Habitants de l’aire couverte": "inchange",
        "Usages et services, estimé": "non_calculee",
        "Usages et services, voté": "change",
        "Usages et services, voté (par an)": "inchange",
        "Usages et services, réalisé": "non_calculee",
    }
    assert facts.loc["Porteur", ["avant", "apres"]].tolist() == ["non renseigné"] * 2
    assert facts.loc["État", "certitude_avant"] == "deduit"  # computed from its period


def test_amounts_differ_over_as_many_years(invented):
    row = line(editions_facts.compare_facts("a-2016", "b-2021"), "Usages et services, voté")
    assert (row["montant_avant"], row["montant_apres"]) == (5e6, 8e6)  # the part is not added
    assert (row["difference"], row["unite"]) == (3e6, "€")
    assert row["note"] == "Différence : +\xa03\xa0M€ (périodes de même durée)."
    assert row["avant"] == "5\xa0M€ (2016-2020)"


def test_amounts_over_fewer_years_differ_by_year(invented):
    row = line(editions_facts.compare_facts("b-2021", "c-2026"), "Usages et services, voté")
    assert (row["difference"], row["unite"]) == (-600_000, "€/an")
    assert row["note"].startswith("Différence : −\xa0600\u202f000\xa0€ par an")
    facts = editions_facts.compare_facts("b-2021", "c-2026")
    assert not facts["fait"].str.contains("action").any()


@pytest.mark.parametrize(
    ("before", "after", "fact", "why"),
    [
        ("a-2016", "b-2021", "Usages et services, estimé", "la durée d’une des périodes"),
        ("a-2016", "b-2021", "Usages et services, réalisé", "les natures de dépense"),
        ("a-2016", "large-2026", "Usages et services, voté", "la même aire"),
    ],
)
def test_no_difference_where_it_would_mean_nothing(invented, before, after, fact, why):
    row = line(editions_facts.compare_facts(before, after), fact)
    assert row["evolution"] == "non_calculee" and pd.isna(row["difference"])
    assert row["note"].startswith("Différence non calculée : ") and why in row["note"]


def test_an_amount_of_one_edition_only_is_unknown_in_the_other(invented):
    row = line(editions_facts.compare_facts("a-2016", "c-2026"), "Usages et services, réalisé")
    assert row["apres"] == "non renseigné" and pd.isna(row["montant_apres"])
    assert (row["evolution"], row["note"]) == ("inconnu", "")
    assert amounts_by_key([]).empty
