"""Options that say what is checked, how much, and by how many processes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

import click

from conformance.commands.options import dtypes, losses, words
from conformance.profiles import PROFILES

if TYPE_CHECKING:
    from collections.abc import Callable

LOSS: Final = click.option(
    "--loss",
    "chosen_losses",
    multiple=True,
    callback=words("loss", losses),
    help="Only this loss; repeat or separate by commas. Default: all.",
)
DTYPE: Final = click.option(
    "--dtype",
    "chosen_dtypes",
    multiple=True,
    callback=words("dtype", dtypes),
    help="Only this storage format; repeat or separate by commas. Default: all.",
)
JOBS: Final = click.option(
    "--jobs", type=click.IntRange(1), help="Worker processes. Default: CPUs."
)


def profile(explained: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the option of the profile, with its help."""
    return click.option(
        "--profile",
        type=click.Choice(list(PROFILES)),
        default="quick",
        show_default=True,
        help=explained,
    )


def processors() -> int:
    """Return how many processors we may use."""
    # Often fewer than the machine has, in a container.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
