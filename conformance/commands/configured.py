"""Commands whose options have defaults in a configuration file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from conformance.configuration import Configuration

_META: Final = "loss-conformance configuration"


class Configured(click.Command):
    """A command that reads [tool.loss-conformance]; the command line outranks it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Add the options that say which file is read."""
        super().__init__(*args, **kwargs)
        self.params += [
            click.Option(
                ["--config"],
                type=click.Path(path_type=Path, exists=True, dir_okay=False),
                expose_value=False,
                help="Read [tool.loss-conformance] of this file. Default: of the "
                "nearest pyproject.toml that has it, here or in a folder above.",
            ),
            click.Option(
                ["--no-config"],
                is_flag=True,
                expose_value=False,
                help="Read no configuration.",
            ),
        ]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the command line over the defaults of the configuration."""
        given, _, _ = self.make_parser(ctx).parse_args(args=[*args])
        asks = self.get_help_option(ctx)
        # A broken configuration must not stand in the way of help.
        helps = asks is not None and given.get(str(asks.name))
        found = None if helps else _found(given)
        if found is not None:
            ctx.meta[_META] = found
            names = self.keys()
            ctx.default_map = {names[key]: v for key, v in found.values.items()}
        try:
            return super().parse_args(ctx, args)
        except click.BadParameter as error:
            raise _located(error, ctx, found) from error

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command after saying what the configuration decided."""
        found: Configuration | None = ctx.meta.get(_META)
        names = self.keys()
        used = (
            [] if found is None else [k for k in found.values if _rules(ctx, names[k])]
        )
        if found is not None and used:
            click.echo(f"configuration {found.path}: {', '.join(used)}")
        return super().invoke(ctx)

    def keys(self) -> dict[str, str]:
        """Return what a parameter is called in a file → what the command calls it."""
        return {max(p.opts, key=len).lstrip("-"): str(p.name) for p in self.params}


def _found(given: dict[str, Any]) -> Configuration | None:
    from conformance.configuration import ConfigurationError, find, load

    if given.get("no_config"):
        if given.get("config"):
            msg = "one of --config and --no-config may be given, got both"
            raise click.UsageError(msg)
        return None
    here = Path.cwd()
    try:
        named = given.get("config")
        path = Path(named) if named else find(here)
        return None if path is None else load(path, here)
    except ConfigurationError as error:
        raise click.UsageError(str(error)) from None


def _rules(ctx: click.Context, name: str) -> bool:
    return ctx.get_parameter_source(name) is ParameterSource.DEFAULT_MAP


def _located(
    error: click.BadParameter, ctx: click.Context, found: Configuration | None
) -> click.BadParameter:
    """Return an error that says so if the value is that of the configuration."""
    name = error.param.name if error.param is not None else None
    if found is None or name is None or not _rules(ctx, name):
        return error
    message = f"{error.message} (in {found.path})"
    return click.BadParameter(message, error.ctx, error.param, error.param_hint)
