"""A name leads to a backend, or to an error that says what to write."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import EntryPoint
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from conformance.backend import Backend, BackendUnavailableError, execute
from conformance.backends import _plugins
from conformance.backends._functions import ignored, ignored_parameters
from conformance.backends.numpy import NumpyBackend
from conformance.case import Array, Case
from conformance.contract import STAGED
from conformance.loading import LoadError, available, load

if TYPE_CHECKING:
    from pathlib import Path

FUNCTIONS = """
import types
import numpy as np
from conformance.backend import Capabilities

def my_mse(input, target, reduction="mean", upstream=None):
    d = (input - target).astype(np.float64)
    up = 1.0 if upstream is None else upstream
    if reduction == "none":
        return d * d, 2 * d * up
    n = d.size if reduction == "mean" else 1
    slope = 2 * d / n * up
    return np.asarray((d * d).sum() / n), {"input": slope, "target": -slope}

def l1_value(input, target):
    return np.abs(input - target).mean()

def named(input, target, **options):
    return np.zeros(())
named.loss = "mae"
named.contract = "staged"
named.dtypes = ("float32",)
named.gradients = ("input",)

def unclear(input, target):
    return input

def both_mae_mse(input, target):
    return input

def factory():
    from conformance.backends.numpy import NumpyBackend
    return NumpyBackend("mine")

def broken_factory():
    raise RuntimeError("no licence")

def not_a_backend():
    return 3

class Mine:
    name = "class"
    def __init__(self):
        self.inner = factory()
        self.capabilities = self.inner.capabilities
    def can_run(self, case):
        return None
    def run(self, case, buffers):
        return self.inner.run(case, buffers)

instance = Mine()
number = 3
def strict_mae(input, target, reduction="mean"): ...
strict_mae.contract = "strict"
def strict_double_mae(input, target): ...
strict_double_mae.contract = "strict"
strict_double_mae.dtypes = ("float64",)
def bad_contract_mae(input, target): ...
bad_contract_mae.contract = "tight"
def wrong_options_mse(input, target): ...
wrong_options_mse.options = ["weights"]
def index_ce(input, target, weight=None): return input.sum()
index_ce.options = ["weight", "label_smoothing"]
def open_mse(input, target, **kwargs): return np.square(input - target).mean()
def stating_mse(input, target, **kwargs): return np.square(input - target).mean()
stating_mse.options = ["reduction", "upstream"]
def slip_mae(input, target): ...
slip_mae.dtype = "float32"
def strange_mae(input, target): ...
strange_mae.author = "me"
def needy_mae(input, target, scale): ...
def lonely_mae(input): ...
def none_mae(input, target): return None
part = types.SimpleNamespace(name="part", can_run=print)
def declared(**changes):
    fields = {"name": "x", "capabilities": None, "can_run": print, "run": print}
    return types.SimpleNamespace(**(fields | changes))
incapable = declared()
nameless = declared(name=5)
foreign = declared(capabilities=Capabilities(frozenset({"huber"}), frozenset()))
"""

TORCH_FUNCTION = """
import torch

def fused_ce(input, target, weight=None, ignore_index=-100, reduction="mean"):
    return torch.nn.functional.cross_entropy(
        input, target, weight, ignore_index=ignore_index, reduction=reduction
    )

def twice_ce(input, target, reduction="mean"):
    return torch.nn.functional.cross_entropy(input, target, reduction=reduction)
twice_ce.derivatives = ["hvp"]

class MyMSELoss(torch.nn.Module):
    def __init__(self, reduction="mean"):
        super().__init__()
        self.reduction = reduction

    def forward(self, input, target):
        return torch.nn.functional.mse_loss(input, target, reduction=self.reduction)

class Scaled(torch.nn.Module):
    def __init__(self, scale):
        super().__init__()

plain_mse = MyMSELoss()
summing_mse = MyMSELoss("sum")
"""

PAIR = {"input": Array.of([1.0, 2.0]), "target": Array.of([1.0, 5.0])}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a working folder that holds functions, named like a package."""
    (tmp_path / "random.py").write_text(FUNCTIONS)
    (tmp_path / "exits.py").write_text("raise SystemExit(0)")
    (tmp_path / "my_kernels.py").write_text(FUNCTIONS)
    (tmp_path / "with_torch.py").write_text(TORCH_FUNCTION)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    return tmp_path


def test_builtin_names() -> None:
    """`numpy` is the NumPy backend; mutants have names of their own."""
    assert load("numpy") == NumpyBackend()
    assert load("mutant:zeros").name == "mutant:zeros"


@pytest.mark.torch
def test_torch_names() -> None:
    """`torch` is `torch:cpu`."""
    assert load("torch").name == load("torch:cpu").name == "torch:cpu"


@pytest.mark.parametrize(
    ("spec", "hint"),
    [
        ("nump", "did you mean 'numpy'"),
        ("numpy:gpu", "did you mean 'numpy'"),
        ("jax", "known: numpy"),
        ("mutant:zero", "did you mean 'zeros'"),
        ("", "known: numpy"),
        ("./missing.py:f", "must exist"),
        ("no_such_module:f", "must be importable, got ModuleNotFoundError"),
        (
            "./random.py::my_mse",
            "got './random.py::my_mse', did you mean './random.py:",
        ),
        ("./random:my_mse", "did you mean './random.py:my_mse'?"),
        ("..losses:my_mse", "file.py:object or module:object, got '..losses:my_mse'"),
        ("a/b:f", "file.py:object or module:object, got 'a/b:f'"),
        (":f", "must be a known name"),
        ("./random.py", "it defines ./random.py:my_mse or"),
        ("./exits.py", "it defines nothing at all"),
        ("math:sqr", "must be an attribute of math, got none, did you mean 'sqrt'?"),
        ("./random.py:nothing", "must be an attribute of ./random.py, got none"),
        ("./exits.py:f", "must be importable, got SystemExit: 0"),
        ("./random.py:part", "got SimpleNamespace without capabilities, run"),
        ("./random.py:nameless", "must be text, got 5"),
        ("./random.py:incapable", "must be Capabilities, got NoneType"),
        ("./random.py:foreign", "some of mae, mse, cross_entropy, got huber"),
        ("./random.py:wrong_options_mse", "the attribute options of"),
        ("./random.py:slip_mae", "attribute 'dtype', which says nothing: did you mean"),
        ("./random.py:needy_mae", "missing a required argument: 'scale': give"),
        ("./random.py:lonely_mae", "got too many positional arguments"),
        ("math:pi", "got float"),
        ("math:sqrt", "write math:sqrt@mse"),
        ("math:sqrt@huber", "signature must be one of torch, numpy, got 'huber'"),
    ],
)
def test_a_wrong_name_says_what_to_write(spec: str, hint: str, folder: Path) -> None:
    """Whatever is wrong with a name, the error says what there is."""
    del folder
    with pytest.raises(LoadError) as caught:
        load(spec)
    assert hint in str(caught.value)


def test_a_module_is_not_what_was_meant(folder: Path) -> None:
    """The hint names what could be a backend, not what a file imports."""
    (folder / "lone.py").write_text("import numpy as np\ndef nine(): ...\n")
    with pytest.raises(LoadError) as caught:
        load("./lone.py:nope")
    assert "did you mean" not in str(caught.value)
    with pytest.raises(LoadError, match="did you mean 'nine'"):
        load("./lone.py:nin")


def test_a_file_alone_is_not_run(folder: Path) -> None:
    """What it defines is read from its text, but for what is private or a number."""
    text = "import os\nos._exit(1)\n_x = f()\nN = 3\nmade = f()\nclass C: ...\n"
    text += "".join(f"def f{number}(): ...\n" for number in range(20))
    (folder / "many.py").write_text(text)
    with pytest.raises(LoadError) as caught:
        load("./many.py")
    told = str(caught.value)
    assert "./many.py:made or ./many.py:C or ./many.py:f0 or " in told
    assert told.endswith(" and 10 more")
    assert ":N " not in told
    assert "_x" not in told


def test_functions_from_a_file(folder: Path) -> None:
    """A function with NumPy's signature is a backend of the loss in its name."""
    del folder
    backend = load("./random.py:my_mse")
    assert isinstance(backend, Backend)
    assert backend.name == "./random.py:my_mse"
    assert backend.capabilities.losses == {"mse"}
    assert backend.capabilities.gradients == {"mse": {"input", "target"}}
    output = execute(backend, Case("mse", "float64", PAIR))
    assert output.value is not None
    assert output.value.tolist() == 4.5
    assert output.gradients["input"].tolist() == [0.0, -3.0]


def test_options_are_narrowed_by_an_attribute(folder: Path) -> None:
    """A function can leave out class probabilities, but not add what it cannot take."""
    del folder
    assert load("./random.py:index_ce").capabilities.options == {"weight"}


def test_open_signatures_promise_nothing(folder: Path) -> None:
    """`**kwargs` is given what the attribute `options` names, and nothing else."""
    del folder
    summed = Case("mse", "float64", PAIR, {"reduction": "sum"})
    scaled = Case("mse", "float64", PAIR, upstream=Array.of(2.0))
    backend = load("./random.py:open_mse")
    assert backend.can_run(summed) == "the function takes no reduction"
    assert backend.can_run(scaled) == "the function takes no upstream"
    assert backend.can_run(Case("mse", "float64", PAIR)) is None
    stating = load("./random.py:stating_mse")
    assert stating.can_run(summed) is stating.can_run(scaled) is None


def test_the_mean_need_not_be_named(folder: Path) -> None:
    """A function without `reduction` is asked for the mean, however a case says it."""
    del folder
    backend = load("./random.py:l1_value")
    case = Case("mae", "float64", PAIR, {"reduction": "mean"})
    assert backend.can_run(case) is None
    assert execute(backend, case).value == 1.5
    declined = backend.capabilities.declined
    assert declined == {"reduction": "the function takes no reduction"}
    assert "reduction" not in load("./random.py:my_mse").capabilities.declined


def test_foreign_attributes_are_left_alone(folder: Path) -> None:
    """Only what is nearly one of ours is taken for a slip."""
    del folder
    assert load("./random.py:strange_mae").capabilities.losses == {"mae"}


def test_none_is_no_number(folder: Path) -> None:
    """The error names the type that the function returned, not that of a wrapper."""
    del folder
    output = execute(load("./random.py:none_mae"), Case("mae", "float64", PAIR))
    assert output.error is not None
    assert "must return real numbers, got NoneType" in output.error


def test_one_gradient_is_that_by_input(folder: Path) -> None:
    """A pair of value and array is the value and the gradient by input."""
    del folder
    case = Case("mse", "float64", PAIR, {"reduction": "none"}, Array.of([1.0, 2.0]))
    output = execute(load("./random.py:my_mse"), case)
    assert {n: g.tolist() for n, g in output.gradients.items()} == {
        "input": [0.0, -12.0]
    }


def test_a_value_alone_promises_no_gradient(folder: Path) -> None:
    """What a function does not take or give is not asked of it."""
    del folder
    backend = load("random.py:l1_value")
    assert backend.capabilities.gradients == {"mae": frozenset()}
    assert "weight" not in backend.capabilities.options
    summed = Case("mae", "float64", PAIR, {"reduction": "sum"})
    assert backend.can_run(summed) == "the function takes no reduction"
    scaled = Case("mae", "float64", PAIR, upstream=Array.of(2.0))
    assert backend.can_run(scaled) == "the function takes no upstream"
    plain = Case("mae", "float64", PAIR)
    assert backend.can_run(plain) is None
    assert execute(backend, plain).value == 1.5


def test_attributes_speak_for_a_function(folder: Path) -> None:
    """Loss, contract, dtypes and gradients can be stated on the function."""
    del folder
    capabilities = load("./random.py:named").capabilities
    assert capabilities.losses == {"mae"}
    assert capabilities.contract == STAGED
    assert capabilities.dtypes == {"float32"}
    assert capabilities.gradients == {"mae": {"input"}}


def test_a_strict_function_is_not_asked_for_float64(folder: Path) -> None:
    """There is no wider format that its result could be rounded from."""
    del folder
    half = {"float16", "bfloat16", "float32"}
    assert load("my_kernels:strict_mae").capabilities.dtypes == half
    with pytest.raises(LoadError, match="some of float16, bfloat16, float32, got"):
        load("my_kernels:strict_double_mae")


def test_the_name_can_carry_the_loss(folder: Path) -> None:
    """`@` and the argument `loss` say what a function computes; its name keeps it."""
    del folder
    stated = load("./random.py:unclear", loss="mse")
    assert stated.name == "./random.py:unclear@mse"
    assert load(stated.name).capabilities.losses == {"mse"}
    with pytest.raises(LoadError, match="does not say which"):
        load("./random.py:both_mae_mse")


@pytest.mark.parametrize("name", ["factory", "Mine", "instance"])
def test_backends_of_every_form(folder: Path, name: str) -> None:
    """A factory, a class and an instance are all backends."""
    del folder
    backend = load(f"my_kernels:{name}")
    assert execute(backend, Case("mae", "float64", PAIR)).value == 1.5


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("broken_factory", "RuntimeError: no licence"),
        ("not_a_backend", "must return a backend"),
        ("number", "got int"),
        ("bad_contract_mae", "wide, autograd, staged, strict, storage, got 'tight'"),
    ],
)
def test_objects_that_are_no_backend(folder: Path, name: str, hint: str) -> None:
    """An object that makes no backend is refused with what it gave."""
    del folder
    with pytest.raises(LoadError, match="must") as caught:
        load(f"my_kernels:{name}")
    assert hint in str(caught.value)


def test_a_file_hides_no_package(folder: Path) -> None:
    """A file called like a module of the standard library leaves that one alone."""
    import random

    load("./random.py:my_mse")
    assert sys.modules["random"] is random
    with pytest.raises(LoadError, match="attribute"):
        load("random:my_mse")
    assert sys.path[-1] == str(folder)


def test_a_file_that_raises(folder: Path) -> None:
    """An error in a user's file is shown with its type and text."""
    (folder / "bad.py").write_text("raise ValueError('half done')")
    with pytest.raises(LoadError, match="ValueError: half done"):
        load("./bad.py:f")


def test_a_fresh_process_loads_the_same(folder: Path) -> None:
    """The name of a loaded backend loads it again in another process."""
    del folder
    name = load("./random.py:unclear", loss="mse").name
    code = f"from conformance.loading import load; print(load({name!r}).name)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    assert done.stdout.strip() == name


@pytest.mark.torch
def test_torch_is_found_in_the_file(folder: Path) -> None:
    """A function whose file imports torch has torch's signature and autograd."""
    del folder
    backend = load("./with_torch.py:fused_ce")
    assert backend.capabilities.gradients == {
        "cross_entropy": {"input", "target", "weight"}
    }
    assert "label_smoothing" not in backend.capabilities.options
    arrays = {"input": Array.of([[0.0, 0.0]]), "target": Array.of([1])}
    output = execute(backend, Case("cross_entropy", "float64", arrays))
    assert output.gradients["input"].tolist() == [[0.5, -0.5]]
    smoothed = Case("cross_entropy", "float64", arrays, {"label_smoothing": 0.1})
    assert backend.can_run(smoothed) == "the function takes no label_smoothing"


@pytest.mark.torch
def test_derivatives_are_asked_for_where_a_function_says_so(folder: Path) -> None:
    """Its attribute names them, and autograd makes them; without it there are none."""
    del folder
    arrays = {"input": Array.of([[0.0, 0.0]]), "target": Array.of([1])}
    tangent = Array.of([[1.0, -1.0]])
    case = Case("cross_entropy", "float64", arrays, tangent=tangent)
    silent, backend = (load(f"./with_torch.py:{n}") for n in ("fused_ce", "twice_ce"))
    assert silent.capabilities.derivatives == {"cross_entropy": frozenset()}
    assert execute(silent, case).derivatives == {}
    assert backend.capabilities.derivatives == {"cross_entropy": {"hvp"}}
    assert execute(backend, case).derivatives["hvp"].tolist() == [[0.5, -0.5]]


@pytest.mark.torch
def test_modules_are_functions(folder: Path) -> None:
    """A class is made anew with the options of a case, an instance gives the mean."""
    del folder
    summed = Case("mse", "float64", PAIR, {"reduction": "sum"})
    made = load("./with_torch.py:MyMSELoss")
    assert execute(made, summed).value == 9.0
    assert execute(made, summed).gradients["input"].tolist() == [0.0, -6.0]
    plain = load("./with_torch.py:plain_mse")
    assert execute(plain, Case("mse", "float64", PAIR)).value == 4.5
    assert plain.can_run(summed) == "the function takes no reduction"
    torchs = load("torch.nn:CrossEntropyLoss")
    assert torchs.capabilities.losses == {"cross_entropy"}
    assert "label_smoothing" in torchs.capabilities.options


@pytest.mark.torch
def test_modules_that_would_be_judged_wrongly(folder: Path) -> None:
    """An instance with options of its own, or a class that needs more, is refused."""
    del folder
    with pytest.raises(
        LoadError, match=r"must have reduction='mean'.* got 'sum': name"
    ):
        load("./with_torch.py:summing_mse")
    with pytest.raises(LoadError, match=r"without arguments, got missing.*'scale'"):
        load("./with_torch.py:Scaled@mse")


@pytest.mark.torch
def test_torchs_own_functions_load() -> None:
    """A function of an installed module is loaded by its dotted name."""
    backend = load("torch.nn.functional:cross_entropy")
    arrays = {"input": Array.of([[0.0, 0.0]]), "target": Array.of([1])}
    value = execute(backend, Case("cross_entropy", "float64", arrays)).value
    assert value == pytest.approx(0.6931471805599453)


@pytest.mark.torch
@pytest.mark.parametrize(
    "spec", ["torch.nn.functional:cross_entropy", "torch.nn:CrossEntropyLoss"]
)
def test_torchs_own_functions_promise_what_torch_does(spec: str) -> None:
    """They store between their operations; what a user writes is not taken to."""
    assert load(spec).capabilities.contract == load("torch:cpu").capabilities.contract


def test_the_list_of_backends() -> None:
    """Every built-in backend is listed, with its abilities or why there are none."""
    rows = {row.name: row for row in available()}
    assert rows["numpy"].status == "available"
    assert rows["numpy"].capabilities == NumpyBackend().capabilities
    for row in rows.values():
        assert (row.capabilities is None) == bool(row.reason)


def test_without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where torch is not installed its backend is unavailable, with the remedy."""
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "conformance.backends.torch", raising=False)
    with pytest.raises(BackendUnavailableError, match=r"loss-conformance\[torch\]"):
        load("torch:cpu")
    rows = {row.name: row for row in available()}
    assert rows["torch"].status == "unavailable"


def entry_point(name: str, value: str, origin: str) -> Any:
    """Return an entry point of a distribution that need not exist."""
    point = EntryPoint(name, value, "loss_conformance.backends")
    distribution = SimpleNamespace(name=origin)
    object.__setattr__(point, "dist", distribution)
    vars(point).update(dist=distribution)
    return point


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch, folder: Path) -> list[Any]:
    """Return the entry points that are found, to be filled."""
    del folder
    points: list[Any] = []
    monkeypatch.syspath_prepend(".")
    monkeypatch.setattr(_plugins, "entry_points", lambda **_: points)
    return points


def test_entry_points_are_names(plugins: list[Any]) -> None:
    """A backend that another distribution offers is loaded and listed by its name."""
    plugins.append(entry_point("mine", "my_kernels:factory", "mine-dist"))
    assert load("mine").name == "mine"
    assert {row.name: row.status for row in available()}["mine"] == "available"
    with pytest.raises(LoadError, match="no device, got 'cuda'"):
        load("mine:cuda")


def test_a_broken_entry_point_hides_nothing(plugins: list[Any]) -> None:
    """An entry point that cannot be imported is listed as broken, others are not."""
    plugins.append(entry_point("lost", "no_such_module:factory", "lost-dist"))
    plugins.append(entry_point("numpy", "my_kernels:factory", "rude-dist"))
    rows = [(row.name, row.status) for row in available()]
    assert ("lost", "broken") in rows
    assert ("numpy", "available") in rows
    assert ("numpy", "broken") in rows
    with pytest.raises(LoadError, match="lost-dist must be importable"):
        load("lost")


def test_a_name_taken_twice_warns(plugins: list[Any]) -> None:
    """Two distributions with one name are both named; the first is used."""
    plugins.append(entry_point("mine", "my_kernels:factory", "one-dist"))
    plugins.append(entry_point("mine", "my_kernels:Mine", "two-dist"))
    with pytest.warns(UserWarning, match="both one-dist and two-dist"):
        assert load("mine").name == "mine"


def test_loading_numpy_leaves_torch_alone() -> None:
    """Neither importing the loader nor loading the NumPy backend imports torch."""
    code = (
        "import sys; from conformance.loading import load; load('numpy'); "
        "load('mutant:zeros'); print('torch' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    assert done.stdout.strip() == "False"


def test_parameters_that_no_call_fills_are_ignored() -> None:
    """Those of other names, and torch's names where the loss does not have them."""

    def loss(
        input: Any,
        target: Any,
        weight: Any,
        size: Any,
        *,
        reduction: Any,
        **others: Any,
    ) -> None: ...

    assert ignored_parameters(loss, "cross_entropy") == ("size",)
    assert ignored_parameters(loss, "mse") == ("weight", "size")
    torch = pytest.importorskip("torch")
    assert not ignored_parameters(torch.nn.functional.mse_loss, "mse")


def test_a_function_says_what_it_ignores(folder: Path) -> None:
    """The backend that is made of it knows the names."""
    text = "def mae(input, target, delta=1.0): return abs(input - target).mean()"
    (folder / "ignoring.py").write_text(text)
    assert ignored(load("./ignoring.py:mae")) == ("delta",)
    assert not ignored(load("numpy"))


@pytest.mark.parametrize(
    ("signature", "cure"),
    [
        ("*, input, target", "its first two parameters must be positional"),
        ("input, target, scale", "give the other parameters defaults"),
    ],
)
def test_what_cannot_be_called_says_what_to_change(
    signature: str, cure: str, folder: Path
) -> None:
    """Keyword-only parameters need no defaults, they need to be positional."""
    (folder / "calls.py").write_text(f"def mae({signature}): ...")
    with pytest.raises(LoadError, match=cure):
        load("./calls.py:mae")
