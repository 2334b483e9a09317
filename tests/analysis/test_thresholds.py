"""The verdicts of Représentativité bind every page: changing one changes them all."""

import re
from inspect import getsourcefile
from pathlib import Path

import pytest
from recounted import TERRITORIES

from comparisons.analysis import map_layers, statements
from comparisons.analysis.comparison import amounts
from comparisons.analysis.comparison.comparison import compare
from comparisons.analysis.comparison.summary import summarise
from comparisons.analysis.completeness import rules_facts, rules_territories
from comparisons.analysis.completeness.conclusions import current_conclusions
from comparisons.analysis.completeness.evidence import SUPPORTED, UNSUPPORTED
from comparisons.analysis.map_questions import budget
from comparisons.analysis.map_questions.views import build_layer
from comparisons.analysis.peers import (
    gap_documents,
    gap_services,
    gap_themes,
    observations,
    observed_amounts,
    observed_indicators,
    position,
)
from comparisons.analysis.themes import frequency, theme_profile
from comparisons.database import connection
from comparisons.exports import peers_notes
from comparisons.page_parameters import MapParameters
from comparisons.queries import budgets, thresholds
from comparisons.schema.territory import Territory

pytestmark = pytest.mark.usefixtures("database")

DEPARTEMENTS = [f"departement-{code}" for level, code in TERRITORIES if level == "departement"]


@pytest.fixture
def verdict(monkeypatch):
    """Change a verdict, and have what was computed under the former one forgotten."""

    def change(name: str, value: float) -> None:
        monkeypatch.setattr(thresholds, name, value)
        connection._open_edition.cache_clear()

    yield change
    monkeypatch.undo()
    connection._open_edition.cache_clear()


def test_verdicts_by_hand():
    assert [thresholds.is_enough(count) for count in (3, 4)] == [False, True]
    assert [thresholds.has_median(4, total) for total in (4, 7, 8)] == [True, True, False]
    assert [thresholds.bounded_share(10, total) for total in (0, 19, 20)] == [None, None, 0.5]
    assert [thresholds.has_range(count) for count in (1, 2)] == [False, True]


def money() -> map_layers.MapLayer:
    return build_layer(MapParameters(question="budget", perimetre="infrastructures", etape="prevu"))


def coloured() -> int:
    return int(money().data["valeur"].count())


def test_a_sample_that_is_too_small_has_no_median_and_no_map(verdict):
    everyone = position.peer_observations(DEPARTEMENTS[0], DEPARTEMENTS[1:], ("couverture",))
    assert position.position_summary(everyone)["dessinable"].any()
    alone = coloured()
    verdict("MIN_SAMPLE", 1)
    assert coloured() > alone
    verdict("MIN_SAMPLE", 4)
    verdict("MIN_SAMPLE", 10_000)
    assert coloured() == 0 and not position.position_summary(everyone)["dessinable"].any()
    table = money()
    assert "Moins de 10000 territoires" in table.note


def test_the_half_that_must_be_known_is_the_same_for_a_level_and_for_peers(verdict):
    def is_told_unsupported(group: str) -> bool:
        return any(
            conclusion.groupe == group and conclusion.sujet.startswith("Donner un montant médian")
            for conclusion in current_conclusions()
        )

    years = position.peer_observations(DEPARTEMENTS[0], DEPARTEMENTS[1:], ("couverture",))
    year = "couverture.annee"
    before = position.position_summary(years).set_index("quantite").loc[year]
    assert (
        is_told_unsupported(UNSUPPORTED)
        and not is_told_unsupported(SUPPORTED)
        and not before["dessinable"]
    )
    verdict("MAJORITY_SHARE", 0.01)
    after = position.position_summary(years).set_index("quantite").loc[year]
    assert is_told_unsupported(SUPPORTED) and after["dessinable"] and after["mediane"] > 2000


def test_a_share_is_given_from_the_same_number_on_everywhere(verdict):
    assert theme_profile.levels_of_theme("donnees")["part"].notna().any()
    assert frequency.frequency_by_level()["part"].notna().any()
    everyone = position.peer_observations(DEPARTEMENTS[0], DEPARTEMENTS[1:], ("services",))
    assert position.position_summary(everyone)["part"].notna().any()
    verdict("SHARE_FROM", 100_000)
    assert theme_profile.levels_of_theme("donnees")["part"].isna().all()
    assert frequency.frequency_by_level()["part"].isna().all()
    assert position.position_summary(everyone)["part"].isna().all()


def test_a_range_needs_as_many_values_as_the_verdict_says(verdict):
    def ranges() -> int:
        side = compare([Territory("departement", code) for code in ("41", "37", "45", "72")])
        return sum(" : d" in statement.texte and statement.rubrique == "indicateurs"
                   for statement in side.statements)  # fmt: skip

    before = ranges()
    verdict("RANGE_FROM", 100)
    assert ranges() == 0 <= before


def test_no_page_holds_a_threshold_of_its_own():
    bound = (
        budgets, gap_documents, gap_services, gap_themes, map_layers, budget, observations,
        observed_amounts, observed_indicators, position, statements, amounts, summarise,
        frequency, theme_profile, peers_notes, rules_facts, rules_territories,
    )  # fmt: skip
    # (two is also a plural)
    compared = re.compile(r"(?:>=?|<)\s*(?:4|20|0\.5)\b|^[A-Z_]+ = (?:4|20|0\.5)$", re.M)
    allowed = {gap_services: 1}  # half of the people of a territory
    for module in bound:
        matches = compared.findall(Path(getsourcefile(module)).read_text("utf-8"))
        assert len(matches) <= allowed.get(module, 0), (module, matches)
