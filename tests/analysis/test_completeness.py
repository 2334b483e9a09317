"""How representative the data are: counted again from the CSV files; what may be concluded."""

import dataclasses
import re
from collections import Counter, defaultdict

import pandas as pd
import pytest
from file_contents import plain
from recounted import (
    EPT,
    GRAND_PARIS,
    MEMBERS,
    OWN,
    SCHEMAS,
    SEARCHED,
    STRATEGIES,
    TERRITORIES,
    YEAR,
    covered,
    facts,
    lead,
    names_no_document,
    of_a_part,
    people,
    year,
)

from comparisons.analysis.completeness.conclusions import draw_conclusions, headline
from comparisons.analysis.completeness.evidence import SUPPORTED, UNSUPPORTED, Evidence
from comparisons.analysis.completeness.evidence import load_evidence as gathered
from comparisons.analysis.completeness.fields import FACTS
from comparisons.analysis.completeness.levels import STATES
from comparisons.analysis.completeness.missing_map import CLASSES, completeness_layer
from comparisons.analysis.completeness.sources import AGES, UNDATED
from comparisons.analysis.completeness.tables import TABLES
from comparisons.analysis.map_layers import STATE_COLOURS, ground_class
from comparisons.analysis.map_questions.views import build_layer
from comparisons.charts import completeness, maps
from comparisons.database.connection import query
from comparisons.page_parameters import COMPARABLE_PERIMETERS, MapParameters
from comparisons.schema.model import family_of, load_format, vocabulary_codes
from comparisons.schema.territory import LEVELS

pytestmark = pytest.mark.usefixtures("database")


# columns of the format where an empty cell has a meaning
COLUMNS_WITH_EMPTY_MEANING = {
    (table.name, field.name)
    for table in load_format().tables.values()
    for field in table.fields
    if field.empty_means
}


@pytest.fixture(scope="module")
def tables(database) -> dict[str, pd.DataFrame]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STRATOSCOPE_DATABASE", str(database))
        return {name: make() for name, make in TABLES.items()}


@pytest.fixture(scope="module")
def evidence(database) -> Evidence:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STRATOSCOPE_DATABASE", str(database))
        return gathered()


# --- the universe ---------------------------------------------------------------------------------

PARTIAL = "partielle"
WITHOUT = {"partiel": PARTIAL, "trouve": "non_trouvee", "non_trouve": "non_trouvee"}


def state_of(key: tuple[str, str], type_: str = "") -> str:
    """What is known of a territory; `type_` narrows it to a type of strategy."""
    strategy_ids = [id_ for id_ in OWN.get(key, []) if type_ in ("", STRATEGIES[id_]["type"])]
    if strategy_ids:
        has_whole = any(is_of_the_whole(key, id_) for id_ in strategy_ids)
        return "avec_strategie" if has_whole else PARTIAL
    if type_:  # nobody looked for a type in particular
        return "non_cherchee"
    return WITHOUT.get(SEARCHED.get(key), "non_cherchee")


def is_of_the_whole(key: tuple[str, str], id_: str) -> bool:
    return not (names_no_document(id_) or of_a_part(id_, key))


def at(level: str) -> list[tuple[str, str]]:
    return [key for key in TERRITORIES if key[0] == level]


@pytest.mark.parametrize("level", LEVELS)
def test_territories_of_a_level_are_all_counted_once(tables, level):
    row = tables["representativite_niveaux"].set_index("territoire_niveau").loc[level]
    counts = Counter(state_of(key) for key in at(level))
    assert row["nb_territoires"] == len(at(level)) == sum(counts.values())
    assert {state: row[f"nb_{state}"] for state in STATES} == {s: counts[s] for s in STATES}
    links = Counter(
        min((covered(STRATEGIES[id_])[key] for id_ in OWN[key]),
            key=["propre", "partagee", "jumeau"].index)
        for key in at(level) if OWN.get(key)
    )  # fmt: skip
    for link in ("propre", "partagee", "jumeau"):
        assert row[f"nb_{link}"] == links[link]
    assert row["nb_cherches"] == sum(key in SEARCHED for key in at(level))
    for state in (*STATES, "cherches"):
        expected = row[f"nb_{state}"] / row["nb_territoires"]
        assert row[f"part_{state}"] == pytest.approx(expected)


@pytest.mark.parametrize("level", LEVELS)
def test_people_are_counted_once_with_what_is_best_known_of_where_they_live(tables, level):
    row = tables["representativite_niveaux"].set_index("territoire_niveau").loc[level]
    best: dict[str, int] = {}
    for key in at(level):
        state_rank = STATES.index(state_of(key))
        for commune in MEMBERS[key]:
            best[commune] = min(best.get(commune, state_rank), state_rank)
    assert row["population"] == people(best)
    for state_rank, state in enumerate(STATES):
        known_people = people(code for code, best_state in best.items() if best_state == state_rank)
        assert row[f"part_population_{state}"] == pytest.approx(known_people / people(best))


def test_grand_paris_is_not_counted_twice(tables):
    by_level = tables["representativite_niveaux"].set_index("territoire_niveau")
    total = sum(int(TERRITORIES[key]["population"]) for key in at("epci"))
    twice = people(set().union(*(MEMBERS[key] for key in EPT)) & MEMBERS[GRAND_PARIS])
    assert by_level.loc["epci", "population"] == total - twice


def test_a_type_of_strategy_is_counted_apart_and_searches_are_those_of_the_level(tables):
    rows = tables["representativite_types"]
    assert len(rows) == len(LEVELS) * len(vocabulary_codes("types_strategie"))
    by_level = tables["representativite_niveaux"].set_index("territoire_niveau")
    for row in rows[rows["territoire_niveau"] != "commune"].itertuples():
        counts = Counter(state_of(key, row.type) for key in at(row.territoire_niveau))
        assert [getattr(row, f"nb_{state}") for state in STATES] == [counts[s] for s in STATES]
        assert row.nb_cherches == sum(
            (r["territoire_niveau"], r["type"]) == (row.territoire_niveau, row.type)
            for r in facts("recherches")
        )
        assert row.derniere_recherche == by_level.loc[row.territoire_niveau, "derniere_recherche"]


def test_a_wider_strategy_is_counted_apart_and_never_as_known(tables):
    rows = tables["representativite_types"].set_index(["territoire_niveau", "type"])
    counted = query(
        """
        SELECT territoire_niveau, type, count(*) AS nb FROM couverture
        WHERE (strategie_id IS NULL OR etat IN ('description', 'partie_du_territoire'))
          AND englobante_strategie_id IS NOT NULL
        GROUP BY ALL
        """
    )
    expected = counted.set_index(["territoire_niveau", "type"])["nb"]
    assert expected.max() > 1000
    covered_by_wider = rows["nb_couverts_par_plus_large"]
    assert covered_by_wider[covered_by_wider > 0].to_dict() == expected.to_dict()


def test_dates_of_searches_are_the_first_and_the_last(tables):
    dates = defaultdict(list)
    for row in facts("recherches"):
        dates[row["territoire_niveau"]].append(row["consulte_le"])
    for row in tables["representativite_niveaux"].itertuples():
        expected = (min(dates[row.territoire_niveau]), max(dates[row.territoire_niveau]))
        assert (row.premiere_recherche, row.derniere_recherche) == expected


# --- fields ---------------------------------------------------------------------------------------


def test_filled_cells_are_those_of_the_files(tables):
    rows = tables["representativite_colonnes"].set_index(["table_nom", "colonne"])
    assert len(rows) == sum(len(table.columns) for table in load_format().tables.values())
    for name, table in load_format().tables.items():
        table_rows = facts(name)
        for field in table.fields:
            row = rows.loc[(name, field.name)]
            filled = sum(bool(line.get(field.name)) for line in table_rows)
            assert (row["nb_lignes"], row["nb_renseignes"]) == (len(table_rows), filled)
            assert row["obligatoire"] == field.required
            assert not field.required or not table_rows or row["part"] == 1
    rows_with_meaning = rows[rows["vide_signifie"].notna()]
    assert (
        set(rows_with_meaning.index) == COLUMNS_WITH_EMPTY_MEANING
        and not rows_with_meaning["obligatoire"].any()
    )


def known_facts(id_: str, strategy: dict) -> set[str]:
    """The facts known of one strategy, from the files."""
    facts_known = {name for name in ("statut", "date_adoption", "pilotage") if strategy[name]}
    facts_known |= {"periode"} if strategy["annee_debut"] and strategy["annee_fin"] else set()
    ranks = sorted(int(row["rang"]) for row in BY_STRATEGY["priorites"][id_])
    facts_known |= {"priorite"} if ranks else set()
    facts_known |= (
        {"liste_sans_manque"} if ranks and ranks == list(range(1, len(ranks) + 1)) else set()
    )
    amounts = BY_STRATEGY["budgets"][id_]
    facts_known |= {"montant"} if amounts else set()
    if any(not a["inclus_dans"] and a["perimetre"] in COMPARABLE_PERIMETERS for a in amounts):
        facts_known |= {"montant_comparable"}
    facts_known |= {"indicateur"} if BY_STRATEGY["indicateurs"][id_] else set()
    facts_known |= {"source_datee"} if SOURCES[strategy["source_id"]]["date_publication"] else set()
    return facts_known


BY_STRATEGY = {name: defaultdict(list) for name in ("priorites", "budgets", "indicateurs")}
for _name, _rows in BY_STRATEGY.items():
    for _row in facts(_name):
        _rows[_row["strategie_id"]].append(_row)
SOURCES = {row["source_id"]: row for row in facts("sources")}


def test_facts_known_of_strategies_by_level_and_type(tables):
    expected, totals = Counter(), Counter()
    for id_, strategy in STRATEGIES.items():
        group = (strategy["territoire_niveau"], strategy["type"])
        totals[group] += 1
        expected.update((*group, fact) for fact in known_facts(id_, strategy))
    rows = tables["representativite_faits"]
    assert set(rows["fait"]) == set(FACTS) and set(SCHEMAS) >= set(BY_STRATEGY)
    partners = {
        (row["territoire_niveau"], row["territoire_code"]) for row in facts("mutualisations")
    }
    for row in rows.itertuples():
        group = (row.territoire_niveau, row.type)
        assert row.nb_strategies == totals[group]
        if row.fait == "partenaire":  # twins share their partners
            least = sum(lead(s) in partners for s in STRATEGIES.values()
                        if (s["territoire_niveau"], s["type"]) == group)  # fmt: skip
            assert least <= row.nb_renseignes <= row.nb_strategies
        else:
            assert row.nb_renseignes == expected[(*group, row.fait)], (group, row.fait)
        assert row.part == pytest.approx(row.nb_renseignes / row.nb_strategies)
    summed = tables["representativite_faits_niveaux"].groupby("fait")[["nb_strategies"]].sum()
    assert (summed["nb_strategies"] == len(STRATEGIES)).all()


def test_amounts_are_counted_by_what_may_stand_side_by_side(tables):
    expected = defaultdict(set)
    for id_, strategy in STRATEGIES.items():
        for row in BY_STRATEGY["budgets"][id_]:
            if not row["inclus_dans"] and row["perimetre"] in COMPARABLE_PERIMETERS:
                group = (strategy["territoire_niveau"], row["perimetre"], row["etape"])
                expected[group].add(id_)
    rows = tables["representativite_montants"]
    counted = rows.set_index(["territoire_niveau", "perimetre", "etape"])["nb_renseignes"].to_dict()
    assert counted == {group: len(ids) for group, ids in expected.items()}


# --- sources --------------------------------------------------------------------------------------


def test_sources_by_kind_and_age(tables):
    sources_by_type = tables["representativite_sources"].set_index("type")
    ages = tables["representativite_ages"].set_index("tranche")
    by_kind = Counter(row["type"] for row in SOURCES.values())
    dated = Counter(row["type"] for row in SOURCES.values() if row["date_publication"])
    assert (
        sources_by_type["nb_sources"].to_dict() == by_kind
        and sources_by_type["nb_datees"].to_dict() == dated
    )

    def band(source: dict) -> str:
        published = year(source["date_publication"])
        if published is None:
            return UNDATED
        age = max(YEAR - published, 0)
        return next(code for code, _, _, oldest in AGES if oldest is None or age <= oldest)

    assert ages["nb_sources"].to_dict() == Counter(map(band, SOURCES.values()))
    strategies_by_age = Counter(
        band(SOURCES[strategy["source_id"]]) for strategy in STRATEGIES.values()
    )
    assert ages["nb_strategies"].to_dict() == strategies_by_age
    assert sources_by_type["nb_strategies"].sum() == len(STRATEGIES)
    assert ages.loc["de_2_a_4", ["annee_debut", "annee_fin"]].tolist() == [YEAR - 4, YEAR - 2]


def test_what_is_stated_and_what_is_inferred(tables):
    expected = Counter()
    for name in ("strategies", "priorites", "budgets", "mutualisations", "indicateurs"):
        for row in facts(name):
            # an amount may be for a narrower area: it is its strategy's
            stated_level = "" if name == "budgets" else row.get("territoire_niveau")
            level = stated_level or lead(STRATEGIES[row["strategie_id"]])[0]
            expected[name, level, row["certitude"]] += 1
    rows = tables["representativite_certitudes"]
    keys = ["table_nom", "territoire_niveau", "certitude"]
    assert rows.set_index(keys)["nb_lignes"].to_dict() == expected
    assert rows.groupby(keys[:2])["part"].sum().round(3).eq(1).all()


# --- the map of what is missing -------------------------------------------------------------------


@pytest.mark.parametrize("level", LEVELS)
def test_the_map_of_what_is_missing_says_how_far_each_territory_is_known(level):
    layer = completeness_layer(level)
    assert set(layer.data["territoire_code"]) == {code for _, code in at(level)}
    assert sum(layer.counts.values()) == len(at(level))
    states = {key: state_of(key) for key in at(level)}
    assert layer.known == sum(s in ("avec_strategie", "partielle") for s in states.values())
    for row in layer.data.itertuples():
        key = (level, row.territoire_code)
        if states[key] != "avec_strategie":
            assert row.classe == states[key] and pd.isna(row.nb_strategies)
            continue
        strategy_ids = [id_ for id_ in OWN[key] if is_of_the_whole(key, id_)]
        axes = sum(len(BY_STRATEGY["priorites"][id_]) for id_ in strategy_ids)
        assert (row.nb_strategies, row.nb_axes) == (len(strategy_ids), axes)
        known_count = bool(axes) + bool(row.montant_comparable)
        assert row.classe == ("strategie_seule", "axes_ou_montant", "axes_et_montant")[known_count]
    figure = maps.choropleth(layer)
    present = [c for c in CLASSES if layer.counts[c.code]]
    names = [trace.name for trace in figure.data if trace.name]
    # on a map of discs, the first classes are drawn last
    names = names[::-1] if ground_class(layer) else names
    assert [re.sub(r" \([^(]*\)$", "", name) for name in names] == [c.label for c in present]
    # what nobody knows has colours of its own, all of a palette that everybody can tell apart
    assert {c.colour for c in CLASSES} <= set(STATE_COLOURS.values())
    assert not {c.colour for c in CLASSES if c.missing} & {
        c.colour for c in CLASSES if not c.missing
    }


def test_an_amount_is_known_where_the_map_of_money_can_show_one():
    layer = completeness_layer("departement").data.set_index("territoire_code")
    views = [
        MapParameters(question="budget", perimetre=perimeter, etape=stage, mesure=measure)
        for perimeter in COMPARABLE_PERIMETERS
        for stage in vocabulary_codes("etapes")
        for measure in ("total", "par_an")
    ]
    codes_with_amount = {
        code
        for view in views
        for code in build_layer(view).data.dropna(subset="montant")["territoire_code"]
    }
    assert set(layer.index[layer["montant_comparable"].eq(True)]) == codes_with_amount


# --- what may be concluded ------------------------------------------------------------------------


def subjects(evidence: Evidence, group: str) -> dict[str, str]:
    return {c.sujet: c.phrase for c in draw_conclusions(evidence) if c.groupe == group}


def changed(evidence: Evidence, table: str, chosen: dict, **values: object) -> Evidence:
    """The evidence with some columns of some rows changed."""
    rows = getattr(evidence, table).copy()
    where = pd.Series(True, rows.index)
    for column, value in chosen.items():
        where &= rows[column] == value
    assert where.any()
    for column, value in values.items():
        rows.loc[where, column] = rows.loc[where, value] if value in rows.columns else value
    return dataclasses.replace(evidence, **{table: rows})


def test_conclusions_give_the_figures_of_their_tables(evidence, tables):
    conclusions = draw_conclusions(evidence)
    assert [c.groupe for c in conclusions] == sorted((c.groupe for c in conclusions), reverse=True)
    assert len({(c.groupe, c.sujet) for c in conclusions}) == len(conclusions)
    for conclusion in conclusions:
        assert (
            conclusion.table_nom in TABLES
            and conclusion.seuil.endswith(".")
            and conclusion.phrase.endswith(".")
        )
        assert re.search(r"\d", conclusion.phrase)
        assert not re.search(
            r"\bnan\b|None|  |'|« {2}|non renseigné", conclusion.phrase + conclusion.sujet
        )
    levels = tables["representativite_niveaux"].set_index("territoire_niveau")
    phrase = plain(
        subjects(evidence, SUPPORTED)[
            "Comparer les régions entre elles et les départements entre eux"
        ]
    )
    assert "18 régions sur 18 et 101 départements sur 101" in phrase
    subject = "Dire quelle part a une stratégie parmi les intercommunalités et les communes"
    share = plain(subjects(evidence, UNSUPPORTED)[subject])
    epci = levels.loc["epci"]
    low = round(100 * epci["nb_avec_strategie"] / epci["nb_territoires"])
    # who was searched in vain may have one all the same
    assert f"entre {low} % et 100 % des intercommunalités" in share
    assert plain(headline(evidence.levels)).endswith(
        "12 % des intercommunalités et 0,2 % des communes."
    ) and headline(evidence.levels).startswith(
        "On peut comparer qui a une stratégie parmi les régions et parmi les départements, mais pas"
    )


def test_a_level_that_is_looked_for_may_be_compared(evidence):
    all_searched = changed(evidence, "levels", {"territoire_niveau": "epci"},
                           nb_cherches="nb_territoires", part_population_cherches=1.0)  # fmt: skip
    can, cannot = subjects(all_searched, SUPPORTED), subjects(all_searched, UNSUPPORTED)
    assert any("les intercommunalités entre elles" in subject for subject in can)
    assert "Dire quelle part a une stratégie parmi les communes" in cannot
    assert "Étendre aux autres ce qu’on voit parmi les communes" in cannot
    # nine in ten are enough, fewer are not
    for searched, comparable in ((91, True), (90, False)):
        some = changed(
            evidence, "levels", {"territoire_niveau": "departement"}, nb_cherches=searched
        )
        subject = "Comparer les régions entre elles"
        assert (subject not in subjects(some, SUPPORTED)) == comparable
    none = dataclasses.replace(evidence, levels=evidence.levels.assign(nb_cherches=0))
    assert not any(subject.startswith("Comparer") for subject in subjects(none, SUPPORTED))
    assert headline(none.levels).startswith("On ne peut parler d’aucun niveau")
    full = evidence.levels.assign(nb_cherches=evidence.levels["nb_territoires"])
    assert "mais pas" not in headline(full) and "parmi les communes" in headline(full)


def test_a_type_is_compared_when_it_was_looked_for_and_enough_territories_have_it(evidence):
    chosen = {"territoire_niveau": "region", "type": "scoran"}
    rare, common = "Comparer par un type trop rare", "Comparer par type de stratégie"
    unsearched = "Comparer par un type que l’on n’a pas cherché"
    words = "Stratégie régionale de cohérence"
    for count, group, subject in ((3, UNSUPPORTED, rare), (4, SUPPORTED, common)):
        some = changed(evidence, "types", chosen, nb_avec_strategie=count,
                       nb_cherches="nb_territoires")  # fmt: skip
        assert words in subjects(some, group)[subject] and unsearched in subjects(some, UNSUPPORTED)
    # nobody looked by type
    assert not {rare, common} & {*subjects(evidence, SUPPORTED), *subjects(evidence, UNSUPPORTED)}
    assert unsearched in subjects(evidence, UNSUPPORTED)
    all_searched = evidence.types.assign(nb_cherches=evidence.types["nb_territoires"])
    every = dataclasses.replace(evidence, types=all_searched)
    assert unsearched not in subjects(every, UNSUPPORTED)
    assert "Autre" not in subjects(every, SUPPORTED)[common]


def test_medians_need_most_strategies(evidence):
    chosen = {"territoire_niveau": "departement", "perimetre": "infrastructures", "etape": "prevu"}
    for known_count, group in ((103, UNSUPPORTED), (104, SUPPORTED)):  # of 207
        some = changed(evidence, "amounts", chosen, nb_renseignes=known_count, nb_strategies=207)
        verdicts = {
            s: p for s, p in subjects(some, group).items() if s.startswith("Donner un montant")
        }
        assert any("départements" in subject for subject in verdicts)
        assert any(f"{known_count} stratégies" in plain(phrase) for phrase in verdicts.values())


def test_a_theme_is_absent_from_complete_lists_only(evidence):
    """Absence is counted as in peers and comparisons: in lists recorded as complete only."""
    here = "Dire qu’un thème est absent d’une stratégie d’ensemble lue en entier"
    elsewhere = "Dire ailleurs qu’un thème est absent"
    strategies_with_axes = {row["strategie_id"] for row in facts("priorites")}
    complete = [row for row in facts("strategies") if row["liste_axes"] == "complete"]
    complete = [row for row in complete if row["strategie_id"] in strategies_with_axes]
    overall = [row for row in complete if family_of(row["type"]) == "ensemble"]
    phrase = plain(subjects(evidence, SUPPORTED)[here])
    assert f"complète pour {len(complete)} documents sur 507" in phrase
    assert phrase.endswith(f"dont {len(overall)} stratégies d’ensemble.")
    assert plain(subjects(evidence, UNSUPPORTED)[elsewhere]).startswith(
        f"{len(complete)} listes sur 507 sont dites complètes ; ailleurs, "
    )
    none = dataclasses.replace(evidence, axis_lists=evidence.axis_lists.assign(nb_completes=0))
    assert here not in subjects(none, SUPPORTED) and elsewhere in subjects(none, UNSUPPORTED)


def test_old_undated_or_inferred_facts_are_said_so(evidence):
    today = "Décrire l’état d’aujourd’hui"
    assert today in subjects(evidence, UNSUPPORTED)
    fresh = changed(evidence, "ages", {"tranche": "moins_2"}, nb_strategies=10_000)
    assert today in subjects(fresh, SUPPORTED)
    one_day = "Suivre une évolution d’une recherche à l’autre"
    assert "Une seule date de recherche est notée" in subjects(evidence, UNSUPPORTED)[one_day]
    later = changed(
        evidence, "levels", {"territoire_niveau": "epci"}, derniere_recherche="2027-01-02"
    )
    assert one_day not in subjects(later, UNSUPPORTED)
    stated_only = evidence.certainties.assign(certitude="explicite")
    sure = dataclasses.replace(evidence, certainties=stated_only)
    assert "Prendre sans réserve des lignes souvent déduites" not in subjects(sure, UNSUPPORTED)
    inferred = dataclasses.replace(evidence, certainties=stated_only.assign(certitude="deduit"))
    assert "Prendre une ligne pour ce que sa source énonce" not in subjects(inferred, SUPPORTED)


def test_what_was_not_found_is_not_absent(evidence):
    absent = "Dire qu’un territoire n’a pas de stratégie"
    assert "53 territoires cherchés" in plain(subjects(evidence, UNSUPPORTED)[absent])
    every = evidence.levels.assign(nb_non_trouvee=0, nb_partielle=0, nb_couverts_par_plus_large=0)
    cannot = subjects(dataclasses.replace(evidence, levels=every), UNSUPPORTED)
    assert absent not in cannot and not any("plus large" in subject for subject in cannot)


# --- files and figures ----------------------------------------------------------------------------


@pytest.mark.parametrize("measure", completeness.MEASURES)
def test_bars_show_every_share_and_say_it_in_words(tables, measure):
    levels_table = tables["representativite_niveaux"]
    figure = completeness.completeness_bars(levels_table, measure)
    assert len(figure.data) == len(STATES)
    for row in range(len(levels_table)):
        assert sum(trace.x[row] for trace in figure.data) == pytest.approx(100, abs=0.05)
    assert "Communes" in completeness.completeness_alt_text(levels_table, measure)
    of_level = tables["representativite_types"].query("territoire_niveau == 'departement'")
    assert len(completeness.completeness_bars(of_level, measure, dark=True).data[0].x) == len(
        of_level
    )


def test_on_a_phone_facts_say_their_share_without_a_scale(tables):
    by_level = tables["representativite_faits_niveaux"]
    heatmap, words = completeness.fact_heatmap(by_level, narrow=True).data
    assert heatmap.showscale is False
    adopted = by_level.query("fait == 'statut' and territoire_niveau == 'epci'").iloc[0]
    row, columns = list(heatmap.y).index("Statut"), list(by_level["territoire_niveau"].unique())
    visible_text = plain(words.text[row * len(columns) + columns.index("epci")])
    assert visible_text == f"{round(100 * adopted['nb_renseignes'] / adopted['nb_strategies'])} %"
    assert max(len(line) for name in heatmap.x for line in name.split("<br>")) <= 9
    # names of levels are never cut in the middle without a hyphen
    wide = completeness.fact_heatmap(by_level).data[0]
    assert "Intercommunalités" in wide.x


def test_facts_and_ages_are_drawn_with_their_counts(tables):
    by_level = tables["representativite_faits_niveaux"]
    for rows in (by_level, tables["representativite_faits"].query("territoire_niveau == 'epci'")):
        heatmap, words = completeness.fact_heatmap(rows).data
        assert len(heatmap.y) == len(FACTS) and len(rows) == sum(map(bool, words.text))
    assert "Pilotage" in completeness.facts_alt_text(by_level)
    ages = tables["representativite_ages"]
    bars = completeness.age_bars(ages).data[0]
    assert sum(bars.x) == ages["nb_sources"].sum()
    assert bars.marker.color[0] != bars.marker.color[-1]  # undated is grey
    assert "Sans date" in completeness.ages_alt_text(ages)
    assert query("SELECT count(*) AS n FROM sources")["n"].iloc[0] == ages["nb_sources"].sum()
