"""torch as a contender: float64, forward and backward, and no bound on the errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.bench.workload import Inputs


def prepare(
    threads: int, inputs: Inputs
) -> Callable[[], tuple[torch.Tensor, torch.Tensor]]:
    """Return what computes the mean loss and its gradient by autograd.

    The logits are a float64 tensor before the clock starts.
    """
    logits = torch.from_numpy(inputs.logits.astype(np.float64)).requires_grad_()
    labels = torch.from_numpy(inputs.labels.copy())

    def work() -> tuple[torch.Tensor, torch.Tensor]:
        before = torch.get_num_threads()
        torch.set_num_threads(threads)
        try:
            loss = functional.cross_entropy(logits, labels)
            (gradient,) = torch.autograd.grad(loss, logits)
        finally:
            torch.set_num_threads(before)
        return loss.detach(), gradient

    return work
