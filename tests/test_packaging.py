"""What is built, installed and pinned is what the project says."""

from __future__ import annotations

import configparser
import doctest
import importlib
import os
import re
import tomllib
from importlib import metadata, resources
from pathlib import Path
from typing import Any, Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).parents[1]
PROJECT: Final[dict[str, Any]] = tomllib.loads(
    (ROOT / "pyproject.toml").read_text("utf-8")
)
PACKAGES: Final = ("reference", "conformance")
CONSTRAINTS: Final = ("core", "torch")
MODULES: Final = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if path.name != "__main__.py"
)
LOCAL_COMMAND: Final = "python3 -m venv .venv && .venv/bin/pip install -q tox && "


def pins(name: str) -> dict[str, str]:
    """Return package → version of a constraints file, which holds nothing else."""
    lines = (
        (ROOT / "tests" / "constraints" / f"{name}.txt").read_text("utf-8").splitlines()
    )
    pairs = [ln.split("==") for ln in lines if not ln.startswith("#")]
    return dict(pairs)


def asked_for(name: str) -> set[str]:
    """Return the packages that pyproject.toml asks for with or without torch."""
    groups = dict(PROJECT["dependency-groups"])
    if name == "core":
        del groups["symbolic"], groups["coverage"]
    else:
        del groups["lint"], groups["types"]
    lists = [*groups.values(), PROJECT["project"]["dependencies"]]
    if name == "core":
        lists.append(PROJECT["build-system"]["requires"])
    else:
        lists.append(PROJECT["project"]["optional-dependencies"]["torch"])
    texts = (one for some in lists for one in some if isinstance(one, str))
    return {canonicalize_name(Requirement(text).name) for text in texts}


def closure(names: set[str]) -> set[str]:
    """Return `names` and all that they need here, of what is installed here."""
    found: set[str] = set()
    waiting = set(names)
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= _needs(name) - found
    return found


def _needs(name: str) -> set[str]:
    try:
        texts = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return set()
    needs = [Requirement(text) for text in texts]
    here = [r for r in needs if r.marker is None or r.marker.evaluate({"extra": ""})]
    return {canonicalize_name(r.name) for r in here}


def files(package: Path) -> set[str]:
    """Return the relative paths of the files that a package is made of."""
    found = {path for path in package.rglob("*") if path.is_file()}
    return {
        path.relative_to(package).as_posix()
        for path in found
        if "__pycache__" not in path.parts
    }


def test_the_wheel_holds_both_packages_and_no_other() -> None:
    """The build is told the packages by name."""
    assert PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"] == {
        "packages": list(PACKAGES)
    }


@pytest.mark.parametrize("package", PACKAGES)
def test_the_package_under_test_is_complete(package: str) -> None:
    """Every file of the checkout is in the package that is imported here."""
    imported = Path(str(resources.files(package)))
    assert files(ROOT / package) == files(imported)


@pytest.mark.parametrize("package", PACKAGES)
def test_the_packages_are_typed(package: str) -> None:
    """Type checkers are told that the packages carry types."""
    assert resources.files(package).joinpath("py.typed").is_file()


@pytest.mark.parametrize("module", MODULES)
def test_examples_in_docstrings_are_true(module: str) -> None:
    """Every module can be imported, and its examples give what they show."""
    needed = {"torch": "torch", "_torch_paths": "torch", "flint": "flint"}
    if library := needed.get(module.rpartition(".")[2]):
        pytest.importorskip(library)
    failed, _ = doctest.testmod(importlib.import_module(module))
    assert not failed


def test_the_console_command_can_be_called() -> None:
    """The command that the wheel installs exists."""
    module, _, name = PROJECT["project"]["scripts"]["loss-conformance"].partition(":")
    assert callable(getattr(importlib.import_module(module), name))


def test_no_backend_is_declared_as_a_plug_in() -> None:
    """Our own backends are built in; the entry-point group is for others."""
    assert set(PROJECT["project"]["entry-points"]) == {"pytest11"}


def test_the_front_is_a_plug_in_of_pytest() -> None:
    """Its entry point names a module that has pytest's hooks."""
    ((name, module),) = PROJECT["project"]["entry-points"]["pytest11"].items()
    assert name == "loss_conformance"
    assert hasattr(importlib.import_module(module), "pytest_addoption")


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_a_constraint_is_a_plain_pin(name: str) -> None:
    """A constraint is a normalised name and one public version, and they are sorted."""
    found = pins(name)
    assert list(found) == sorted(found)
    assert all(package == canonicalize_name(package) for package in found)
    assert all(re.fullmatch(r"[0-9.]+", version) for version in found.values())


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_every_package_is_pinned(name: str) -> None:
    """What the project asks for is pinned, and what that asks for in turn."""
    # `sympy` holds mpmath back, so it and torch are never part of the core.
    assert closure(asked_for(name)) <= set(pins(name))


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_pins_are_within_what_the_project_allows(name: str) -> None:
    """No pin contradicts a bound of pyproject.toml."""
    bounds = map(Requirement, PROJECT["project"]["dependencies"])
    found = pins(name)
    outside = [
        str(r) for r in bounds if found[canonicalize_name(r.name)] not in r.specifier
    ]
    assert not outside


def test_the_two_sets_of_pins_differ_only_in_mpmath() -> None:
    """A package in both files has the same version in both, apart from mpmath."""
    core, torch = pins("core"), pins("torch")
    assert {k for k in core.keys() & torch.keys() if core[k] != torch[k]} == {"mpmath"}
    assert not {"torch", "sympy"} & core.keys()


def test_tox_runs_what_a_change_must_pass() -> None:
    """Plain `tox` checks style and types, and tests with torch and without."""
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini", encoding="utf-8")
    assert set(tox["tox"]["env_list"].split(", ")) == {"lint", "types", "core", "tests"}


def test_continuous_integration_runs_the_command_of_the_readme() -> None:
    """What the README tells people to run is what decides about a change."""
    script = ROOT / ".ci" / "run"
    command = f"{LOCAL_COMMAND}.venv/bin/tox"
    assert os.access(script, os.X_OK)
    assert script.read_text("utf-8").splitlines()[-1] == command
    assert command in (ROOT / "README.md").read_text("utf-8").splitlines()


def test_the_readme_has_a_command_for_the_main_job() -> None:
    """One line, from nothing but Python and git, runs the suite."""
    command = f"{LOCAL_COMMAND}.venv/bin/tox -e check"
    assert command in (ROOT / "README.md").read_text("utf-8").splitlines()
