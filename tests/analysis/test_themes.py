"""Themes: who sets each, how often, in which words, and which strategies are worded alike."""

from collections import Counter, defaultdict

import numpy as np
import pandas as pd
import pytest
from recounted import DATA, SPEAKS_FIRST, STATES, facts, read_csv, year

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
from comparisons.charts.themes import BLACK, WHITE, frequency_figure
from comparisons.database.connection import query
from comparisons.exports import table_writers
from comparisons.page_parameters import ThemesParameters
from comparisons.queries import thresholds
from comparisons.queries.family_subjects import OVERALL, families_about, subject
from comparisons.queries.periods import UNDATED, period, period_label, to_periods
from comparisons.schema import registry
from comparisons.schema.model import code_label, load_format, vocabulary_codes
from comparisons.schema.registry import described_tables
from comparisons.schema.territory import LEVELS
from comparisons.search.search import results_table, search_texts
from comparisons.text_similarity import MIN_SIMILARITY, MIN_SIMILARITY_SAME_THEME

pytestmark = pytest.mark.usefixtures("database")

THEME = "inclusion_mediation"
VOCABULARIES = DATA / "format" / "vocabulaires"


@pytest.fixture(scope="module", params=[False, True], ids=["all", "named"])
def named(request) -> bool:
    """Whether only the axes that documents name are read."""
    return request.param


@pytest.fixture(scope="module")
def axes(database, named) -> pd.DataFrame:
    """One row per priority × theme, counted apart from the code under test."""
    rows = query(
        f"""
        SELECT p.*, s.territoire_niveau, s.territoire_code, s.date_adoption, s.annee_debut
        FROM priorites p JOIN strategies s USING (strategie_id)
        WHERE p.certitude = 'explicite' OR NOT {named}
        """
    )
    secondary_themes = [[] if codes is None or codes is pd.NA else list(codes)
                        for codes in rows["themes_secondaires"].astype(object).where(
                  rows["themes_secondaires"].notna(), None)]  # fmt: skip
    themes = [[main, *more] for main, more in zip(rows["theme"], secondary_themes, strict=True)]
    year = rows["date_adoption"].str[:4].astype("Float64").fillna(rows["annee_debut"])
    return rows.assign(porte=themes, annee=year).explode("porte").reset_index(drop=True)


FAMILIES = {row["code"]: row["famille"] for row in read_csv(VOCABULARIES / "types_strategie.csv")}


@pytest.fixture(scope="module")
def documents(database, named) -> dict[str, dict]:
    """The documents with recorded axes, from the CSV files: family, place, year, themes."""
    documents_by_id = {}
    for row in facts("strategies"):
        documents_by_id[row["strategie_id"]] = {
            "id": row["strategie_id"],
            "place": (row["territoire_niveau"], row["territoire_code"]),
            "family": FAMILIES[row["type"]],
            "list": row["liste_axes"],
            "apart": row["portee"] != "ensemble",
            "described": row["portee"] == "article",
            "state": SPEAKS_FIRST.index(STATES[row["strategie_id"]]),
            "year": year(row["date_adoption"]) or year(row["annee_debut"]),
            "themes": set(),
        }
    for row in facts("priorites"):
        if row["certitude"] == "explicite" or not named:
            secondary_themes = (
                row["themes_secondaires"].split("|") if row["themes_secondaires"] else []
            )
            documents_by_id[row["strategie_id"]]["themes"] |= {row["theme"], *secondary_themes}
    return documents_by_id


def speaking(documents: list[dict]) -> dict:
    """Return the document that speaks: one of the whole, in force before over, then the latest."""
    return min(documents, key=lambda d: (d["apart"], d["state"], -(d["year"] or 0), d["id"]))


def one_per_place(documents: dict[str, dict], family: str, periods: bool = True) -> list[dict]:
    """Return the documents of a family that are counted, one per territory and period."""
    groups = defaultdict(list)
    for row in documents.values():
        if row["family"] == family and row["themes"] and not row["described"]:
            groups[row["place"], period(row["year"]) if periods else ""].append(row)
    return [speaking(rows) for rows in groups.values()]


@pytest.fixture(scope="module")
def profile(database, named) -> ThemeProfile:
    return load_theme(THEME, named)


# --- one theme ------------------------------------------------------------------------------------


def test_a_theme_has_the_texts_of_its_vocabulary(profile):
    assert profile.famille == "Habitants" and profile.libelle == "Inclusion et médiation numériques"


@pytest.fixture(scope="module")
def theirs(database, documents) -> dict[str, list[dict]]:
    """The documents of each territory, its own and shared ones."""
    rows = query("SELECT * FROM territoires_couverts WHERE lien <> 'aire'")
    documents_by_territory = defaultdict(list)
    for row in rows.itertuples():
        key = f"{row.territoire_niveau}-{row.territoire_code}"
        documents_by_territory[key].append(documents[row.strategie_id])
    return documents_by_territory


def speaks(document: dict, theme: str = THEME) -> bool:
    return theme in document["themes"] or document["family"] in families_about(theme)


def read_overall(territory_documents: list[dict]) -> list[dict]:
    """The overall strategies that were read: a page where no document is named is none."""
    return [
        d
        for d in territory_documents
        if d["family"] == OVERALL and d["themes"] and not d["described"]
    ]


def test_territories_of_a_theme_are_those_with_a_document_that_speaks_of_it(profile, theirs):
    expected = {
        key for key, territory_documents in theirs.items() if any(map(speaks, territory_documents))
    }
    assert set(profile.territoires["cle"]) == expected
    for row in profile.territoires.itertuples():
        territory_documents = [document for document in theirs[row.cle] if speaks(document)]
        assert set(row.strategie_ids) == {document["id"] for document in territory_documents}
        assert set(row.familles) == {document["family"] for document in territory_documents}
        years = [document["year"] for document in territory_documents if document["year"]]
        assert (None if pd.isna(row.premier_document) else row.premier_document) == min(
            years, default=None
        )
        # what was not read is unknown, not zero
        read_ = any(THEME in document["themes"] for document in territory_documents)
        assert pd.notna(row.nb_intitules) == pd.notna(row.nomme) == read_
        overall = read_overall(theirs[row.cle])
        first = speaking(overall) if overall else None
        if first and (THEME in first["themes"] or first["list"] == "complete"):
            assert row.dans_ensemble == (THEME in first["themes"])
        else:  # a partial list does not say no
            assert pd.isna(row.dans_ensemble)
    order = [LEVELS.index(level) for level in profile.territoires["territoire_niveau"]]
    assert order == sorted(order)


def test_levels_count_overall_strategies_that_were_read_and_special_documents_apart(
    profile, theirs
):
    rows = profile.niveaux.set_index("territoire_niveau")
    assert tuple(rows.index) == LEVELS
    counts = {level: Counter() for level in LEVELS}
    for key, territory_documents in theirs.items():
        count = counts[key.partition("-")[0]]
        overall = read_overall(territory_documents)
        count["nb_listes_completes"] += bool(overall) and speaking(overall)["list"] == "complete"
        holds = bool(overall) and THEME in speaking(overall)["themes"]
        count["nb_connus"] += bool(overall)
        count["nb"] += holds
        special = any(
            speaks(document) and document["family"] != OVERALL and not document["described"]
            for document in territory_documents
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
    all_ = query("SELECT territoire_niveau AS n, count(*) AS nb FROM territoires GROUP BY 1")
    assert dict(rows["nb_territoires"]) == dict(zip(all_["n"], all_["nb"], strict=True))


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


def test_wordings_are_those_of_the_documents(profile, axes):
    theme_axes = axes[axes["porte"] == THEME]
    rows = profile.intitules
    assert set(zip(rows["strategie_id"], rows["rang"], strict=True)) == set(
        zip(theme_axes["strategie_id"], theme_axes["rang"], strict=True)
    )
    assert len(rows) == len(theme_axes)
    axes_by_rank = theme_axes.set_index(["strategie_id", "rang"])
    explicit = query("SELECT strategie_id, rang FROM priorites WHERE certitude = 'explicite'")
    ranks = explicit.sort_values("rang").groupby("strategie_id")["rang"].agg(list)
    for row in rows.itertuples():
        axis = axes_by_rank.loc[(row.strategie_id, row.rang)]
        assert row.intitule == axis["intitule"]
        # the rank of a named axis is counted among the named ones; another has none
        assert row.nomme == (axis["certitude"] == "explicite")
        own_ranks = ranks.get(row.strategie_id, [])
        assert row.nb_axes_nommes == len(own_ranks) <= row.nb_axes
        rank = own_ranks.index(row.rang) + 1 if row.nomme else None
        assert (None if pd.isna(row.rang_nomme) else row.rang_nomme) == rank
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


@pytest.mark.parametrize("family", [OVERALL, "inclusion", "intelligence_artificielle"])
@pytest.mark.parametrize("level", [None, "epci"])
def test_frequencies_are_of_one_family_and_one_document_per_territory_and_period(
    documents, named, level, family
):
    family_documents = [
        d for d in one_per_place(documents, family) if level in (None, d["place"][0])
    ]
    total = Counter(period(d["year"]) for d in family_documents)
    documents_with_theme = Counter(
        (theme, period(d["year"])) for d in family_documents for theme in d["themes"]
    )
    entire = Counter(period(d["year"]) for d in family_documents if d["list"] == "complete")
    rows = frequency(family, level, named)
    assert set(rows["theme"]) == set(vocabulary_codes("themes")) - {subject(family)}
    assert dict(rows.groupby("periode")["nb_connues"].first()) == total
    for row in rows.itertuples():
        assert row.famille == family and row.nb == documents_with_theme[row.theme, row.periode]
        assert row.nb_listes_completes == entire[row.periode] and family_label(family) in row.portee
        partial = row.nb_listes_completes < row.nb_connues
        assert any("partielles" in reserve for reserve in row.reserves) == partial
        if row.nb_connues < thresholds.SHARE_FROM:
            assert pd.isna(row.part)
        else:
            assert row.part == pytest.approx(row.nb / row.nb_connues)
    periods = list(rows["periode"].unique())
    assert periods == sorted(periods, key=lambda code: (code == UNDATED, code))


def test_frequencies_by_level(documents, named):
    level_documents = one_per_place(documents, OVERALL, periods=False)
    assert len(level_documents) == len({d["place"] for d in level_documents})
    total = Counter(d["place"][0] for d in level_documents)
    documents_with_theme = Counter(
        (theme, d["place"][0]) for d in level_documents for theme in d["themes"]
    )
    for row in frequency_by_level(named_only=named).itertuples():
        assert row.nb == documents_with_theme[row.theme, row.territoire_niveau]
        assert row.nb_connues == total[row.territoire_niveau]


def test_read_documents_are_counted_by_family(documents, named):
    read_ = [d for d in documents.values() if d["themes"] and not d["described"]]
    expected = Counter(d["family"] for d in read_)
    assert read_by_family(named) == {
        code: expected[code] for code in vocabulary_codes("familles_strategie")
    }


def test_a_family_is_kept_in_the_address():
    view, notices = ThemesParameters.from_query({"partie": ["frequence"], "famille": ["inclusion"]})
    assert view.famille == "inclusion" and not notices
    assert view.to_query() == {"partie": ["frequence"], "famille": ["inclusion"]}
    assert ThemesParameters().famille == OVERALL


def test_too_few_documents_make_no_trend(documents, named):
    rows = frequency(named_only=named)
    last = [d for d in one_per_place(documents, OVERALL) if (d["year"] or 0) >= 2025]
    document_count = sum("intelligence_artificielle" in d["themes"] for d in last)
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
        assert ink in (BLACK, WHITE)


def test_what_the_figure_shows_is_said(documents, named):
    rows = frequency(named_only=named)
    sentence = describe_frequency(rows).replace("\N{NO-BREAK SPACE}", " ")
    period_documents = [
        d for d in one_per_place(documents, OVERALL) if period(d["year"]) == "2015-2019"
    ]
    most = Counter(theme for d in period_documents for theme in d["themes"]).most_common(1)[0][1]
    share = (
        f", {round(100 * most / len(period_documents))} %"
        if len(period_documents) >= thresholds.SHARE_FROM
        else ""
    )
    assert f"({most} sur {len(period_documents)}{share})" in sentence
    few = sum(period(d["year"]) == "2010-2014" for d in one_per_place(documents, OVERALL))
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


def named_axes() -> dict[str, list[dict]]:
    """The axes that each document names, from the CSV files."""
    axes_by_strategy = defaultdict(list)
    for row in facts("priorites"):
        if row["certitude"] == "explicite":
            axes_by_strategy[row["strategie_id"]].append(row)
    return axes_by_strategy


def test_near_strategies_are_of_one_family_with_three_axes_and_two_answers_each(some_near):
    axes = named_axes()
    family = {row["strategie_id"]: FAMILIES[row["type"]] for row in facts("strategies")}
    lists = {row["strategie_id"]: row["liste_axes"] for row in facts("strategies")}
    assert set(some_near) == {id_ for id_, rows in axes.items() if len(rows) >= 3}
    assert sum(map(len, some_near.values())) > 50
    for id_, rows in some_near.items():
        assert id_ not in set(rows["strategie_id"])
        assert "score" not in rows
        for row in rows.itertuples():
            assert family[row.strategie_id] == family[id_]
            assert family_label(family[id_]) in row.portee
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
    short = min(named_axes().items(), key=lambda item: (abs(len(item[1]) - 2), item[0]))[0]
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
    assert (
        similar_strategies.similar_strategies(id_).empty
        and tuple(similar_strategies.similar_strategies(id_).columns) == similar_strategies.COLUMNS
    )
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


# --- files ----------------------------------------------------------------------------------------


def test_every_table_is_described_column_by_column(profile, some_near, one_near):
    other_id = some_near[one_near]["strategie_id"].iloc[0]
    made_tables = {
        "textes": results_table(search_texts("fibre").hits),
        "niveaux_theme": profile.niveaux,
        "territoires_theme": profile.territoires,
        "intitules_theme": profile.intitules,
        "budgets_theme": profile.budgets,
        "organismes_theme": profile.organismes,
        "frequence_themes": frequency(),
        "frequence_niveaux": frequency_by_level(),
        "strategies_proches": similar_strategies.similar_strategies(one_near),
        "intitules_proches": similar_strategies.matching_wordings(one_near, other_id),
    }
    described = described_tables("themes")
    assert set(described) == set(made_tables)
    for name, rows in made_tables.items():
        assert tuple(rows.columns) == described[name].columns, name
        assert len(rows) and not rows.duplicated(list(described[name].primary_key)).any(), name
        for field in described[name].fields:
            assert field.title and field.description and field.example
            assert registry.find_field(field.name, rows.columns) == field, (name, field.name)
            if field.required:
                assert rows[field.name].notna().all(), (name, field.name)
            if field.vocabulary:
                values = rows[field.name].explode() if field.type == "list" else rows[field.name]
                assert set(values.dropna()) <= set(vocabulary_codes(field.vocabulary)), (
                    name,
                    field.name,
                )
        csv_text = table_writers.to_labelled_csv(rows).decode()
        assert "nan" not in csv_text.split(",") and "<NA>" not in csv_text
    assert table_writers.to_labelled_xlsx(made_tables)[:2] == b"PK"


def test_no_table_is_taken_for_another():
    groups = ("themes", "shared_services", "peers", "derived", "comparison")
    every = (*map(described_tables, groups), load_format().tables)
    shapes = [frozenset(table.columns) for tables in every for table in tables.values()]
    assert len(shapes) == len(set(shapes))
