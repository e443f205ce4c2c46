"""What a plot shows, before it is drawn."""

from __future__ import annotations

from dataclasses import dataclass

Place = tuple[float, float]
"""Where something stands: along, and up."""


@dataclass(frozen=True)
class Axis:
    """One axis.

    Attributes:
        label: What it shows.
        low: Its beginning.
        high: Its end.
        ticks: `(place, text)` of its marks.
    """

    label: str
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Mark:
    """Things drawn alike.

    Attributes:
        role: What they stand for; the style sheet says how that looks.
        places: Points; the corners of one line; or middle and top of each bar.
    """

    role: str
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Chart:
    """One plot.

    Attributes:
        title: Its heading.
        text: What it shows, for who does not see it.
        x: The axis along.
        y: The axis up.
        bars: Bars of width 1.
        lines: Lines.
        points: Points.
        note: What a reader should know besides.
    """

    title: str
    text: str
    x: Axis
    y: Axis
    bars: tuple[Mark, ...] = ()
    lines: tuple[Mark, ...] = ()
    points: tuple[Mark, ...] = ()
    note: str = ""
