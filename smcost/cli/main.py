"""The command line: assembles the commands, and turns every error into a sentence and a code."""

import os
import sys
from typing import Annotated

import typer

from smcost import __version__
from smcost.cli import estimate, prices, recommend, schema, terraform, traffic
from smcost.cli.not_yet import refuse_not_yet
from smcost.cli.output import report, say
from smcost.cli.settings import load_settings
from smcost.errors import SmcostError

app = typer.Typer(
    name="smcost",
    help="Cost and autoscaling minimum of SageMaker real-time endpoints.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    epilog="Settings: flag > SMCOST_* > smcost.toml here > user file > default.",
)
app.command("estimate", epilog=estimate.EXAMPLES)(estimate.estimate_command)
app.command("recommend", epilog=recommend.EXAMPLES)(recommend.recommend_command)
app.add_typer(prices.app, name="prices")
app.add_typer(traffic.app, name="traffic")
app.command("terraform", epilog=terraform.EXAMPLES)(terraform.terraform_command)
app.command("schema", epilog=schema.EXAMPLES)(schema.schema_command)


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"smcost {__version__}\n")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Print a traceback with an error.")
    ] = False,
) -> None:
    """Root of the commands; its flags are read before any command runs."""


def main(arguments: list[str] | None = None) -> None:
    """Run the program and exit with the code of the contract."""
    given = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in given
    # The contract lets --debug stand anywhere, the parser only before the command.
    given = [argument for argument in given if argument != "--debug"]
    try:
        refuse_not_yet(given)
        app(args=given, prog_name="smcost", default_map=_defaults())
    except SmcostError as error:
        if debug:
            raise
        report(error)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # Whoever read us has what he wanted (| head); nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:  # a bug must not look like a result
        if debug:
            raise
        say(f"error: This is a bug in smcost ({type(error).__name__}: {error}).")
        say("  fix: Report it with the output of the same command and --debug.")
        sys.exit(1)


def _defaults() -> dict[str, object]:
    known = {
        "estimate": _parameters("estimate"),
        "recommend": _parameters("recommend"),
    }
    return dict(load_settings(known))


def _parameters(command: str) -> set[str]:
    function = {
        "estimate": estimate.estimate_command,
        "recommend": recommend.recommend_command,
    }[command]
    return set(function.__annotations__) - {"context", "return"}
