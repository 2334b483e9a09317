"""Colours are distinguishable on light and dark pages, with every kind of colour vision."""

import itertools

import numpy as np
import pytest

from comparisons.analysis import map_layers
from comparisons.analysis.map_questions.budget import LISTED
from comparisons.analysis.map_questions.coverage import (
    DESCRIPTION,
    OVERVIEW,
    PAST_STATES,
)
from comparisons.analysis.map_questions.service import ROLE_COLOURS
from comparisons.analysis.map_questions.theme import THEME_COLOURS
from comparisons.analysis.map_questions.views import build_layer
from comparisons.charts import bars, style
from comparisons.page_parameters import MAP_QUESTIONS, MapParameters
from comparisons.queries.partners import partner_counts
from comparisons.schema.model import vocabulary_codes
from comparisons.schema.territory import LEVELS

# Machado, Oliveira & Fernandes (2009), severity 1, on linear RGB
VISIONS = {
    "usual": np.eye(3),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
     [0.0193339, 0.1191920, 0.9503041]]
)  # fmt: skip
TOLD_APART = 8  # CIE Lab, 1976; about 2.3 is the least that one can see side by side


def lab(colour: str, vision: str) -> np.ndarray:
    """Return the CIE Lab (D65) values of a colour with a kind of colour vision."""
    srgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    simulated = np.clip(VISIONS[vision] @ linear, 0, 1)
    x, y, z = TO_XYZ @ simulated / np.array([0.95047, 1, 1.08883])
    fx, fy, fz = (
        t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116 for t in (x, y, z)
    )
    return np.array([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)])


PALETTES = {
    "coverage": map_layers.STATE_COLOURS
    | {code: colour for code, (_, colour) in (DESCRIPTION | PAST_STATES).items()},
    # only régions have documents of a part, and no wider area holds them
    "coverage through wider areas": {
        code: colour
        for code, colour in map_layers.STATE_COLOURS.items()
        if code != "partie_du_territoire"
    }
    | {
        code: colour
        for code, (_, colour) in (map_layers.COVERED_BY_WIDER | DESCRIPTION | PAST_STATES).items()
    },
    "overview": {
        code: colour for code, (_, colour) in (OVERVIEW | DESCRIPTION | PAST_STATES).items()
    }
    | {
        code: colour
        for code, colour in map_layers.STATE_COLOURS.items()
        if code in ("partielle", "non_trouvee", "non_cherchee")
    },
    "money that is cited": {code: colour for code, (_, colour, _) in LISTED.items()}
    | dict(enumerate((*map_layers.SEQUENTIAL[5], map_layers.UNKNOWN))),
    "theme": THEME_COLOURS,
    "funders": bars.FUNDER_COLOURS | {"nobody": bars.NOT_DETAILED},
    "roles": ROLE_COLOURS | {"none": map_layers.UNKNOWN},
    **{
        f"{count} classes of money": dict(enumerate((*colours, map_layers.UNKNOWN)))
        for count, colours in map_layers.SEQUENTIAL.items()
    },
}


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_classes_of_one_map_have_distinct_colours(dark, vision):
    for palette, colours in PALETTES.items():
        # bars are the same on both pages
        on_dark = style.DARK_PALETTE if dark and palette != "funders" else {}
        shown = {code: on_dark.get(colour, colour) for code, colour in colours.items()}
        for (code, first), (other_code, second) in itertools.combinations(shown.items(), 2):
            gap = np.linalg.norm(lab(first, vision) - lab(second, vision))
            assert gap >= TOLD_APART, (palette, code, first, other_code, second, gap)


@pytest.mark.parametrize("count", map_layers.SEQUENTIAL)
def test_more_money_is_darker_and_in_the_dark_lighter(count):
    for mapping, sign in (({}, -1), (style.DARK_PALETTE, 1)):
        lightness = [lab(mapping.get(c, c), "usual")[0] for c in map_layers.SEQUENTIAL[count]]
        assert lightness == sorted(lightness, reverse=sign < 0)


@pytest.mark.usefixtures("database")
def test_every_class_that_a_map_may_show_has_a_colour_of_the_palettes():
    palettes = {colour for palette in PALETTES.values() for colour in palette.values()}
    views = [
        MapParameters(niveau=n, question=q, larges=True) for n in LEVELS for q in MAP_QUESTIONS
    ]
    partner = partner_counts("departement")["partenaire_id"].iloc[0]
    views += [
        MapParameters(annee="2012"),
        MapParameters(question="mutualisation", partenaire=partner),
    ]
    for view in views:
        assert {c.colour for c in build_layer(view).classes} <= palettes
    assert len(ROLE_COLOURS) == len(vocabulary_codes("roles"))
