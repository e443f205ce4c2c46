"""The torch backend passes bits and layouts through unchanged."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ml_dtypes
import numpy as np
import pytest

from conformance.backend import BackendUnavailableError, Capabilities, execute
from conformance.backends._functions import TorchFunctionBackend
from conformance.case import Array, Case

if TYPE_CHECKING:
    from collections.abc import Callable

torch: Any = pytest.importorskip("torch")

from conformance.backends.torch import create  # noqa: E402 - torch is needed for it

pytestmark = pytest.mark.torch


def through(function: Callable[..., Any], case: Case) -> Any:
    """Run a function as a backend; return its output."""
    capabilities = Capabilities(frozenset({case.loss}), frozenset({case.dtype}))
    return execute(TorchFunctionBackend(function, "f", capabilities), case)


def test_names_and_contract() -> None:
    """It is called by its device, and declares the arithmetic of eager torch."""
    backend = create()
    assert backend.name == "torch:cpu"
    contract = backend.capabilities.contract
    assert (contract.name, contract.stages) == ("staged", True)
    assert (contract.exp_ulps, contract.log_ulps) == (2.0, 1.0)
    assert torch.get_num_threads() == 1


def test_cuda_without_a_gpu_is_unavailable() -> None:
    """Where there is no GPU, asking for cuda says so."""
    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    with pytest.raises(BackendUnavailableError, match="no CUDA device"):
        create("cuda")


def test_an_unknown_device_is_refused() -> None:
    """A device that torch may have but this backend does not is named as such."""
    with pytest.raises(BackendUnavailableError, match="one of cpu, cuda, got 'tpu'"):
        create("tpu")


def test_bfloat16_bits_pass_unchanged() -> None:
    """Every bfloat16, payloads of NaN included, reaches torch and returns as it was."""
    base = np.arange(2**16, dtype=np.uint16).view(ml_dtypes.bfloat16)
    seen: list[Any] = []

    def identity(input: Any, target: Any) -> Any:
        seen.append((input.dtype, target.dtype))
        return input.detach()

    case = Case("mse", "bfloat16", {"input": Array.of(base), "target": Array.of(base)})
    output = through(identity, case)
    assert seen == [(torch.bfloat16, torch.bfloat16)]
    assert output.value.dtype == base.dtype
    np.testing.assert_array_equal(output.value.view(np.uint16), base.view(np.uint16))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_layouts_are_real(dtype: str) -> None:
    """Strides, offset and memory of a tensor are those of the case."""
    base = Array.of(np.arange(24.0), dtype).base
    array = Array(base, (2, 3), (1, 4), 5)
    expanded = Array(Array.of([1.0], dtype).base, (2, 3), (0, 0))
    seen: dict[str, Any] = {}

    def look(input: Any, target: Any) -> Any:
        seen["input"] = input.stride(), input.storage_offset(), input.tolist()
        seen["storage"] = input.untyped_storage().nbytes()
        seen["target"] = target.stride(), target.is_leaf, target.requires_grad
        return (input * target).sum()

    output = through(look, Case("mse", dtype, {"input": array, "target": expanded}))
    assert output.error is None
    assert seen["input"] == ((1, 4), 5, array.view().astype(float).tolist())
    assert seen["storage"] == base.nbytes
    assert seen["target"] == ((0, 0), True, True)
    assert output.gradients["input"].shape == (2, 3)
    assert output.gradients["target"].astype(float).tolist() == seen["input"][2]


def test_negative_strides_are_declined_with_a_reason() -> None:
    """Neither torch's losses nor a torch function get a view that runs backwards."""
    forwards = Array.of(np.arange(3.0), "float32")
    backwards = Array(forwards.base.copy(), (3,), (-1,), 2)
    given = Capabilities(frozenset({"mse"}), frozenset({"float32"}))
    function = TorchFunctionBackend(torch.nn.functional.mse_loss, "f", given)
    for backend in (create(), function):
        case = Case("mse", "float32", {"input": backwards, "target": forwards})
        assert backend.can_run(case) == "does not take views that run backwards"
        plain = Case("mse", "float32", {"input": forwards, "target": forwards})
        assert backend.can_run(plain) is None


@pytest.mark.parametrize("dtype", ["bfloat16", "float32"])
def test_a_change_of_the_arguments_is_seen(dtype: str) -> None:
    """A function that writes to its input is found out; one that does not is not."""
    arrays = {
        "input": Array(Array.of(np.ones(8), dtype).base, (2, 2), (3, 1), 1),
        "target": Array.of(np.zeros((2, 2)), dtype),
    }

    def overwrite(input: Any, target: Any) -> Any:
        input.detach().mul_(2)
        return (input * target).sum()

    output = through(overwrite, Case("mse", dtype, arrays))
    assert output.modified == ("input",)
    assert execute(create(), Case("mse", dtype, arrays)).modified == ()


def test_results_do_not_share_memory_with_arguments() -> None:
    """A result that is an argument is copied: a later change does not reach it."""
    kept: list[Any] = []

    def same(input: Any, target: Any) -> Any:
        kept.append(target.detach())
        return input

    case = Case(
        "mse", "float32", {n: Array.of([1.0], "float32") for n in ("input", "target")}
    )
    output = through(same, case)
    kept[0].fill_(5.0)
    assert output.value.tolist() == [1.0]
    assert set(output.gradients) == {"input"}


def test_gradients_follow_the_kind_of_target() -> None:
    """For class indices torch gives the gradient by input alone, else by all three."""
    arrays = {"input": Array.of([[0.0, 1.0]]), "weight": Array.of([1.0, 2.0])}
    index = {**arrays, "target": Array.of([1])}
    soft = {**arrays, "target": Array.of([[0.5, 0.5]])}
    backend = create()
    by_index = execute(backend, Case("cross_entropy", "float64", index))
    by_soft = execute(backend, Case("cross_entropy", "float64", soft))
    assert set(by_index.gradients) == {"input"}
    assert set(by_soft.gradients) == {"input", "target", "weight"}


def test_upstream_scales_the_gradient() -> None:
    """The gradient is the one of the value times the upstream gradient."""
    arrays = {"input": Array.of([1.0, 5.0]), "target": Array.of([0.0, 0.0])}
    case = Case("mse", "float64", arrays, {"reduction": "none"}, Array.of([3.0, -1.0]))
    assert execute(create(), case).gradients["input"].tolist() == [6.0, -10.0]


def test_broadcasting_is_silent() -> None:
    """Torch's warning about shapes does not escape."""
    arrays = {"input": Array.of(np.ones((2, 1))), "target": Array.of(np.zeros((1, 3)))}
    output = execute(create(), Case("mse", "float64", arrays))
    assert output.error is None
    assert output.gradients["input"].shape == (2, 1)


def test_no_gradient_is_no_error() -> None:
    """A function whose result carries no gradient gives its value."""
    arrays = {"input": Array.of([1.0]), "target": Array.of([3.0])}

    def detached(input: Any, target: Any) -> Any:
        return ((input - target) ** 2).mean().detach()

    output = through(detached, Case("mse", "float64", arrays))
    assert output.value.tolist() == 4.0
    assert output.gradients == {}


BAD: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("IndexError", {"target": Array.of([5])}, {}),
    ("ValueError", {"target": Array.of([0])}, {"reduction": "average"}),
    ("RuntimeError", {"target": Array.of([0])}, {"label_smoothing": 1.5}),
    ("RuntimeError", {"target": Array.of([0]), "weight": Array.of([1.0])}, {}),
    ("", {"target": Array.of([0]), "input": Array.of([[1, 2]])}, {}),
]


@pytest.mark.parametrize(("error", "arrays", "options"), BAD)
def test_torchs_errors_are_outcomes(
    error: str, arrays: dict[str, Array], options: dict[str, Any]
) -> None:
    """What torch refuses is an outcome with torch's own error, not ours."""
    arguments = {"input": Array.of([[0.0, 1.0]]), **arrays}
    output = execute(create(), Case("cross_entropy", "float64", arguments, options))
    assert output.error is not None
    assert output.error.startswith(error)
    assert "require gradients" not in output.error


def test_a_view_of_foreign_memory_still_works() -> None:
    """Buffers that are not views of the described base are taken as they are."""
    arrays = {"input": Array.of([1.0, 2.0]), "target": Array.of([0.0, 0.0])}
    case = Case("mae", "float64", arrays, {"reduction": "sum"})
    buffers = {"input": np.array([9.0, 1.0, 9.0, 2.0])[1::2], "target": np.zeros(2)}
    value = create().run(case, buffers).value
    assert value is not None
    assert value.tolist() == 3.0


def test_the_bfloat16_fault_is_visible() -> None:
    """Logits 0 and −6 in bfloat16 give 0 only where the classes are the last axis."""
    flat = Array.of([[0.0, -6.0]], "bfloat16")
    deep = Array.of([[[0.0], [-6.0]]], "bfloat16")
    values = [
        execute(
            create(),
            Case("cross_entropy", "bfloat16", {"input": x, "target": Array.of(t)}),
        ).value
        for x, t in ((flat, [0]), (deep, [[0]]))
    ]
    assert [float(np.asarray(v)) for v in values] == [0.0, 0.00247192382812500]


def along(loss: str = "cross_entropy", **more: Any) -> Case:
    """Return a case with a direction."""
    target = [1, 0] if loss == "cross_entropy" else [[0.5, 1, 2], [1, -1, 3]]
    arguments = {
        "input": Array.of([[0.5, -1, 2], [1, 0, -2]], "float32"),
        "target": Array.of(target, None if loss == "cross_entropy" else "float32"),
    }
    v = Array.of([[1, 2, -1], [0, 3, 1]], "float32")
    return Case(loss, "float32", arguments, tangent=v, **more)


@pytest.mark.parametrize("loss", ["mae", "mse", "cross_entropy"])
def test_derivatives_change_no_gradient(loss: str) -> None:
    """Value and gradients are bit for bit those without a direction."""
    case = along(loss)
    with_, without = (execute(create(), c) for c in (case, replace(case, tangent=None)))
    assert with_.value is not None
    assert without.value is not None
    assert with_.value.tobytes() == without.value.tobytes()
    assert with_.gradients["input"].tobytes() == without.gradients["input"].tobytes()
    assert set(with_.derivatives) == {"hvp", "jvp"}
    assert without.derivatives == {}
    assert with_.modified == ()


def test_an_error_of_a_derivative_is_its_own() -> None:
    """A backward pass without a derivative fails as `hvp`, and the call does not."""

    class Once(torch.autograd.Function):  # type: ignore[misc]
        """A square whose backward pass knows no derivative."""

        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            """Return x²."""
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(ctx: Any, up: Any) -> Any:
            """Return 2 x u."""
            return 2 * ctx.saved_tensors[0] * up

    def mse(input: Any, target: Any) -> Any:
        return Once.apply(input - target).mean()

    capabilities = Capabilities(
        frozenset({"mse"}),
        frozenset({"float32"}),
        derivatives={"mse": frozenset({"hvp", "jvp"})},
    )
    backend = TorchFunctionBackend(mse, "f", capabilities)
    output = execute(backend, along("mse"))
    assert output.error is None
    assert "input" in output.gradients
    assert set(output.failures) == {"hvp", "jvp"}
    assert output.failures["hvp"].startswith("RuntimeError: ")


def test_an_expanded_input_has_derivatives_too() -> None:
    """Forward mode is given a copy, as torch's own message asks."""
    case = along("mse")
    one = Array(np.array([2], np.float32), (2, 3), (0, 0))
    output = execute(
        create(), replace(case, arguments={**case.arguments, "input": one})
    )
    assert output.failures == {}
