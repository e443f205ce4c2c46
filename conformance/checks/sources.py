"""Where requirements come from, and the short names of the losses."""

from __future__ import annotations

from typing import Final

SHORT: Final = {"mae": "MAE", "mse": "MSE", "cross_entropy": "CE"}
"""Loss → the first part of its requirements' ids."""

TORCH: Final = {
    "mae": "torch.nn.L1Loss",
    "mse": "torch.nn.MSELoss",
    "cross_entropy": "torch.nn.CrossEntropyLoss",
}
"""Loss → the documentation that defines it."""
