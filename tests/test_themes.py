"""Themes: who sets each, how often, in which words, and which strategies are worded alike."""

import numpy as np
import pandas as pd
import pytest

from comparisons import exports
from comparisons.derived import (
    comparison_tables,
    derived_tables,
    peers_tables,
    pooling_tables,
    themes_tables,
)
from comparisons.format import codes, load_format
from comparisons.fulltext import search, table
from comparisons.generations.wordings import LEAST_WITH_THEME, LEAST_WITHOUT_THEME, likeness
from comparisons.pooling.needs import THEME_SERVICES
from comparisons.territories import LEVELS
from comparisons.themes import closest as near
from comparisons.themes.figures import BLACK, WHITE, frequency_figure
from comparisons.themes.frequency import LEAST, frequency, frequency_by_level, frequency_words
from comparisons.themes.overview import known, overview
from comparisons.themes.periods import UNDATED, band, band_label, bands
from comparisons.themes.sheet import Sheet, levels_sentences, sheet
from comparisons.warehouse import query

pytestmark = pytest.mark.usefixtures("database")

THEME = "inclusion_mediation"


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
    others = [[] if found is None or found is pd.NA else list(found)
              for found in rows["themes_secondaires"].astype(object).where(
                  rows["themes_secondaires"].notna(), None)]  # fmt: skip
    themes = [[main, *more] for main, more in zip(rows["theme"], others, strict=True)]
    year = rows["date_adoption"].str[:4].astype("Float64").fillna(rows["annee_debut"])
    return rows.assign(porte=themes, annee=year).explode("porte").reset_index(drop=True)


@pytest.fixture(scope="module")
def made(database, named) -> Sheet:
    return sheet(THEME, named)


# --- one theme ------------------------------------------------------------------------------------


def test_all_themes_are_counted(axes, named):
    rows = overview(named).set_index("theme")
    assert tuple(rows.index) == codes("themes")
    own = axes.groupby("porte")["strategie_id"].agg(["size", "nunique"])
    for theme, row in rows.iterrows():
        assert row["nb_intitules"] == own["size"].get(theme, 0)
        assert row["nb_strategies"] == own["nunique"].get(theme, 0)
    assert rows.loc[THEME, "famille"] == "Habitants"


def test_territories_that_set_a_theme_are_those_whose_strategies_do(made, axes):
    bearing = set(axes.loc[axes["porte"] == THEME, "strategie_id"])
    covered = query("SELECT * FROM territoires_couverts WHERE lien <> 'aire'")
    covered["cle"] = covered["territoire_niveau"] + "-" + covered["territoire_code"]
    theirs = covered[covered["strategie_id"].isin(bearing)]
    assert set(made.territoires["cle"]) == set(theirs["cle"])
    year = axes.groupby("strategie_id")["annee"].first()
    for row in made.territoires.itertuples():
        own = theirs.loc[theirs["cle"] == row.cle, "strategie_id"]
        assert set(row.strategie_ids) == set(own)
        first = year[own].min()
        assert (pd.isna(row.depuis) and pd.isna(first)) or row.depuis == first
    order = [LEVELS.index(level) for level in made.territoires["territoire_niveau"]]
    assert order == sorted(order)


def test_a_strategy_without_status_is_neither_going_on_nor_over(made):
    states = query("SELECT strategie_id, etat FROM etats_strategies").set_index("strategie_id")
    answers = set()
    for row in made.territoires.itertuples():
        own = set(states.loc[list(row.strategie_ids), "etat"])
        if own & {"adoptee", "en_revision", "en_elaboration"}:
            assert pd.notna(row.en_cours) and row.en_cours
        elif own == {"terminee"}:
            assert pd.notna(row.en_cours) and not row.en_cours
        else:
            assert own & {"statut_inconnu", "suite_inconnue"} and pd.isna(row.en_cours)
        answers.add(str(row.en_cours))
    assert len(answers) == 3


def test_levels_say_of_how_many_one_can_tell(made, axes, named):
    rows = made.niveaux.set_index("territoire_niveau")
    assert tuple(rows.index) == LEVELS
    which = "presence_nommee" if named else "presence"
    by_level = query(
        f"""
        SELECT territoire_niveau AS n, count(*) FILTER ({which}) AS nb,
               count(*) FILTER ({which}_en_cours) AS nb_en_cours
        FROM priorites_par_theme WHERE theme = ? GROUP BY 1
        """,
        [THEME],
    ).set_index("n")
    for column in ("nb", "nb_en_cours"):
        assert dict(rows[column]) == dict(by_level[column])
    untold = made.territoires[made.territoires["en_cours"].isna()]
    assert dict(rows["nb_statut_inconnu"]) == dict(untold["territoire_niveau"].value_counts())
    all_ = query("SELECT territoire_niveau AS n, count(*) AS nb FROM territoires GROUP BY 1")
    assert dict(rows["nb_territoires"]) == dict(zip(all_["n"], all_["nb"], strict=True))
    covered = query(
        """
        SELECT territoire_niveau AS n, count(DISTINCT territoire_code) AS nb
        FROM territoires_couverts
        WHERE lien <> 'aire' AND list_contains($ids, strategie_id) GROUP BY 1
        """,
        {"ids": list(axes["strategie_id"].unique())},
    )
    assert dict(rows["nb_connus"]) == dict(zip(covered["n"], covered["nb"], strict=True))
    assert list(rows["part"]) == pytest.approx(list(rows["nb"] / rows["nb_connus"]))
    said = levels_sentences(made.niveaux)
    number, known_ = rows.loc["commune", "nb"], rows.loc["commune", "nb_connus"]
    assert f"Communes : {number} sur {known_} dont les priorités" in said[-1]
    nothing = made.niveaux.assign(nb=pd.NA, nb_en_cours=pd.NA, nb_connus=0)
    assert "aucune priorité relevée" in levels_sentences(nothing)[0]


def test_wordings_are_those_of_the_documents(made, axes):
    own = axes[axes["porte"] == THEME]
    rows = made.intitules
    assert set(zip(rows["strategie_id"], rows["rang"], strict=True)) == set(
        zip(own["strategie_id"], own["rang"], strict=True)
    )
    assert len(rows) == len(own)
    written = own.set_index(["strategie_id", "rang"])
    explicit = query("SELECT strategie_id, rang FROM priorites WHERE certitude = 'explicite'")
    ranks = explicit.sort_values("rang").groupby("strategie_id")["rang"].agg(list)
    for row in rows.itertuples():
        said = written.loc[(row.strategie_id, row.rang)]
        assert row.intitule == said["intitule"]
        # the rank of a named axis is counted among the named ones; another has none
        assert row.nomme == (said["certitude"] == "explicite")
        own_ranks = ranks.get(row.strategie_id, [])
        assert row.nb_axes_nommes == len(own_ranks) <= row.nb_axes
        rank = own_ranks.index(row.rang) + 1 if row.nomme else None
        assert (None if pd.isna(row.rang_nomme) else row.rang_nomme) == rank
        assert row.principal == (said["theme"] == THEME)
        assert row.source_id == said["source_id"] and row.source_url.startswith("http")
    assert "Promouvoir un numérique responsable" not in set(rows["intitule"])
    assert "Inclusion numérique" in set(rows["intitule"])


def test_amounts_of_a_theme_are_shown_and_never_summed():
    tied = query("SELECT * FROM budgets WHERE priorite_rang IS NOT NULL")
    shown = {theme: sheet(theme).budgets for theme in ("infrastructures", THEME)}
    for theme, rows in shown.items():
        axes_of = query(
            "SELECT strategie_id, rang FROM priorites "
            "WHERE theme = $t OR list_contains(themes_secondaires, $t)",
            {"t": theme},
        ).rename(columns={"rang": "priorite_rang"})
        expected = tied.merge(axes_of, on=["strategie_id", "priorite_rang"])
        assert set(rows["budget_id"]) == set(expected["budget_id"])
        amounts = expected.set_index("budget_id")["montant"]
        assert list(rows["montant"]) == list(amounts[rows["budget_id"]])
        places = [codes("perimetres").index(code) for code in rows["perimetre"]]
        assert places == sorted(places)
    assert len(shown["infrastructures"]) > 5


def test_bodies_offer_services_that_answer_the_theme(made):
    services = THEME_SERVICES[THEME][0]
    links = query("SELECT * FROM mutualisations")
    links = links[links["service"].isin(services)]
    links["cle"] = links["territoire_niveau"] + "-" + links["territoire_code"]
    assert dict(made.organismes.set_index("partenaire_id")["nb_territoires"]) == dict(
        links.groupby("partenaire_id")["cle"].nunique()
    )
    assert made.organismes["nb_territoires"].is_monotonic_decreasing
    told = made.organismes.explode("services")["services"]
    assert set(told) == set(links["service"])
    assert made.services == services and "Médiation numérique" in made.pourquoi


def test_an_unknown_theme_is_refused():
    with pytest.raises(KeyError):
        sheet("blockchain")
    with pytest.raises(KeyError):
        frequency("canton")


# --- frequencies ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "code"),
    [(2015, "2015-2019"), (2019, "2015-2019"), (2020, "2020-2024"), (None, UNDATED)],
)
def test_bands_of_five_years(year, code):
    assert band(year) == code
    assert list(bands(pd.Series([year], dtype="Int64"))) == [code]
    assert band_label(UNDATED) == "Sans date"


@pytest.mark.parametrize("level", [None, "epci"])
def test_frequencies_are_counted_among_strategies_with_known_priorities(axes, named, level):
    own = axes if level is None else axes[axes["territoire_niveau"] == level]
    own = own.assign(periode=own["annee"].map(lambda y: band(y), na_action=None))
    total = own.groupby("periode")["strategie_id"].nunique()
    held = own.groupby(["porte", "periode"])["strategie_id"].nunique()
    rows = frequency(level, named)
    assert set(rows["theme"]) == set(codes("themes"))
    assert dict(rows.groupby("periode")["nb_connues"].first()) == dict(total)
    for row in rows.itertuples():
        assert row.nb == held.get((row.theme, row.periode), 0)
        if row.nb_connues < LEAST:
            assert pd.isna(row.part)
        else:
            assert row.part == pytest.approx(row.nb / row.nb_connues)
    assert list(rows["periode"].unique())[-1] == UNDATED


def test_frequencies_by_level(axes, named):
    total = axes.groupby("territoire_niveau")["strategie_id"].nunique()
    held = axes.groupby(["porte", "territoire_niveau"])["strategie_id"].nunique()
    for row in frequency_by_level(named).itertuples():
        assert row.nb == held.get((row.theme, row.territoire_niveau), 0)
        assert row.nb_connues == total[row.territoire_niveau]


@pytest.mark.parametrize("narrow", [False, True])
def test_the_figure_draws_no_share_of_too_few(narrow):
    rows = frequency()
    _, grid, words = frequency_figure(rows, narrow=narrow).data
    hovers = grid.hovertext.ravel()
    few = (rows["nb_connues"] < LEAST).to_numpy()
    assert (np.isnan(grid.z).ravel() == few).all()
    for row, shown, hover in zip(rows.itertuples(), words.text, hovers, strict=True):
        assert f"{row.nb} sur " in hover
        assert shown == (f"{row.nb}/{row.nb_connues}" if row.nb_connues < LEAST else
                         f"{round(100 * row.part)}\N{NO-BREAK SPACE}%")  # fmt: skip
    assert frequency_figure(rows.iloc[:0]) is None


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
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


def test_what_the_figure_shows_is_said(axes, named):
    rows = frequency(named_only=named)
    said = frequency_words(rows).replace("\N{NO-BREAK SPACE}", " ")
    recent = rows[rows["periode"] == "2020-2024"]
    most = recent.sort_values("nb", ascending=False, kind="stable").iloc[0]
    assert f"{most.nb} sur {most.nb_connues}" in said
    few = axes.loc[axes["annee"].between(1995, 1999), "strategie_id"].nunique()
    assert 0 < few < LEAST
    told = "1 stratégie" if few == 1 else f"{few} stratégies"
    assert f"1995-1999 : {told}, trop peu pour une part." in said
    assert "Régions" in frequency_words(frequency_by_level())


# --- strategies worded alike ----------------------------------------------------------------------

LEAST_AXES, LEAST_MATCHES = 3, 2


@pytest.fixture(scope="module")
def some_near(database) -> dict[str, pd.DataFrame]:
    """All that is near the strategies that may be near others."""
    found = {id_: near.closest(id_, limit=10_000) for id_ in near.comparable()["strategie_id"]}
    return {id_: rows for id_, rows in found.items() if len(rows)}


def test_one_matching_axis_or_a_short_list_is_no_likeness(some_near):
    axes = query("SELECT strategie_id, count(*) AS n FROM priorites GROUP BY ALL")
    counts = dict(zip(axes["strategie_id"], axes["n"], strict=True))
    for id_, rows in some_near.items():
        for row in rows.itertuples():
            assert min(counts[id_], counts[row.strategie_id]) >= LEAST_AXES
            assert min(row.nb_repondues, row.nb_repondues_autre) >= LEAST_MATCHES


def test_likeness_is_the_same_from_either_side(some_near):
    assert sum(map(len, some_near.values())) > 5
    for id_, rows in some_near.items():
        assert id_ not in set(rows["strategie_id"])
        assert rows["score"].is_monotonic_decreasing and rows["score"].between(0.001, 1).all()
        for row in rows.head(2).itertuples():
            back = near.closest(row.strategie_id, limit=10_000).set_index("strategie_id").loc[id_]
            assert (back["score"], back["nb_repondues"], back["nb_axes"]) == (
                row.score,
                row.nb_repondues_autre,
                row.nb_axes_autre,
            )


def test_the_score_is_that_of_the_wordings_shown(some_near):
    written = query("SELECT strategie_id, rang, intitule, theme FROM priorites")
    written = written.set_index(["strategie_id", "rang"])
    for id_, found in some_near.items():
        for row in found.head(2).itertuples():
            rows = near.evidence(id_, row.strategie_id)
            halves = (
                rows.loc[rows["meilleure_ici"], "similarite"].sum() / row.nb_axes
                + rows.loc[rows["meilleure_autre"], "similarite"].sum() / row.nb_axes_autre
            )
            assert row.score == pytest.approx(halves / 2, abs=1e-4)
            assert rows["meilleure_ici"].sum() == row.nb_repondues
            for pair in rows.itertuples():
                assert written.loc[(id_, pair.rang), "intitule"] == pair.intitule
                theirs = written.loc[(row.strategie_id, pair.rang_autre)]
                assert theirs["intitule"] == pair.intitule_autre
                least = LEAST_WITH_THEME if len(pair.themes_communs) else LEAST_WITHOUT_THEME
                assert pair.similarite >= least


def test_wordings_are_alike_as_they_are_between_two_editions(some_near):
    """The method is that of generations, to the territory's own name."""
    id_, found = next(iter(some_near.items()))
    other = found.iloc[0]
    rows = near.evidence(id_, other["strategie_id"])
    own = query(
        "SELECT nom FROM territoires JOIN strategies USING (territoire_niveau, territoire_code) "
        "WHERE strategie_id = ?",
        [id_],
    )["nom"].iloc[0]
    alike = likeness(rows["intitule"], rows["intitule_autre"], f"{own} {other['nom']}")
    assert list(rows["similarite"]) == pytest.approx(list(np.diag(alike)), abs=0.02)


def test_editions_of_one_territory_are_told(some_near):
    kin = query(
        """
        SELECT DISTINCT a.strategie_id AS one, b.strategie_id AS other
        FROM territoires_couverts a
        JOIN territoires_couverts b USING (territoire_niveau, territoire_code)
        WHERE a.lien <> 'aire' AND b.lien <> 'aire'
        """
    )
    pairs = set(zip(kin["one"], kin["other"], strict=True))
    told = {
        (id_, row.strategie_id): row.meme_collectivite
        for id_, rows in some_near.items()
        for row in rows.itertuples()
    }
    assert told
    assert all(same == (pair in pairs) for pair, same in told.items())


def test_a_strategy_without_recorded_priorities_is_near_nothing(some_near):
    known = next(iter(some_near))
    id_ = query("SELECT strategie_id FROM strategies ANTI JOIN priorites USING (strategie_id)")
    id_ = id_["strategie_id"].iloc[0]
    assert near.closest(id_).empty and tuple(near.closest(id_).columns) == near.COLUMNS
    assert near.evidence(id_, known).empty
    assert near.silent(id_).startswith("Aucune priorité n’est relevée")
    assert near.silent(known) == near.METHOD
    for asked in (near.closest, near.silent):
        with pytest.raises(KeyError):
            asked("departement-00-nulle-part")


def test_a_strategy_that_names_no_axis_is_near_nothing_unless_all_are_asked_for():
    ids = query(
        """
        SELECT strategie_id FROM priorites GROUP BY ALL
        HAVING count(*) FILTER (certitude = 'explicite') = 0 ORDER BY count(*) DESC, strategie_id
        """
    )["strategie_id"]
    id_ = ids.iloc[0]
    assert near.closest(id_).empty and "ne nomme aucun de ses axes" in near.silent(id_)
    assert len(near.closest(id_, named_only=False))
    assert near.silent(id_, named_only=False) == near.METHOD
    assert not set(ids) & set(near.comparable()["strategie_id"])
    assert set(ids) <= set(near.comparable(named_only=False)["strategie_id"])


# --- files ----------------------------------------------------------------------------------------


def test_every_table_is_described_column_by_column(made, some_near):
    id_, rows = next(iter(some_near.items()))
    other = rows["strategie_id"].iloc[0]
    made_tables = {
        "textes": table(search("fibre").hits),
        "themes": overview(),
        "niveaux_theme": made.niveaux,
        "territoires_theme": made.territoires,
        "intitules_theme": made.intitules,
        "budgets_theme": made.budgets,
        "organismes_theme": made.organismes,
        "frequence_themes": frequency(),
        "frequence_niveaux": frequency_by_level(),
        "strategies_proches": near.closest(id_),
        "intitules_proches": near.evidence(id_, other),
    }
    described = themes_tables()
    assert set(described) == set(made_tables)
    for name, rows in made_tables.items():
        assert tuple(rows.columns) == described[name].columns, name
        assert len(rows) and not rows.duplicated(list(described[name].primary_key)).any(), name
        for field in described[name].fields:
            assert field.title and field.description and field.example
            assert exports.field_of(field.name, rows.columns) == field, (name, field.name)
            if field.required:
                assert rows[field.name].notna().all(), (name, field.name)
            if field.vocabulary:
                values = rows[field.name].explode() if field.type == "list" else rows[field.name]
                assert set(values.dropna()) <= set(codes(field.vocabulary)), (name, field.name)
        written = exports.labelled_csv(rows).decode()
        assert "nan" not in written.split(",") and "<NA>" not in written
    assert exports.labelled_xlsx(made_tables)[:2] == b"PK"


def test_no_table_is_taken_for_another():
    every = (themes_tables(), pooling_tables(), peers_tables(), derived_tables(),
             comparison_tables(), load_format().tables)  # fmt: skip
    shapes = [frozenset(each.columns) for tables in every for each in tables.values()]
    assert len(shapes) == len(set(shapes))


def test_what_is_known_is_less_than_all_there_is():
    rows = known()
    assert list(rows["territoire_niveau"]) == list(LEVELS)
    assert (rows["nb_connus"] <= rows["nb_territoires"]).all()
