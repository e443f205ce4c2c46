"""A chart as matplotlib draws it: SVG whose groups say what each thing stands for."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from conformance.writers.html.charts import Axis, Chart, Mark

WIDTH: Final = 360
HEIGHT: Final = 240

ROLE: Final = "role:"
"""How the id of a group begins that says what it is."""

_INCH: Final = 72
_BOX: Final = (0.165, 0.17, 0.795, 0.79)
"""Left, bottom, width and height of the plot in its picture."""

_BAR: Final = 0.86

_SETTINGS: Final = {
    "svg.fonttype": "none",
    "svg.hashsalt": "loss-conformance",
    "path.simplify": False,
}


def drawing(chart: Chart) -> str:
    """Return the text of an SVG file, the same in every process."""
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    text = io.StringIO()
    with mpl.rc_context():
        mpl.rcdefaults()  # whatever the user's own file says
        mpl.rcParams.update(_SETTINGS)
        figure = Figure(figsize=(WIDTH / _INCH, HEIGHT / _INCH), dpi=_INCH)
        FigureCanvasSVG(figure)
        axes = figure.add_axes(_BOX)
        _frame(axes, chart)
        _marks(axes, chart)
        figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()


def _frame(axes: Any, chart: Chart) -> None:
    axes.tick_params(bottom=False, left=False)
    axes.grid(visible=True)
    axes.set_axisbelow(True)
    _axis(axes.xaxis, axes.set_xlim, chart.x)
    _axis(axes.yaxis, axes.set_ylim, chart.y)
    axes.yaxis.set_label_coords(-0.17, 0.5)
    for side in ("left", "bottom"):
        axes.spines[side].set_gid(f"{ROLE}frame")


def _axis(axis: Any, limit: Any, wanted: Axis) -> None:
    axis.set_ticks(*zip(*wanted.ticks, strict=True))
    limit(wanted.low, wanted.high)
    axis.set_label_text(wanted.label)
    axis.label.set_gid(f"{ROLE}label")
    for tick in axis.get_major_ticks():
        tick.gridline.set_gid(f"{ROLE}grid")
        tick.label1.set_gid(f"{ROLE}tick")


def _marks(axes: Any, chart: Chart) -> None:
    foot = chart.y.low
    for mark in chart.bars:
        along, up = _coordinates(mark)
        heights = [top - foot for top in up]
        for bar in axes.bar(along, heights, _BAR, bottom=foot):
            bar.set_gid(f"{ROLE}bar {mark.role}")
    for mark in chart.lines:
        role = f"{ROLE}line {mark.role}"
        axes.plot(*_coordinates(mark), gid=role, clip_on=False)
    for mark in chart.points:
        role = f"{ROLE}points {mark.role}"
        axes.plot(*_coordinates(mark), "o", gid=role, clip_on=False)
    # Drawing has moved the ends of the axes.
    axes.set_xlim(chart.x.low, chart.x.high)
    axes.set_ylim(chart.y.low, chart.y.high)


def _coordinates(mark: Mark) -> tuple[tuple[float, ...], tuple[float, ...]]:
    along, up = zip(*mark.places, strict=True)
    return along, up
