"""Options that say what is checked, how much, and by how many processes."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Final

import click

from conformance.commands.options import dtypes, losses, words
from conformance.profiles import PROFILES

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.sharding import Shard

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
    "--jobs", type=click.IntRange(1, 1024), help="Worker processes. Default: CPUs."
)


def _shard(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> Shard | None:
    from conformance.sharding import Shard

    if value is None:
        return None
    found = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", value)
    index, count = map(int, found.groups()) if found else (0, 0)
    if not 1 <= index <= count:
        msg = f"must be K/N with K from 1 to N, such as 2/4, got {value!r}"
        raise click.BadParameter(msg, ctx, param)
    return Shard(index, count)


SHARD: Final = click.option(
    "--shard",
    callback=_shard,
    metavar="K/N",
    help="Do the K-th of N parts of the work; `merge` joins their run files.",
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
