"""One witness as a script in plain torch, for a bug report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.case import Array, Case
    from conformance.verdict import Verdict

_FUNCTIONS: Final = {"mae": "l1_loss", "mse": "mse_loss"}
_HEAD: Final = '''"""{what}

Written by loss-conformance; needs torch alone.
"""

import torch

inf, nan = float("inf"), float("nan")
'''


def write(case: Case, verdict: Verdict) -> str:
    """Return the script: it prints what torch gives beside the exact value."""
    what = f"{case.loss} in {case.dtype}: {verdict.quantity} ({verdict.status})"
    return "\n".join((_HEAD.format(what=what), *_body(case, verdict), ""))


def _body(case: Case, verdict: Verdict) -> Iterator[str]:
    kind, _, argument = verdict.quantity.partition(".")
    gradient = argument if kind == "gradient" else ""
    for name, array in case.arguments.items():
        leaf = ".requires_grad_()" if name == gradient else ""
        yield f"{name} = {_tensor(array)}{leaf}"
    function = _FUNCTIONS.get(case.loss, case.loss)
    words = [n if n in ("input", "target") else f"{n}={n}" for n in case.arguments]
    words += [f"{name}={_number(value)}" for name, value in case.options.items()]
    yield f"value = torch.nn.functional.{function}({', '.join(words)})"
    result = "value"
    if gradient:
        upstream = "torch.ones_like(value)"
        if case.upstream is not None:
            upstream = _tensor(case.upstream)
        yield f"(result,) = torch.autograd.grad(value, {gradient}, {upstream})"
        result = "result"
    yield from _prints(result, verdict)


def _prints(result: str, verdict: Verdict) -> Iterator[str]:
    evidence = verdict.evidence
    if not evidence.exact:
        yield f'print("got  ", {result})'
        yield f'print("due  ", {(verdict.detail or str(verdict.status))!r})'
        return
    at = f"[{', '.join(map(str, evidence.index))}]" if evidence.index else ""
    yield f'print("got  ", {result}{at}.item())'
    yield f'print("exact", "{evidence.exact}")'
    yield f'print("bound", "{evidence.bound}")'


def _tensor(array: Array) -> str:
    base, dtype = array.base, f"torch.{array.dtype}"
    alike = base.size > 1 and len({v.tobytes() for v in base}) == 1
    if alike:
        made = (
            f"torch.full(({base.size},), {_number(base[0])}, dtype=torch.{array.dtype})"
        )
    else:
        values = ", ".join(_number(v) for v in base)
        made = f"torch.tensor([{values}], dtype={dtype})"
    return f"{made}.as_strided({array.shape}, {array.strides}, {array.offset})"


def _number(value: Any) -> str:
    # The shortest decimal that names a number in its own format is not always that in
    # float64, which torch rounds from: the exact decimal is.
    if isinstance(value, str):
        return repr(value)
    if isinstance(value, (int, np.integer, np.bool_)):
        return str(int(value))
    return repr(float(value))
