"""Axes of an image: from values of a figure to pixels, and the ticks between."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from comparisons.exports.images.texts import split_lines
from comparisons.formatting import format_number

# Space left beyond the values, as a share of what they span.
_PADDING = 0.05
# Pixels between two ticks, and bounds of the number of intervals.
_LEAST_STEP = {"x": 80, "y": 40}
_MIN_INTERVALS, _MAX_INTERVALS = 4, 9
_STEPS = (2, 5, 10)
_EPSILON = 1e-9


@dataclass(frozen=True)
class Axis:
    """An axis: its values at both ends, the pixels of these ends, its categories, its options."""

    name: str
    low: float
    high: float
    start: float
    end: float
    options: Mapping
    categories: Mapping[str, int] = field(default_factory=dict)

    def value(self, value: object) -> float:
        """Return a value of the figure as a number: a category has its rank."""
        return self.categories[value] if isinstance(value, str) else float(value)

    def at(self, value: object) -> float:
        """Return the pixel of a value of the figure."""
        share = (self.value(value) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def moved(self, start: float, end: float) -> "Axis":
        """Return the axis between other pixels."""
        return Axis(self.name, self.low, self.high, start, end, self.options, self.categories)


def read_axis(name: str, traces: Sequence[Mapping], options: Mapping) -> Axis:
    """Return an axis of a figure, not yet placed: its range is given, or that of its values."""
    letter = name[0]
    own = [trace for trace in traces if trace.get(f"{letter}axis", letter) == name]
    categories = _categories(letter, own)
    low, high = options.get("range") or _range_of(letter, own, categories, options)
    return Axis(name, float(low), float(high), 0, 1, options, categories)


def _categories(letter: str, traces: Sequence[Mapping]) -> dict[str, int]:
    values = [value for trace in traces for value in trace.get(letter, ())]
    names = dict.fromkeys(value for value in values if isinstance(value, str))
    return {name: rank for rank, name in enumerate(names)}


def _range_of(
    letter: str, traces: Sequence[Mapping], categories: Mapping, options: Mapping
) -> tuple[float, float]:
    if categories:
        return -0.5, len(categories) - 0.5
    values = [value for trace in traces for value in _extent(letter, trace)]
    low, high = min(values, default=0), max(values, default=1)
    room = _PADDING * (high - low or 1)
    starts_at_zero = options.get("rangemode") == "tozero" and low >= 0
    return (0 if starts_at_zero else low - room), high + room


def _extent(letter: str, trace: Mapping) -> list[float]:
    """Return the values between which a trace extends, bars and their margins of error included."""
    values = np.array([np.nan if v is None else v for v in trace.get(letter, ())], float)
    values = values[~np.isnan(values)]
    if not len(values):
        return []
    if trace["type"] != "bar" or letter != "x":
        return [values.min(), values.max()]
    starts = np.array(trace.get("base", [0.0]), float)
    longest = 1 + trace.get("error_x", {}).get("value", 0) / 100
    return [starts.min(), (starts + values * longest).max()]


def ticks(axis: Axis) -> list[tuple[float, list[str]]]:
    """Return the values of the ticks of an axis, and the lines of their texts."""
    options = axis.options
    if options.get("tickvals") is not None:
        texts = map(split_lines, options["ticktext"])
        return list(zip(map(float, options["tickvals"]), texts, strict=True))
    if axis.categories:
        return [(rank, split_lines(name)) for name, rank in axis.categories.items()]
    step = options.get("dtick") or nice_step(axis)
    low, high = sorted((axis.low, axis.high))
    first, last = math.ceil(low / step - _EPSILON), math.floor(high / step + _EPSILON)
    return [
        (rank * step, [_format_tick(rank * step, step, options)]) for rank in range(first, last + 1)
    ]


def nice_step(axis: Axis) -> float:
    """Return the step between ticks: 1, 2 or 5 times a power of ten, as on the page."""
    room = abs(axis.end - axis.start) / _LEAST_STEP[axis.name[0]]
    intervals = min(max(room, _MIN_INTERVALS), _MAX_INTERVALS) + 1
    rough = abs(axis.high - axis.low) / intervals
    power = 10 ** math.floor(math.log10(rough))
    step = next(step * power for step in _STEPS if step * power >= rough - _EPSILON)
    return max(step, 1) if axis.options.get("tickformat") in ("d", ",d") else step


def _format_tick(value: float, step: float, options: Mapping) -> str:
    if options.get("tickformat") == "d":
        return str(round(value))
    return format_number(value, max(0, -math.floor(math.log10(step) + _EPSILON)))
