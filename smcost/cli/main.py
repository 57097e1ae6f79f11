"""The command line: assembles the commands, and turns every error into a sentence and a code."""

import os
import sys
import traceback
from collections.abc import Callable
from typing import Annotated, get_args, get_origin

import typer

from smcost import __version__
from smcost.cli import (
    capacity,
    capacity_import,
    components,
    estimate,
    multi_model,
    prices,
    recommend,
    schema,
    terraform,
    traffic,
)
from smcost.cli.not_yet import refuse_not_yet
from smcost.cli.origin import name_origin, refuse_unknown_variables
from smcost.cli.output import report, say
from smcost.cli.parser_errors import ParserError, shows_help, translated
from smcost.cli.settings import load_settings
from smcost.errors import SmcostError, UsageError

app = typer.Typer(
    name="smcost",
    help=(
        "Cost and autoscaling minimum of SageMaker real-time endpoints, and what every lever of "
        "the bill would save: minimums by the clock, other policies, turning off, other kinds of "
        "endpoint, models that share instances, Savings Plans, a whole fleet."
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    epilog="Settings: flag > SMCOST_* > smcost.toml here > user file > default.",
)
app.command("estimate", epilog=estimate.EXAMPLES)(estimate.estimate_command)
app.command("recommend", epilog=recommend.EXAMPLES)(recommend.recommend_command)
app.command("components", epilog=components.EXAMPLES)(components.components_command)
app.add_typer(prices.app, name="prices")
app.add_typer(traffic.app, name="traffic")
app.add_typer(capacity.app, name="capacity")
capacity.app.command("import", epilog=capacity_import.EXAMPLES)(capacity_import.import_command)
app.command("multi-model", epilog=multi_model.EXAMPLES)(multi_model.multi_model_command)
app.command("terraform", epilog=terraform.EXAMPLES)(terraform.terraform_command)
app.command("schema", epilog=schema.EXAMPLES)(schema.schema_command)
#: Commands whose flags smcost.toml may set.
_CONFIGURABLE: dict[str, Callable[..., None]] = {
    "estimate": estimate.estimate_command,
    "recommend": recommend.recommend_command,
    "components": components.components_command,
    "prices.pull": prices.pull,
    "prices.show": prices.show,
    "traffic.show": traffic.show,
    "traffic.pull": traffic.pull,
    "capacity.show": capacity.show,
    "multi-model": multi_model.multi_model_command,
}


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
        sys.exit(_run(given))
    except SmcostError as error:
        _trace(debug)
        report(error)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # Whoever read us has what he wanted (| head); nothing is wrong.
        _discard_stdout()
        sys.exit(0)
    except Exception as error:  # noqa: BLE001  (a bug must not look like a result)
        _trace(debug)
        say(f"error: This is a bug in smcost ({type(error).__name__}: {error}).")
        say("  fix: Report it with the output of the same command and --debug.")
        sys.exit(1)


def _run(given: list[str]) -> int:
    """Parse and obey; the exit code.

    Raises
    ------
    SmcostError
        Whatever is wrong, the parser's refusals included.
    BrokenPipeError
        Nobody reads stdout any more.
    """
    refuse_not_yet(given)
    known = {name: _parameters(command) for name, command in _CONFIGURABLE.items()}
    defaults: dict[str, object] = {}
    # Whoever asks for help may be about to mend those very settings.
    if not {"--help", "--version"} & set(given):
        refuse_unknown_variables(name for names in known.values() for name in names)
        defaults = load_settings(known)
    try:
        return _obey(given, defaults)
    except SmcostError as error:
        name_origin(error, given, defaults)
        raise


def _obey(given: list[str], defaults: dict[str, object]) -> int:
    try:
        # Not standalone: the parser would print its errors itself, in a frame and without a remedy.
        code = app(args=given, prog_name="smcost", default_map=defaults, standalone_mode=False)
    except ParserError as error:
        if shows_help(error):
            return UsageError.exit_code
        raise translated(error, given, defaults) from error
    except SystemExit as leaving:
        # The parser swallows a closed pipe even so, and leaves with 1.
        if isinstance(leaving.__context__, BrokenPipeError):
            raise leaving.__context__ from None
        raise
    return code if isinstance(code, int) else 0


def _discard_stdout() -> None:
    """Let what is still buffered go nowhere when the interpreter flushes it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _trace(wanted: bool) -> None:
    if wanted:
        traceback.print_exc()


def _parameters(command: Callable[..., None]) -> dict[str, type]:
    """What a settings file may set, each with ``list``, ``bool`` or (for one value) ``str``."""
    return {
        name: _kind(get_args(annotation)[0])
        for name, annotation in command.__annotations__.items()
        if name not in ("context", "file", "show_iam", "return")
    }


def _kind(annotation: object) -> type:
    kinds = get_args(annotation) or (annotation,)
    if any(get_origin(kind) is list for kind in kinds):
        return list
    return bool if bool in kinds else str
