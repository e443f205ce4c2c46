"""The ignored class, if it is one of the classes, receives no share of the smoothing.

Asked for in pytorch #63004 and Chainer #1027; as torch's option it is wrong.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from conformance.backends._cross_entropy import IGNORE_INDEX, index_mass
from conformance.mutants._make import with_parts

if TYPE_CHECKING:
    from conformance.backend import Backend
    from conformance.backends._arithmetic import Formats
    from conformance.backends._cross_entropy import Mass
    from conformance.backends._parts import Options, Parts
    from conformance.mutants._make import Buffers


def _mass(parts: Parts, buffers: Buffers, options: Options, formats: Formats) -> Mass:
    mass = index_mass(parts, buffers, options, formats)
    ignored = options.get("ignore_index", IGNORE_INDEX)
    others = np.arange(mass.effective.shape[-1]) != ignored
    return replace(mass, effective=mass.effective * others.astype(formats.compute))


def create() -> Backend:
    """Return the mutant."""
    return with_parts("ignored_class_unsmoothed", index_mass=_mass)
