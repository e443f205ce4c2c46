"""No module imports from a layer above its own."""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[1]

# From low to high. A name stands for a module, or for a folder and all in it. What
# stands in one line may import one another, as long as there is no cycle.
LAYERS: Final = (
    ("crumb", "environment", "files", "float_state", "global_state", "memory"),
    ("misnamed", "spelling"),
    ("packing", "profiles", "provenance", "stopwatch", "structure", "toml", "trace"),
    ("case", "contract", "verdict", "backend", "reach"),
    ("adapters", "backends", "builders", "mutants", "rules", "tolerance"),
    ("examples", "judge", "loading", "relations", "topics"),
    ("answer", "experiment"),
    ("checks",),
    ("measure",),
    ("tools",),
    ("cells", "conditions", "findings", "points", "tally", "unit", "workbench"),
    ("ended",),
    ("executor", "journal", "sharding", "soundness"),
    ("plan", "recovery", "request", "run"),
    ("comparison", "introduction", "merging", "replaying", "runner", "session"),
    ("advice", "bench", "claims", "configuration", "explain", "self_test", "writers"),
    ("suite",),
    ("__main__", "cli", "commands"),
)
HEIGHT: Final = {name: height for height, row in enumerate(LAYERS) for name in row}

REFERENCE_MAY_IMPORT: Final = frozenset({"mpmath", "numpy", "ml_dtypes", "reference"})
CONFORMANCE_MAY_IMPORT: Final = REFERENCE_MAY_IMPORT | {
    "click",
    "conformance",
    "flint",
    "hypothesis",
    "jinja2",
    "matplotlib",
    "pebble",
    "pytest",
    "rich",
    "torch",
}
# What only these modules, and what lies below them, may import.
ONLY_FROM: Final = {
    "torch": (
        "conformance.backends.torch",
        "conformance.backends._torch_paths",
        "conformance.bench.torch",
    ),
    "flint": ("conformance.bench.flint",),
    "jinja2": ("conformance.writers.comparison", "conformance.writers.html"),
    "matplotlib": ("conformance.writers.html",),
    "hypothesis": ("conformance.builders.choices",),
    "pytest": ("conformance.suite",),
    "conformance.mutants": (
        "conformance.mutants",
        "conformance.loading",
        "conformance.self_test",
    ),
}
# What is slow to import, and the one module that may import it when it is imported.
SLOW: Final = {
    "conformance.backends.torch": "conformance.backends.torch",
    "conformance.bench.flint": "conformance.bench.flint",
    "conformance.bench.torch": "conformance.bench.torch",
    "hypothesis": "nothing imports it eagerly",
    "jinja2": "nothing imports it eagerly",
    "matplotlib": "nothing imports it eagerly",
}


@dataclass(frozen=True)
class Import:
    """One imported name; a lazy one is not imported when its module is."""

    name: str
    lazy: bool


def imports(source: str) -> frozenset[Import]:
    """Return what `source`, the text of a module, imports anywhere in it."""
    return frozenset(_visit(ast.parse(source), lazy=False))


def _visit(node: ast.AST, *, lazy: bool) -> Iterator[Import]:
    for name in _names(node):
        yield Import(name, lazy)
    inside = lazy or _delays(node)
    for child in ast.iter_child_nodes(node):
        yield from _visit(child, lazy=inside)


def _delays(node: ast.AST) -> bool:
    if isinstance(node, ast.If):
        return "TYPE_CHECKING" in ast.unparse(node.test)
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)


def _names(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=origin, names=names, level=level):
            # A relative name keeps its dots, so that it is refused: it hides the layer.
            yield from (f"{'.' * level}{origin or ''}.{a.name}" for a in names)
        case ast.Call(
            func=ast.Name(id="import_module" | "__import__")
            | ast.Attribute(attr="import_module"),
            args=[ast.Constant(value=str(name)), *_],
        ):
            yield name


def violations(module: str, source: str) -> list[str]:
    """Return one sentence for each import that `module` may not have."""
    found = sorted(imports(source), key=lambda one: (one.name, one.lazy))
    reasons = dict.fromkeys(_reason(module, one) for one in found)
    return [f"{module} {reason}" for reason in reasons if reason is not None]


def _reason(module: str, one: Import) -> str | None:
    top = one.name.split(".")[0]
    inside = _is_in(module, "reference")
    allowed = REFERENCE_MAY_IMPORT if inside else CONFORMANCE_MAY_IMPORT
    if top not in allowed and top not in sys.stdlib_module_names:
        return f"imports {one.name}, which is not among {sorted(allowed)}"
    for name, homes in ONLY_FROM.items():
        if _is_in(one.name, name) and not any(_is_in(module, home) for home in homes):
            return f"imports {one.name}, which only {' and '.join(homes)} may"
    if _is_in(module, "reference.losses") and _is_in(one.name, "reference.oracle"):
        return f"imports {one.name}, but the oracle stands above the losses"
    for name, home in SLOW.items():
        if _is_in(one.name, name) and not one.lazy and module != home:
            return f"imports {one.name}, which is slow, outside a function"
    return _climb(module, one.name)


def _climb(module: str, name: str) -> str | None:
    if not (_is_in(module, "conformance") and _is_in(name, "conformance")):
        return None
    own, other = _height(module), _height(name)
    if own is None:
        return "has no layer: give it one in LAYERS"
    if other is None or other > own:
        return f"imports {name}, which has a layer above its own, or none in LAYERS"
    return None


def _height(module: str) -> int | None:
    # `conformance` itself, its `__init__.py`, lies below everything.
    _, _, rest = module.partition(".")
    return HEIGHT.get(rest.split(".")[0]) if rest else -1


def _is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def modules() -> dict[str, str]:
    """Return the text of every module of the two packages, by dotted name."""
    paths = [
        p for top in ("reference", "conformance") for p in ROOT.glob(f"{top}/**/*.py")
    ]
    parts = {
        path: path.relative_to(ROOT).with_suffix("").parts for path in sorted(paths)
    }
    return {
        ".".join(names[:-1] if names[-1] == "__init__" else names): path.read_text(
            "utf-8"
        )
        for path, names in parts.items()
    }


def cycles(texts: dict[str, str]) -> TopologicalSorter[str]:
    """Return the graph of the modules that one another's import runs."""
    graph: TopologicalSorter[str] = TopologicalSorter()
    for module, text in texts.items():
        eager = (one.name for one in imports(text) if not one.lazy)
        homes = {home for name in eager for home in _homes(name, texts)}
        graph.add(module, *(homes - {module}))
    return graph


def _homes(name: str, texts: dict[str, str]) -> list[str]:
    """Return the module that `name` is, or is in; nothing if it is none of ours."""
    candidates = (name, name.rpartition(".")[0])
    return [module for module in candidates if module in texts][:1]


def test_no_module_imports_what_lies_above_it() -> None:
    """Every import of the two packages goes down, or stays within its layer."""
    found = [v for module, text in modules().items() for v in violations(module, text)]
    assert not found, "\n".join(found)


def test_imports_have_no_cycle() -> None:
    """Modules can be imported one after the other."""
    cycles(modules()).prepare()


def test_the_layers_are_those_that_exist() -> None:
    """The rules are applied to both packages, and LAYERS names no module in vain."""
    names = [module.split(".") for module in modules()]
    assert {parts[0] for parts in names} == {"reference", "conformance"}
    assert {p[1] for p in names if p[0] == "conformance" and p[1:]} == set(HEIGHT)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("reference.formats", "import torch"),
        ("reference.formats", "def late():\n    from conformance.case import Case"),
        ("reference.losses.mae", "from reference import oracle"),
        ("reference.losses.mae", "from reference.oracle import evaluate"),
        ("conformance.case", "from conformance import judge"),
        ("conformance.case", "from . import contract"),
        ("conformance.judge", "if TYPE_CHECKING:\n    import conformance.cli"),
        ("conformance.checks.value", "importlib.import_module('conformance.runner')"),
        ("conformance.backends.numpy", "import torch.nn.functional as F"),
        ("conformance.loading", "from conformance.backends.torch import create"),
        ("conformance.builders.pool", "from hypothesis import given"),
        ("conformance.builders.choices", "from hypothesis import strategies"),
        ("conformance.runner", "from conformance.mutants.zeros import create"),
        ("conformance.runner", "import jsonschema"),
        ("conformance.bench.race", "def late():\n    import flint"),
        ("conformance.writers.facts", "def late():\n    import matplotlib"),
        ("conformance.writers.html.page", "import jinja2"),
        ("conformance.bench.race", "def late():\n    import torch"),
        ("conformance.bench.contender", "from conformance.bench.torch import prepare"),
        ("conformance.runner", "from conformance.somewhere import something"),
    ],
)
def test_a_planted_violation_is_found(module: str, source: str) -> None:
    """Each rule can fail."""
    assert len(violations(module, source)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("reference.oracle", "import math\nfrom reference.losses import mae"),
        ("conformance.backend", "from conformance.contract import WIDE"),
        ("conformance.backends.torch", "import torch"),
        ("conformance.builders.choices", "def late():\n    import hypothesis"),
        ("conformance.cli", "import click\nfrom conformance.runner import run"),
        (
            "conformance.loading",
            "def load():\n    return import_module('conformance.backends.torch')",
        ),
    ],
)
def test_a_legitimate_import_is_let_through(module: str, source: str) -> None:
    """The rules refuse nothing that the layers allow."""
    assert not violations(module, source)


def test_a_planted_cycle_is_found() -> None:
    """Two modules that import one another when they are imported are reported."""
    texts = {
        "conformance.run": "from conformance import journal",
        "conformance.journal": "from conformance.run import Run",
    }
    with pytest.raises(CycleError):
        cycles(texts).prepare()
