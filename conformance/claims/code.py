"""Reading code without running it: which loss does it ask for, and of what?

Most examples of a text are a handful of lines: tensors of literals, a loss made and
called. Those are read from the syntax tree. Nothing is executed or imported.
"""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from conformance.claims.claim import ClaimError
from conformance.claims.entries import ARRAYS
from conformance.claims.fields import OPTIONS, checked_arguments

if TYPE_CHECKING:
    from collections.abc import Mapping

_CLASSES: Final = {
    "L1Loss": "mae",
    "MSELoss": "mse",
    "CrossEntropyLoss": "cross_entropy",
}
_FUNCTIONS: Final = {
    "l1_loss": "mae",
    "mse_loss": "mse",
    "cross_entropy": "cross_entropy",
}
_MAKERS: Final = ("tensor", "FloatTensor", "LongTensor", "array", "Tensor")
_REAL: Final = {"float16", "half", "bfloat16", "float32", "float", "float64", "double"}
_WHOLE: Final = {"int64", "long", "int32", "int", "uint8", "int16", "int8"}
_FORMAT: Final = {"half": "float16", "float": "float32", "double": "float64"}
_DEFAULT: Final = "float32"
_THROUGH: Final = ("item", "detach", "clone", "requires_grad_", "cpu")
_LONGEST: Final = 20_000


class UnreadableError(ValueError):
    """The code is more than is read; the message says where."""


class RandomError(ValueError):
    """The code draws numbers without a seed, so it has no one result."""


@dataclass(frozen=True)
class _Tensor:
    values: Any
    dtype: str
    text: str


@dataclass(frozen=True)
class _Loss:
    name: str
    options: Mapping[str, Any]


def read(text: str) -> dict[str, Any]:
    """Return the arguments of the last loss that the code computes.

    Args:
        text: Python code.

    Raises:
        UnreadableError: If it holds what is not read.
        RandomError: If it draws random numbers without a seed.
    """
    if len(text) > _LONGEST:
        msg = f"the code has more than {_LONGEST} characters"
        raise UnreadableError(msg)
    if "rand" in text and "seed" not in text:
        msg = "inputs are not given: they are random, without a seed"
        raise RandomError(msg)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # of the code's own, such as for its escapes
            tree = ast.parse(text)
        return _Reader().run(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, UnreadableError):
            raise
        msg = f"the code cannot be read: {str(error)[:80] or 'nested too deeply'}"
        raise UnreadableError(msg) from None


class _Reader:
    def __init__(self) -> None:
        self.names: dict[str, Any] = {}
        self.found: dict[str, Any] | None = None

    def run(self, tree: ast.Module) -> dict[str, Any]:
        for node in tree.body:
            self.statement(node)
        if self.found is None:
            msg = "the code computes no loss"
            raise UnreadableError(msg)
        return self.found

    def statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Import() | ast.ImportFrom():
                return
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self.names[name] = self.value(value)
                return
            case ast.Expr(value=ast.Constant()):
                return
            case ast.Expr(value=ast.Call(func=ast.Name(id="print"), args=args)):
                for argument in args:
                    if not isinstance(argument, ast.Constant):
                        self.value(argument)
                return
            case ast.Expr(value=value):
                self.value(value)
                return
        msg = f"line {node.lineno} is more than is read"
        raise UnreadableError(msg)

    def value(self, node: ast.expr) -> Any:
        match node:
            case ast.Name(id=name) if name in self.names:
                return self.names[name]
            case ast.Call(func=ast.Attribute(value=inner, attr=attr)) if (
                attr in _THROUGH
            ):
                return self.value(inner)
            case ast.Call(func=ast.Attribute(attr=attr) | ast.Name(id=attr)) if (
                attr not in self.names
            ):
                return self.call(node, attr)
            case ast.Call(func=function):
                return self.apply(self.value(function), node)
            case ast.List() | ast.Tuple() | ast.Constant() | ast.UnaryOp():
                return _literal(node)
        msg = f"line {node.lineno} is more than is read: {ast.unparse(node)[:60]}"
        raise UnreadableError(msg)

    def call(self, node: ast.Call, name: str) -> Any:
        options = {k.arg: k.value for k in node.keywords if k.arg}
        if name in _MAKERS and len(node.args) == 1:
            return _tensor(name, node.args[0], options)
        if name in _CLASSES and not node.args:
            return _Loss(
                _CLASSES[name], {k: self.option(k, v) for k, v in options.items()}
            )
        if name in _FUNCTIONS:
            given = {k: self.option(k, v) for k, v in options.items()}
            return self.apply(
                _Loss(_FUNCTIONS[name], given), ast.Call(node.func, node.args, [])
            )
        msg = f"line {node.lineno} is more than is read: {ast.unparse(node)[:60]}"
        raise UnreadableError(msg)

    def option(self, name: str, node: ast.expr) -> Any:
        if name not in {*OPTIONS, "weight"}:
            msg = f"line {node.lineno}: the option {name} is not read"
            raise UnreadableError(msg)
        return self.value(node)

    def apply(self, loss: Any, node: ast.Call) -> Any:
        if not isinstance(loss, _Loss) or node.keywords or len(node.args) != 2:  # noqa: PLR2004 - input, target
            msg = f"line {node.lineno} is more than is read: {ast.unparse(node)[:60]}"
            raise UnreadableError(msg)
        input, target = (self.value(a) for a in node.args)
        self.found = _asked(loss, input, target)
        return self.found


def _asked(loss: _Loss, input: Any, target: Any) -> dict[str, Any]:
    arrays = {"input": input, "target": target}
    arrays |= {k: v for k, v in loss.options.items() if k in ARRAYS}
    if not all(isinstance(v, _Tensor) for v in arrays.values()):
        msg = "input and target must be tensors of literals to be read"
        raise UnreadableError(msg)
    if arrays["input"].dtype == "whole":
        msg = "an input of an integer dtype is not read"
        raise UnreadableError(msg)
    options = {
        k: v for k, v in loss.options.items() if k not in ARRAYS and v is not None
    }
    made = {name: tensor.values for name, tensor in arrays.items()}
    whole = target.dtype == "whole"
    if loss.name == "cross_entropy":
        options["target_kind"] = "index" if whole else "probability"
    elif whole:
        msg = "a target of an integer dtype is not read for this loss"
        raise UnreadableError(msg)
    try:
        table = {"loss": loss.name, "dtype": input.dtype, **made, **options}
        return checked_arguments(table)
    except ClaimError as error:
        raise UnreadableError(str(error)) from None


def _tensor(name: str, node: ast.expr, options: Mapping[str, ast.expr]) -> _Tensor:
    unknown = options.keys() - {"dtype", "requires_grad"}
    if unknown:
        msg = f"line {node.lineno}: the option {min(unknown)} is not read"
        raise UnreadableError(msg)
    values = _literal(node)
    given = options.get("dtype")
    if given is not None:
        word = given.attr if isinstance(given, ast.Attribute) else ast.unparse(given)
        dtype = "whole" if word in _WHOLE else _FORMAT.get(word, word)
        if word not in _WHOLE | _REAL:
            msg = f"line {node.lineno}: the dtype {word[:40]} is not read"
            raise UnreadableError(msg)
    elif name in {"FloatTensor", "Tensor"}:
        dtype = _DEFAULT
    else:
        real = "float64" if name == "array" else _DEFAULT
        dtype = "whole" if name == "LongTensor" or _whole(values) else real
    return _Tensor(values, dtype, ast.unparse(node))


def _whole(values: Any) -> bool:
    return all(map(_whole, values)) if isinstance(values, list) else type(values) is int


def _literal(node: ast.expr) -> Any:
    match node:
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [_literal(item) for item in items]
        case ast.Constant(value=float() as value):
            return Decimal(repr(value))
        case ast.Constant(value=str() | int() | None as value) if not isinstance(
            value, bool
        ):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            value = _literal(inner)
            if isinstance(value, int | Decimal | Fraction):
                return -value
    msg = f"line {node.lineno} is more than is read: {ast.unparse(node)[:60]}"
    raise UnreadableError(msg)
