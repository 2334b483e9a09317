"""Measure the picture of a scanned page: ruled lines, bullets, how thick letters are."""

from collections.abc import Iterator

import numpy as np

_DARK = 140
# In dots: the shortest line, how far its parts may lean, how thick it may be.
_SHORTEST, _LEANING, _THICKEST = 90, 3, 12

Line = tuple[float, float, float]


def to_dark(picture: object) -> np.ndarray:
    """Return which dots of a grey picture are dark."""
    return np.asarray(picture) < _DARK


def find_lines(dark: np.ndarray) -> list[Line]:
    """List the ruled lines along the rows of a picture: place, start and end, in dots.

    For those along its columns, turn the picture.
    """
    groups: list[list[Line]] = []
    thick, thin = _thickened(dark), _thickened(_without_boxes(dark))
    for y in np.flatnonzero(thick.sum(axis=1) >= _SHORTEST):
        for start, end in _runs(thick[y]):
            # a row of a dark box is no line; other lines may cross one
            if thin[y, int(start) : int(end)].mean() < 0.5:
                continue
            run = float(y), start, end
            known = next((each for each in groups if _continues(each[-1], run)), None)
            if known is None:
                groups.append([run])
            else:
                known.append(run)
    return [
        (
            (group[0][0] + group[-1][0]) / 2,
            min(start for _, start, _ in group),
            max(end for _, _, end in group),
        )
        for group in groups
    ]


def _without_boxes(dark: np.ndarray) -> np.ndarray:
    """Return the dots of a picture that have light ones not far above and below."""
    thin = dark.copy()
    thin[_THICKEST:] &= ~dark[:-_THICKEST]
    thin[:-_THICKEST] &= ~dark[_THICKEST:]
    return thin


def _thickened(dark: np.ndarray) -> np.ndarray:
    """Return a picture whose dots are one dot higher and one deeper: lines lean."""
    thick = dark.copy()
    thick[1:] |= dark[:-1]
    thick[:-1] |= dark[1:]
    return thick


def _runs(row: np.ndarray) -> Iterator[tuple[float, float]]:
    """Iterate over the starts and ends of long dark runs of a row."""
    steps = np.flatnonzero(np.diff(np.concatenate(([0], row.astype(np.int8), [0]))))
    for start, end in zip(steps[::2], steps[1::2], strict=True):
        if end - start >= _SHORTEST:
            yield float(start), float(end)


def _continues(line: Line, run: Line) -> bool:
    return run[0] - line[0] <= _LEANING and run[1] < line[2] and line[1] < run[2]


def find_bullet(dark: np.ndarray, left: float, top: float, bottom: float) -> float:
    """Return where a bullet before a word ends: a dot alone in the space on its left; or 0."""
    height = bottom - top
    start, end = round(left - 2.5 * height), round(left - 0.15 * height)
    if start < 0:
        return 0.0
    part = dark[max(0, round(top)) : round(bottom), start:end]
    columns, rows = (np.flatnonzero(part.any(axis=axis)) for axis in (0, 1))
    if not columns.size:
        return 0.0
    width, depth = np.ptp(columns) + 1, np.ptp(rows) + 1
    is_dot = 0.1 * height < width < 0.45 * height and 0.1 * height < depth < 0.45 * height
    return float(start + columns[-1]) if is_dot and columns[0] > 0.3 * height else 0.0


def stroke_width(dark: np.ndarray) -> float:
    """Return how thick the letters of a part of a picture are: dark dots by dots of an edge."""
    inner = dark.copy()
    inner[1:] &= dark[:-1]
    inner[:-1] &= dark[1:]
    inner[:, 1:] &= dark[:, :-1]
    inner[:, :-1] &= dark[:, 1:]
    area = int(dark.sum())
    return area / max(1, area - int(inner.sum()))
