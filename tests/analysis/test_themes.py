"""Themes: who sets each, how often, in which words, and which strategies are worded alike."""

from collections import Counter, defaultdict

import numpy as np
import pandas as pd
import pytest
from recounted import (
    OWN,
    STRATEGIES,
    SUBJECTS,
    TERRITORIES,
    YEAR,
    axes_read,
    borne,
    document_year,
    facts,
    family,
    lead,
    named_ranks,
    names_no_document,
    order_in_family,
)

from comparisons.analysis.editions.wording_similarity import similarity_matrix
from comparisons.analysis.shared_services.needs import THEME_SERVICES
from comparisons.analysis.themes import similar_strategies
from comparisons.analysis.themes.frequency import (
    describe_frequency,
    frequency,
    frequency_by_level,
    latest,
    read_by_family,
)
from comparisons.analysis.themes.theme_profile import ThemeProfile, levels_statements, load_theme
from comparisons.charts.themes import frequency_figure
from comparisons.database.connection import query
from comparisons.page_parameters import ThemesParameters
from comparisons.queries import thresholds
from comparisons.queries.family_subjects import OVERALL, subject
from comparisons.queries.periods import UNDATED, period, period_label, to_periods
from comparisons.schema.model import code_label, vocabulary_codes
from comparisons.schema.registry import table_columns
from comparisons.schema.territory import LEVELS
from comparisons.text_similarity import MIN_SIMILARITY, MIN_SIMILARITY_SAME_THEME

pytestmark = pytest.mark.usefixtures("database")

THEME = "inclusion_mediation"


@pytest.fixture(scope="module", params=[False, True], ids=["all", "named"])
def named(request) -> bool:
    """Whether only the axes that documents name are read."""
    return request.param


def themes_of(id_: str, named: bool) -> set[str]:
    """The themes of the axes of a document that are read; none for a page that names none."""
    return set() if names_no_document(id_) else set().union(*map(borne, axes_read(id_, named)))


def speaking(ids: list[str]) -> str:
    """Return the document that speaks: one of the whole, in force before over, then the latest."""
    return min(ids, key=lambda id_: order_in_family(id_, YEAR))


def one_per_place(family_code: str, named: bool, periods: bool = True) -> list[str]:
    """Return the documents of a family that are counted, one per territory and period."""
    groups = defaultdict(list)
    for id_, row in STRATEGIES.items():
        if family(id_) == family_code and themes_of(id_, named):
            groups[lead(row), period(document_year(row)) if periods else ""].append(id_)
    return [speaking(ids) for ids in groups.values()]


def period_of(id_: str) -> str:
    return period(document_year(STRATEGIES[id_]))


@pytest.fixture(scope="module")
def profile(database, named) -> ThemeProfile:
    return load_theme(THEME, named)


# --- one theme ------------------------------------------------------------------------------------


def test_a_theme_has_the_texts_of_its_vocabulary(profile):
    assert profile.famille == "Habitants" and profile.libelle == "Inclusion et médiation numériques"


def speaks(id_: str, named: bool) -> bool:
    read = any(THEME in borne(axis) for axis in axes_read(id_, named))
    return read or SUBJECTS.get(family(id_)) == THEME


def read_overall(key: tuple, named: bool) -> list[str]:
    """The overall strategies that were read: a page where no document is named is none."""
    return [id_ for id_ in OWN[key] if family(id_) == OVERALL and themes_of(id_, named)]


def test_territories_of_a_theme_are_those_with_a_document_that_speaks_of_it(profile, named):
    expected = {"-".join(key) for key, ids in OWN.items() if any(speaks(id_, named) for id_ in ids)}
    assert set(profile.territoires["cle"]) == expected
    for row in profile.territoires.itertuples():
        key = tuple(row.cle.split("-"))
        ids = [id_ for id_ in OWN[key] if speaks(id_, named)]
        assert set(row.strategie_ids) == set(ids)
        assert set(row.familles) == set(map(family, ids))
        years = [document_year(STRATEGIES[id_]) for id_ in ids]
        assert (None if pd.isna(row.premier_document) else row.premier_document) == min(
            filter(None, years), default=None
        )
        # what was not read is unknown, not zero
        read_ = any(THEME in borne(axis) for id_ in ids for axis in axes_read(id_, named))
        assert pd.notna(row.nb_intitules) == pd.notna(row.nomme) == read_
        overall = read_overall(key, named)
        first = speaking(overall) if overall else None
        holds = bool(first) and THEME in themes_of(first, named)
        if first and (holds or STRATEGIES[first]["liste_axes"] == "complete"):
            assert row.dans_ensemble == holds
        else:  # a partial list does not say no
            assert pd.isna(row.dans_ensemble)
    order = [LEVELS.index(level) for level in profile.territoires["territoire_niveau"]]
    assert order == sorted(order)


def test_levels_count_overall_strategies_that_were_read_and_special_documents_apart(profile, named):
    rows = profile.niveaux.set_index("territoire_niveau")
    assert tuple(rows.index) == LEVELS
    counts = {level: Counter() for level in LEVELS}
    for key, ids in OWN.items():
        count, overall = counts[key[0]], read_overall(key, named)
        first = speaking(overall) if overall else None
        holds = bool(first) and THEME in themes_of(first, named)
        count["nb_listes_completes"] += (
            bool(first) and STRATEGIES[first]["liste_axes"] == "complete"
        )
        count["nb_connus"] += bool(first)
        count["nb"] += holds
        special = any(
            speaks(id_, named) and family(id_) != OVERALL and not names_no_document(id_)
            for id_ in ids
        )
        count["nb_specialises"] += special and not holds
    for level, count in counts.items():
        for column in ("nb_connus", "nb", "nb_specialises", "nb_listes_completes"):
            assert rows.loc[level, column] == count[column], (level, column)
        share = (
            count["nb"] / count["nb_connus"]
            if count["nb_connus"] >= thresholds.SHARE_FROM
            else None
        )
        stated_share = rows.loc[level, "part"]
        assert (pd.isna(stated_share) and share is None) or stated_share == pytest.approx(share)
    assert {level for level in LEVELS if pd.isna(rows.loc[level, "part"])} >= {"region", "commune"}
    totals = Counter(level for level, _ in TERRITORIES)
    assert dict(rows["nb_territoires"]) == totals


def test_an_own_subject_is_no_priority():
    """A plan of networks does not choose networks among other themes."""
    themes = set(vocabulary_codes("themes"))
    families = vocabulary_codes("familles_strategie")
    assert {subject(family) for family in families} - {""} <= themes
    assert [family for family in families if not subject(family)] == [OVERALL, "autre"]
    rows = load_theme("infrastructures").niveaux.set_index("territoire_niveau")
    plans = query(
        "SELECT count(DISTINCT territoire_code) AS n FROM etats_strategies "
        "WHERE famille = 'reseaux' AND territoire_niveau = 'departement'"
    )["n"].iloc[0]
    assert rows.loc["departement", "nb_connus"] < 40 < plans
    assert "infrastructures" not in set(frequency("reseaux")["theme"])


def test_levels_are_said_as_one_would():
    rows = pd.DataFrame(
        [
            ("region", 0, 0, None, 2, 18),
            ("departement", 27, 17, 17 / 27, 12, 101),
            ("epci", 1, 1, None, 1, 1266),
            ("commune", 21, 0, 0.0, 0, 34875),
        ],
        columns=["territoire_niveau", "nb_connus", "nb", "part", "nb_specialises",
                 "nb_territoires"],
    ).assign(portee="p", reserves=[["r"]] * 4)  # fmt: skip
    statements = levels_statements(rows)
    assert {(statement.portee, statement.reserves) for statement in statements} == {("p", ("r",))}
    texts = [statement.texte.replace("\N{NO-BREAK SPACE}", " ") for statement in statements]
    assert [text.replace("\N{NARROW NO-BREAK SPACE}", " ") for text in texts] == [
        "Régions : aucune stratégie d’ensemble lue ; 2 autres ont un document spécialisé qui en "
        "parle.",
        "27 départements sur 101 ont une stratégie d’ensemble lue : 17 y parlent de ce thème "
        "(63 %) ; 12 autres ont un document spécialisé qui en parle.",
        "1 intercommunalité sur 1 266 a une stratégie d’ensemble lue : 1 y parle de ce thème ; "
        "1 autre a un document spécialisé qui en parle.",
        "21 communes sur 34 875 ont une stratégie d’ensemble lue : aucune n’y parle de ce thème.",
    ]


def test_wordings_are_those_of_the_documents(profile, named):
    expected = {
        (id_, int(axis["rang"])): axis
        for id_ in STRATEGIES
        for axis in axes_read(id_, named)
        if THEME in borne(axis)
    }
    rows, ranks = profile.intitules, named_ranks()
    counts = Counter(id_ for id_, _ in ranks)
    assert sorted(zip(rows["strategie_id"], rows["rang"], strict=True)) == sorted(expected)
    for row in rows.itertuples():
        axis = expected[row.strategie_id, row.rang]
        assert row.intitule == axis["intitule"]
        # the rank of a named axis is counted among the named ones; another has none
        assert row.nomme == (axis["certitude"] == "explicite")
        assert row.nb_axes_nommes == counts[row.strategie_id] <= row.nb_axes
        rank = None if pd.isna(row.rang_nomme) else row.rang_nomme
        assert rank == ranks.get((row.strategie_id, axis["rang"]))
        assert row.principal == (axis["theme"] == THEME)
        assert row.source_id == axis["source_id"] and row.source_url.startswith("http")
    assert "Promouvoir un numérique responsable" not in set(rows["intitule"])
    assert "Inclusion numérique" in set(rows["intitule"])


def test_amounts_of_a_theme_are_shown_and_never_summed():
    tied = query("SELECT * FROM budgets WHERE priorite_rang IS NOT NULL")
    budgets_by_theme = {theme: load_theme(theme).budgets for theme in ("infrastructures", THEME)}
    for theme, rows in budgets_by_theme.items():
        axes_of = query(
            "SELECT strategie_id, rang FROM priorites "
            "WHERE theme = $t OR list_contains(themes_secondaires, $t)",
            {"t": theme},
        ).rename(columns={"rang": "priorite_rang"})
        expected = tied.merge(axes_of, on=["strategie_id", "priorite_rang"])
        assert set(rows["budget_id"]) == set(expected["budget_id"])
        amounts = expected.set_index("budget_id")["montant"]
        assert list(rows["montant"]) == list(amounts[rows["budget_id"]])
        perimeter_ranks = [vocabulary_codes("perimetres").index(code) for code in rows["perimetre"]]
        assert perimeter_ranks == sorted(perimeter_ranks)
    assert len(budgets_by_theme["infrastructures"]) > 5


def test_bodies_offer_services_that_answer_the_theme(profile):
    services = THEME_SERVICES[THEME][0]
    links = query("SELECT * FROM mutualisations")
    pending = links["solution"].str.contains(r"\((?:en projet|expérimentation)\)$", na=False)
    links = links[links["service"].isin(services) & ~pending]
    links["cle"] = links["territoire_niveau"] + "-" + links["territoire_code"]
    stated_links = links[links["certitude"] == "explicite"]
    counts = profile.organismes.set_index("partenaire_id")[["nb_cites", "nb_deduits"]]
    assert dict(counts.sum(axis=1)) == dict(links.groupby("partenaire_id")["cle"].nunique())
    cited = counts.loc[counts["nb_cites"] > 0, "nb_cites"]
    assert dict(cited) == dict(stated_links.groupby("partenaire_id")["cle"].nunique())
    assert profile.organismes["nb_cites"].is_monotonic_decreasing
    offered_services = profile.organismes.explode("services")["services"]
    assert set(offered_services) == set(links["service"])
    assert profile.services == services and "Médiation numérique" in profile.pourquoi


def test_an_unknown_theme_is_refused():
    with pytest.raises(KeyError):
        load_theme("blockchain")
    with pytest.raises(KeyError):
        frequency(level="canton")
    with pytest.raises(KeyError):
        frequency("sdtan")


# --- frequencies ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "code"),
    [(2015, "2015-2019"), (2019, "2015-2019"), (2020, "2020-2024"), (None, UNDATED)],
)
def test_bands_of_five_years(year, code):
    assert period(year) == code
    assert list(to_periods(pd.Series([year], dtype="Int64"))) == [code]
    assert period_label(UNDATED) == "Sans date"


@pytest.mark.parametrize("kind", [OVERALL, "inclusion", "intelligence_artificielle"])
@pytest.mark.parametrize("level", [None, "epci"])
def test_frequencies_are_of_one_family_and_one_document_per_territory_and_period(
    named, level, kind
):
    ids = [
        id_
        for id_ in one_per_place(kind, named)
        if level in (None, STRATEGIES[id_]["territoire_niveau"])
    ]
    total = Counter(map(period_of, ids))
    documents_with_theme = Counter(
        (theme, period_of(id_)) for id_ in ids for theme in themes_of(id_, named)
    )
    entire = Counter(period_of(id_) for id_ in ids if STRATEGIES[id_]["liste_axes"] == "complete")
    rows = frequency(kind, level, named)
    assert set(rows["theme"]) == set(vocabulary_codes("themes")) - {subject(kind)}
    assert dict(rows.groupby("periode")["nb_connues"].first()) == total
    for row in rows.itertuples():
        assert row.famille == kind and row.nb == documents_with_theme[row.theme, row.periode]
        assert row.nb_listes_completes == entire[row.periode] and family_label(kind) in row.portee
        partial = row.nb_listes_completes < row.nb_connues
        assert any("partielles" in reserve for reserve in row.reserves) == partial
        if row.nb_connues < thresholds.SHARE_FROM:
            assert pd.isna(row.part)
        else:
            assert row.part == pytest.approx(row.nb / row.nb_connues)
    periods = list(rows["periode"].unique())
    assert periods == sorted(periods, key=lambda code: (code == UNDATED, code))


def test_frequencies_by_level(named):
    levels = {
        id_: STRATEGIES[id_]["territoire_niveau"] for id_ in one_per_place(OVERALL, named, False)
    }
    total = Counter(levels.values())
    documents_with_theme = Counter(
        (theme, level) for id_, level in levels.items() for theme in themes_of(id_, named)
    )
    for row in frequency_by_level(named_only=named).itertuples():
        assert row.nb == documents_with_theme[row.theme, row.territoire_niveau]
        assert row.nb_connues == total[row.territoire_niveau]


def test_read_documents_are_counted_by_family(named):
    expected = Counter(family(id_) for id_ in STRATEGIES if themes_of(id_, named))
    assert read_by_family(named) == {
        code: expected[code] for code in vocabulary_codes("familles_strategie")
    }


def test_a_family_is_kept_in_the_address():
    view, notices = ThemesParameters.from_query({"partie": ["frequence"], "famille": ["inclusion"]})
    assert view.famille == "inclusion" and not notices
    assert view.to_query() == {"partie": ["frequence"], "famille": ["inclusion"]}
    assert ThemesParameters().famille == OVERALL


def test_too_few_documents_make_no_trend(named):
    rows = frequency(named_only=named)
    last = [id_ for id_ in one_per_place(OVERALL, named) if period_of(id_) == "2025-2029"]
    document_count = sum("intelligence_artificielle" in themes_of(id_, named) for id_ in last)
    statement = latest(rows)
    assert statement.portee and statement.reserves
    text = statement.texte.replace("\N{NO-BREAK SPACE}", " ")
    assert 0 < len(last) < thresholds.SHARE_FROM
    assert text.startswith(f"{len(last)} stratégie") and "depuis 2025" in text
    assert f"est relevé dans {document_count or 'aucune'}." in text
    assert text.endswith("Trop peu pour une tendance.")
    enough = rows[rows["periode"] != UNDATED].assign(nb_connues=thresholds.SHARE_FROM)
    assert latest(enough) is None is latest(rows[rows["periode"] == UNDATED])


@pytest.mark.parametrize("narrow", [False, True])
def test_the_figure_draws_no_share_of_too_few(narrow):
    rows = frequency()
    _, grid, words = frequency_figure(rows, narrow=narrow).data
    hovers = grid.hovertext.ravel()
    few = (rows["nb_connues"] < thresholds.SHARE_FROM).to_numpy()
    assert (np.isnan(grid.z).ravel() == few).all()
    for row, label, hover in zip(rows.itertuples(), words.text, hovers, strict=True):
        assert f"{row.nb} sur " in hover
        assert label == (f"{row.nb}/{row.nb_connues}" if row.nb_connues < thresholds.SHARE_FROM else
                         f"{round(100 * row.part)}\N{NO-BREAK SPACE}%")  # fmt: skip
    assert frequency_figure(rows.iloc[:0]) is None


def luminance(colour: str) -> float:
    channels = [int(colour[offset : offset + 2], 16) / 255 for offset in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


@pytest.mark.parametrize("dark", [False, True])
def test_words_are_read_on_every_colour(dark):
    shares = np.linspace(0, 1, 41)
    rows = pd.DataFrame({"theme": "donnees", "periode": [str(i) for i in range(41)], "nb": 1,
                         "nb_connues": 9, "part": shares})  # fmt: skip
    _, grid, words = frequency_figure(rows, dark=dark).data
    stops = [colour for _, colour in grid.colorscale]
    parts = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in stops], float)
    for share, ink in zip(shares, words.textfont.color, strict=True):
        cell = [np.interp(share, np.linspace(0, 1, len(stops)), parts[:, i]) for i in range(3)]
        lights = sorted(
            [luminance(ink), luminance("#{:02x}{:02x}{:02x}".format(*map(round, cell)))]
        )
        assert (lights[1] + 0.05) / (lights[0] + 0.05) >= 4.4, (share, ink)


def test_what_the_figure_shows_is_said(named):
    rows = frequency(named_only=named)
    sentence = describe_frequency(rows).replace("\N{NO-BREAK SPACE}", " ")
    ids = one_per_place(OVERALL, named)
    period_documents = [id_ for id_ in ids if period_of(id_) == "2015-2019"]
    most = Counter(theme for id_ in period_documents for theme in themes_of(id_, named))
    most = most.most_common(1)[0][1]
    share = (
        f", {round(100 * most / len(period_documents))} %"
        if len(period_documents) >= thresholds.SHARE_FROM
        else ""
    )
    assert f"({most} sur {len(period_documents)}{share})" in sentence
    few = sum(period_of(id_) == "2010-2014" for id_ in ids)
    assert 0 < few < thresholds.SHARE_FROM
    assert f"2010-2014 : {few} documents, trop peu pour une part" in sentence
    assert "Régions" in describe_frequency(frequency_by_level())


# --- strategies worded alike ----------------------------------------------------------------------

ISERE = "departement-38-feuille_route_inclusion-2025"


@pytest.fixture(scope="module")
def some_near(database) -> dict[str, pd.DataFrame]:
    """All that is near some strategies."""
    return {
        id_: similar_strategies.similar_strategies(id_, limit=10_000)
        for id_ in similar_strategies.searchable_strategies()["strategie_id"]
    }


@pytest.fixture(scope="module")
def one_near(some_near) -> str:
    """A strategy that others are near."""
    return max(some_near, key=lambda id_: len(some_near[id_]))


def family_label(code: str) -> str:
    return f"« {code_label('familles_strategie', code)} »"


def test_near_strategies_are_of_one_family_with_three_axes_and_two_answers_each(some_near):
    axes = {id_: axes_read(id_, named=True) for id_ in STRATEGIES}
    lists = {id_: row["liste_axes"] for id_, row in STRATEGIES.items()}
    assert set(some_near) == {id_ for id_, rows in axes.items() if len(rows) >= 3}
    assert sum(map(len, some_near.values())) > 50
    for id_, rows in some_near.items():
        assert id_ not in set(rows["strategie_id"])
        assert "score" not in rows
        for row in rows.itertuples():
            assert family(row.strategie_id) == family(id_)
            assert family_label(family(id_)) in row.portee
            whole = {lists[id_], lists[row.strategie_id]} == {"complete"}
            assert len(row.reserves) == (not whole)
            assert (row.nb_axes, row.nb_axes_autre) == (len(axes[id_]), len(axes[row.strategie_id]))
            assert min(row.nb_axes, row.nb_axes_autre) >= 3
            assert min(row.nb_repondues, row.nb_repondues_autre) >= 2
        assert rows[["nb_repondues", "nb_repondues_autre"]].min(axis=1).is_monotonic_decreasing


def test_answers_are_the_same_from_either_side(some_near):
    for id_, rows in some_near.items():
        for row in rows.itertuples():
            back = some_near[row.strategie_id].set_index("strategie_id").loc[id_]
            assert (back["nb_repondues"], back["nb_axes"]) == (
                row.nb_repondues_autre,
                row.nb_axes_autre,
            )


def test_the_answers_counted_are_the_wordings_shown(some_near):
    axes_by_rank = {(row["strategie_id"], int(row["rang"])): row for row in facts("priorites")}
    for id_, similar in some_near.items():
        for row in similar.head(1).itertuples():
            rows = similar_strategies.matching_wordings(id_, row.strategie_id)
            assert rows["meilleure_ici"].sum() == row.nb_repondues == rows["rang"].nunique()
            assert rows["meilleure_autre"].sum() == row.nb_repondues_autre
            for pair in rows.itertuples():
                assert axes_by_rank[id_, pair.rang]["intitule"] == pair.intitule
                theirs = axes_by_rank[row.strategie_id, pair.rang_autre]
                assert theirs["intitule"] == pair.intitule_autre
                least = MIN_SIMILARITY_SAME_THEME if len(pair.themes_communs) else MIN_SIMILARITY
                assert pair.similarite >= least


def test_too_few_answers_are_said(some_near):
    for id_, rows in some_near.items():
        reason = similar_strategies.no_match_reason(id_)
        assert (reason == "") == (len(rows) > 0)
    alone = [
        similar_strategies.no_match_reason(id_) for id_, rows in some_near.items() if rows.empty
    ]
    assert any(
        reason.startswith("Un seul axe sur 3 se ressemble : trop peu pour parler de proximité")
        for reason in alone
    )
    short = min(id_ for id_ in STRATEGIES if len(axes_read(id_, named=True)) == 2)
    assert similar_strategies.similar_strategies(short).empty
    assert (
        "n’a que 2\N{NO-BREAK SPACE}axes relevés : trop peu"
        in similar_strategies.no_match_reason(short)
    )


def test_wordings_are_alike_as_they_are_between_two_editions(some_near, one_near):
    """The method is that of generations, to the territory's own name."""
    other_row = some_near[one_near].iloc[0]
    own_name = (
        similar_strategies.searchable_strategies().set_index("strategie_id").loc[one_near, "nom"]
    )
    rows = similar_strategies.matching_wordings(one_near, other_row["strategie_id"])
    alike = similarity_matrix(
        rows["intitule"], rows["intitule_autre"], f"{own_name} {other_row['nom']}"
    )
    assert list(rows["similarite"]) == pytest.approx(list(np.diag(alike)), abs=0.02)


def test_editions_of_one_territory_are_mentioned(some_near):
    kin = query(
        """
        SELECT DISTINCT a.strategie_id AS one, b.strategie_id AS other
        FROM territoires_couverts a
        JOIN territoires_couverts b USING (territoire_niveau, territoire_code)
        WHERE a.lien <> 'aire' AND b.lien <> 'aire'
        """
    )
    pairs = set(zip(kin["one"], kin["other"], strict=True))
    edition_names = {
        (id_, row.strategie_id): row.meme_collectivite
        for id_, rows in some_near.items()
        for row in rows.itertuples()
    }
    assert edition_names and all(same == (pair in pairs) for pair, same in edition_names.items())


def test_a_strategy_without_recorded_priorities_is_near_nothing():
    id_ = query("SELECT strategie_id FROM strategies ANTI JOIN priorites USING (strategie_id)")
    id_ = id_["strategie_id"].iloc[0]
    rows = similar_strategies.similar_strategies(id_)
    assert rows.empty and list(rows.columns) == table_columns("strategies_proches")
    assert similar_strategies.matching_wordings(id_, ISERE).empty
    assert similar_strategies.no_match_reason(id_).startswith("Aucune priorité n’est relevée")
    for function in (similar_strategies.similar_strategies, similar_strategies.no_match_reason):
        with pytest.raises(KeyError):
            function("departement-00-nulle-part")


def test_a_strategy_that_names_no_axis_is_near_nothing_unless_all_are_asked_for():
    ids = query(
        """
        SELECT strategie_id FROM priorites GROUP BY ALL
        HAVING count(*) FILTER (certitude = 'explicite') = 0 AND count(*) >= 3
        ORDER BY count(*) DESC, strategie_id
        """
    )["strategie_id"]
    id_ = ids.iloc[0]
    assert similar_strategies.similar_strategies(
        id_
    ).empty and "ne nomme aucun de ses axes" in similar_strategies.no_match_reason(id_)
    assert "ne nomme" not in similar_strategies.no_match_reason(id_, named_only=False)
    assert not set(ids) & set(similar_strategies.searchable_strategies()["strategie_id"])
    assert set(ids) <= set(
        similar_strategies.searchable_strategies(named_only=False)["strategie_id"]
    )
