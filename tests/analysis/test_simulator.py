"""The simulator: figures of the user's, shared to the cent, by a formula that is written out."""

from fractions import Fraction

import pandas as pd
import pytest
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st

from comparisons.analysis.shared_services import cost_formula, simulator
from comparisons.analysis.shared_services.simulator import parse_parameters as figures
from comparisons.analysis.shared_services.simulator_inputs import KEYS
from comparisons.charts import simulator as simulator_figures

NBSP = "\N{NO-BREAK SPACE}"


def members(*people: int, users: tuple | None = None) -> pd.DataFrame:
    rows = {"cle": [f"commune-{n:05d}" for n in range(len(people))],
            "nom": [f"Commune {n}" for n in range(len(people))], "population": people}  # fmt: skip
    return pd.DataFrame(rows | ({"usagers": users} if users else {}))


# --- by hand --------------------------------------------------------------------------------------

THREE = members(1000, 3000, 6000, users=(10, 0, 30))


@pytest.mark.parametrize(
    ("key", "shares"),
    [
        ("population", [900, 2700, 5400]),
        ("egal", [3000, 3000, 3000]),
        ("mixte", [0.25 * 3000 + 0.75 * 900, 0.25 * 3000 + 0.75 * 2700, 0.25 * 3000 + 0.75 * 5400]),
    ],
)
def test_each_pays_its_own_and_a_part_of_the_fixed_cost(key, shares):
    costs = simulator.cost_table(THREE, figures(9000, 0.5, 20, key, 0.25, alone_fixed=4000))
    direct_costs = [500 + 200, 1500, 3000 + 600]
    assert list(costs["ensemble"]) == [a + b for a, b in zip(direct_costs, shares, strict=True)]
    assert list(costs["seul"]) == [cost + 4000 for cost in direct_costs]
    assert list(costs["gain"]) == [4000 - share for share in shares]
    assert costs.attrs["total"] == 9000 + sum(direct_costs) == costs["ensemble"].sum()
    assert costs.attrs["total_seul"] == 12000 + sum(direct_costs)
    assert list(costs["ensemble_par_habitant"]) == pytest.approx(
        [cost / people for cost, people in zip(costs["ensemble"], THREE["population"], strict=True)]
    )
    assert costs["part"].sum() == pytest.approx(1)


def test_no_verdict_without_the_cost_of_being_alone():
    costs = simulator.cost_table(THREE, figures(9000))
    assert list(costs["ensemble"]) == [900, 2700, 5400]
    assert costs[["seul", "gain", "gain_bas", "gain_haut"]].isna().all().all()
    assert costs.attrs["total_seul"] is None
    with pytest.raises(ValueError, match="ne peut que donner raison à la mutualisation"):
        simulator.break_even(THREE, figures(9000))
    assert "Seul" not in cost_formula.describe_costs(THREE, figures(9000))
    assert "moins ensemble" not in simulator_figures.cost_bars_alt_text(costs)
    figure = simulator_figures.cost_bars(costs)
    assert [trace.name for trace in figure.data] == ["Ensemble"]


def test_results_are_ranges_and_a_verdict_holds_at_the_worst_of_them():
    costs = simulator.cost_table(THREE, figures(9000, alone_fixed=4000, tolerance=0.2))
    first = costs.iloc[0]
    assert (first["ensemble_bas"], first["ensemble_haut"]) == (720, 1080)
    assert (first["seul_bas"], first["seul_haut"]) == (3200, 4800)
    assert (first["gain_bas"], first["gain_haut"]) == (3200 - 1080, 4800 - 720)
    # 2700 against 4000: 3240 at most against 3200 at least, nothing is sure
    assert costs["gain_bas"].iloc[1] < 0 < costs["gain_haut"].iloc[1]
    words = simulator_figures.format_gain(-40, 2640)
    assert words == "gain ou surcoût : les chiffres ne le disent pas"
    # 9000 / 3 = 3000 < 4000, but not surely: 3600 against 3200
    five = members(*[500] * 5)
    assert simulator.break_even(five, figures(9000, alone_fixed=4000, tolerance=0)).nombre == 3
    assert simulator.break_even(five, figures(9000, alone_fixed=4000)).nombre == 4
    for word in ("reprise des données", "coordination", "hausse du coût commun"):
        assert word in cost_formula.LEFT_OUT


def test_time_spared_is_not_paid_out():
    sentence = cost_formula.describe_time_saved(1000, 5, 0.2).replace(
        "\N{NARROW NO-BREAK SPACE}", " "
    )
    assert f"entre 4 000{NBSP}€ et 6 000{NBSP}€ par an" in sentence
    assert "Ce n’est pas de l’argent versé" in sentence
    with pytest.raises(ValueError, match="négatif"):
        cost_formula.describe_time_saved(-1, 5)


def test_the_cents_that_are_left_go_to_the_largest_remainders():
    assert list(simulator.cost_table(members(1, 1, 1), figures(100, key="egal"))["ensemble"]) == [
        33.34, 33.33, 33.33
    ]  # fmt: skip
    # 0.1 is a tenth, not the nearest binary fraction
    assert simulator.cost_table(members(3), figures(0, 0.1))["ensemble"].iloc[0] == 0.3
    paid = simulator.round_to_total({"a": Fraction(2, 3), "b": Fraction(1, 3)})
    assert paid == {"a": Fraction(67, 100), "b": Fraction(33, 100)}


def test_the_break_even_is_where_nobody_pays_as_much_as_alone():
    # 9000 / n < 4000 from n = 3
    break_even = simulator.break_even(
        members(*[500] * 5), figures(9000, alone_fixed=4000, tolerance=0)
    )
    assert break_even.nombre == 3
    assert list(break_even.courbe["ensemble"]) == [9000, 4500, 3000, 2250, 1800]
    assert list(break_even.courbe["plus_cher"]) == [1, 2, 0, 0, 0]
    assert "à partir de 3 membres" in break_even.phrase
    # a large one that joins last pays more than alone: the sentence must not say that all win
    late = simulator.break_even(
        members(500, 500, 500, 9000), figures(9000, alone_fixed=4000, tolerance=0)
    )
    assert late.nombre is None and "1\N{NO-BREAK SPACE}membre sur 4" in late.phrase
    # equal is not less
    assert (
        simulator.break_even(members(5, 5), figures(200, alone_fixed=100, tolerance=0)).nombre
        is None
    )
    assert simulator.break_even(members(5), figures(200, alone_fixed=500)).nombre is None


def test_the_break_even_of_members_of_average_size():
    break_even = simulator.break_even(
        members(10, 30), figures(9000, 1, alone_fixed=1000, tolerance=0), average=True
    )
    assert break_even.nombre == 10 and break_even.moyenne
    assert break_even.courbe.loc[0, ["ensemble", "seul"]].tolist() == [9020, 1020]
    never = simulator.break_even(members(10, 30), figures(9000, alone_fixed=0), average=True)
    assert never.nombre is None and "rien n’assure" in never.phrase


def test_the_formula_has_the_figures_of_the_user():
    lines = cost_formula.describe_costs(THREE, figures(9000, 0.5, 20, "mixte", 0.25, 4000, 0.1))
    lines = lines.replace("\N{NARROW NO-BREAK SPACE}", " ").replace(NBSP, " ").split("\n")
    assert lines == [
        "Coût commun = 9 000 € (coût fixe) + 0,50 € × 10 000 habitants + 20 € × 40 usagers"
        " = 14 800 €",
        "Ensemble, chacun paie = 0,50 € × ses habitants + 20 € × ses usagers + 9 000 € × 25 % ÷ 3 "
        "membres + 9 000 € × 75 % × sa population ÷ 10 000 habitants",
        "Seul, chacun paierait = 0,50 € × ses habitants + 20 € × ses usagers + 4 000 € (coût fixe)",
        "Chaque montant est donné à 10 % près, en plus ou moins",
    ]
    assert "habitant" not in cost_formula.describe_costs(THREE, figures(9000, key="egal"))


# --- properties -----------------------------------------------------------------------------------

amounts = st.one_of(st.integers(0, 10**7), st.floats(0, 1e7).map(lambda x: round(x, 4)))
groups = st.lists(
    st.tuples(st.integers(1, 3_000_000), st.integers(0, 5000)), min_size=1, max_size=9
).map(lambda rows: members(*[r[0] for r in rows], users=tuple(r[1] for r in rows)))
typed_figures = st.fixed_dictionaries(
    {"fixed": amounts, "per_inhabitant": st.floats(0, 500).map(lambda x: round(x, 3)),
     "per_user": st.floats(0, 5000).map(lambda x: round(x, 2)), "key": st.sampled_from(list(KEYS)),
     "share_equal": st.floats(0, 1), "alone_fixed": amounts,
     "tolerance": st.sampled_from([0, 0.1, 0.2, 0.5])}
)  # fmt: skip


def cents(amount: float) -> int:
    return round(amount * 100)


@settings(max_examples=tries(60), deadline=None)
@given(groups, typed_figures, st.randoms(use_true_random=False))
def test_shares_add_up_and_the_order_of_members_changes_nothing(group, arguments, random):
    costs = simulator.cost_table(group, figures(**arguments))
    assert sum(map(cents, costs["ensemble"])) == cents(costs.attrs["total"])
    assert sum(map(cents, costs["seul"])) == cents(costs.attrs["total_seul"])
    order = list(range(len(group)))
    random.shuffle(order)
    mixed = simulator.cost_table(group.iloc[order], figures(**arguments)).set_index("cle")
    assert mixed.attrs == costs.attrs
    for column in ("ensemble", "seul", "gain"):
        assert list(mixed.loc[costs["cle"], column]) == list(costs[column])


@settings(max_examples=tries(40), deadline=None)
@given(groups, typed_figures)
def test_without_a_fixed_cost_pooling_saves_nothing(group, arguments):
    costs = simulator.cost_table(group, figures(**arguments | {"fixed": 0, "alone_fixed": 0}))
    assert (costs["gain"] == 0).all()
    nobody = simulator.break_even(group, figures(**arguments | {"fixed": 0, "alone_fixed": 0}))
    assert nobody.nombre is None


@settings(max_examples=tries(40), deadline=None)
@given(groups, typed_figures)
def test_the_break_even_agrees_with_brute_force(group, arguments):
    result = simulator.break_even(group, figures(**arguments))
    alone = Fraction(repr(float(arguments["alone_fixed"])))
    margin = Fraction(repr(float(arguments["tolerance"])))
    rates = [Fraction(repr(float(arguments[name]))) for name in ("per_inhabitant", "per_user")]
    users = [int(count) for count in group["usagers"]]
    fixed, mixed = (Fraction(repr(float(arguments[name]))) for name in ("fixed", "share_equal"))
    equal = {"population": 0, "egal": 1, "mixte": mixed}[arguments["key"]]
    people = [int(count) for count in group["population"]]

    def all_win(count: int) -> bool:
        total = sum(people[:count])
        for member_people, user in zip(people[:count], users, strict=False):
            direct_cost = rates[0] * member_people + rates[1] * user
            part = Fraction(equal) / count + (1 - Fraction(equal)) * Fraction(member_people, total)
            if (direct_cost + fixed * part) * (1 + margin) >= (direct_cost + alone) * (1 - margin):
                return False
        return True

    wins = [n for n in range(2, len(people) + 1) if all(map(all_win, range(n, len(people) + 1)))]
    assert result.nombre == (wins[0] if wins else None)


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "message"),
    [(-1, "négatif"), (float("nan"), "renseigné"), (None, "renseigné"), (float("inf"), "nombre"),
     (1e15, "plausible"), ("dix", "« dix »")],
)  # fmt: skip
@pytest.mark.parametrize("name", ["fixed", "per_inhabitant", "per_user", "share_equal"])
def test_a_figure_that_cannot_be_is_refused_in_french(name, value, message):
    with pytest.raises(ValueError, match=message):
        simulator.cost_table(THREE, figures(**{"fixed": 100, name: value}))


@pytest.mark.parametrize(
    ("group", "message"),
    [
        (members(), "au moins un membre"),
        (members(0, 5), "Commune 0 n’a aucun habitant"),
        (members(-5, 5), "La population de Commune 0 : un nombre négatif"),
        (members(10**9, 5), "plausible"),
        (pd.concat([members(5), members(5)]), "deux fois"),
        (members(5).assign(population=2.5), "entier"),
        (members(5).assign(population=float("nan")), "renseigné"),
        (members(*[5] * 2001), "membres au plus"),
    ],
)
def test_members_that_cannot_be_are_refused_in_french(group, message):
    with pytest.raises(ValueError, match=message):
        simulator.cost_table(group, figures(100))


def test_users_are_asked_for_only_where_they_cost():
    assert simulator.cost_table(members(5, 5), figures(100))["usagers"].isna().all()
    with pytest.raises(ValueError, match="usagers de Commune 0"):
        simulator.cost_table(members(5, 5), figures(100, per_user=3))
    with pytest.raises(ValueError, match="clé de répartition"):
        simulator.cost_table(members(5), figures(100, key="surprise"))


# --- figures --------------------------------------------------------------------------------------


@pytest.mark.parametrize("dark", [False, True])
def test_the_bars_have_every_cost_and_names_are_no_markup(dark):
    group = THREE.assign(nom=["<b>Un</b>", "Deux & deux", "Trois"])
    costs = simulator.cost_table(group, figures(9000, alone_fixed=4000, tolerance=0))
    figure = simulator_figures.cost_bars(costs, narrow=dark, dark=dark)
    for trace, column in zip(figure.data, ("ensemble", "seul"), strict=True):
        assert list(trace.x) == list(costs[column])[::-1]
    assert figure.data[0].marker.pattern.shape != figure.data[1].marker.pattern.shape
    assert list(figure.layout.yaxis.ticktext)[-1] == "&lt;b&gt;Un&lt;/b&gt;"
    assert "surcoût" in figure.data[0].hovertext[0]  # the third pays 5400, not 4000
    assert "2\N{NO-BREAK SPACE}membres sur 3" in simulator_figures.cost_bars_alt_text(costs)
    assert simulator_figures.cost_bars(costs.head(0)) is None


def test_the_curve_has_the_band_of_what_is_typed():
    break_even = simulator.break_even(
        members(*[500] * 5), figures(9000, alone_fixed=4000, tolerance=0.2)
    )
    together, alone = [
        trace for trace in simulator_figures.cost_curve(break_even).data if trace.fill == "toself"
    ]
    assert together.y[0] == pytest.approx(1.2 * 9000) and together.y[-1] == pytest.approx(7200)
    assert set(alone.y) == {4800, 3200}
    assert "20\N{NO-BREAK SPACE}% près" in simulator_figures.describe_curve(break_even)
    exact = simulator.break_even(members(500, 500), figures(9000, alone_fixed=4000, tolerance=0))
    assert not [trace for trace in simulator_figures.cost_curve(exact).data if trace.fill]
    sentence = simulator_figures.describe_curve(exact)
    assert "tient vos chiffres pour exacts" in sentence and "Ne sont pas comptés" in sentence


def test_the_curve_marks_the_break_even():
    break_even = simulator.break_even(
        members(*[500] * 5), figures(9000, alone_fixed=4000, tolerance=0)
    )
    figure = simulator_figures.cost_curve(break_even)
    assert [note.text for note in figure.layout.annotations] == ["Seuil : 3 membres"]
    assert figure.layout.shapes[0].x0 == 3
    never = simulator.break_even(members(5, 5), figures(9000, alone_fixed=0))
    assert not simulator_figures.cost_curve(never).layout.annotations
    assert (
        simulator_figures.cost_curve(simulator.break_even(members(5), figures(9, alone_fixed=9)))
        is None
    )
