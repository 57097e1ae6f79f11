"""How a flag is declared: its name, its panel in the help and its variable in the environment."""

import typer

from smcost.cli.names import parameter_of, variable_of


def option(flag: str, panel: str | None, text: str, metavar: str | None = None) -> object:
    """A flag with a value, which the environment may give too."""
    return typer.Option(
        flag,
        envvar=variable_of(parameter_of(flag)),
        show_envvar=False,
        rich_help_panel=panel,
        help=text,
        metavar=metavar,
        show_default=False,
    )


def switch(flag: str, panel: str | None, text: str) -> object:
    """A flag without a value."""
    return typer.Option(
        flag,
        envvar=variable_of(parameter_of(flag)),
        show_envvar=False,
        rich_help_panel=panel,
        help=text,
        show_default=False,
    )
