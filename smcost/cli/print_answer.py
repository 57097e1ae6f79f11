"""The answer for one endpoint -> the console; an estimate does not wait for the search's code."""

from dataclasses import replace
from functools import partial

import typer

from smcost.cli.flags import Flags
from smcost.cli.output import choose_format, deliver, progress, say, warn
from smcost.cli.render import FORMATS, refuse_map_without_tfvars
from smcost.cli.sources import Sources
from smcost.errors import EXIT_INFEASIBLE
from smcost.recommend.result import Infeasible

#: The formats of a recommendation that have room for a comparison of kinds.
_WITH_KINDS = ("table", "json", "markdown")


def print_estimate(context: typer.Context, flags: Flags) -> None:
    """Check the flags, replay, price, print.

    Raises
    ------
    SmcostError
        Whatever is wrong with a flag, a file or a price, or with the output.
    """
    from smcost.cli.estimate_answer import estimate_answer

    sources = Sources(context)
    flags = _with_format(sources, flags)
    refuse_map_without_tfvars(flags, in_table=False, typed=sources.typed("tfvars_map"))
    answer = estimate_answer(sources, flags, partial(progress, quiet=flags.quiet))
    text = answer.text
    warn(answer.remarks.caveats, quiet=flags.quiet)
    deliver(text, flags.output)


def print_recommendation(context: typer.Context, flags: Flags) -> None:
    """Check the flags, search, print.

    Raises
    ------
    SmcostError
        Whatever is wrong with a flag, a file or a price, or with the output.
    typer.Exit
        With exit code 11 where nothing meets the SLO.
    """
    from smcost.cli.recommend_answer import recommend_answer

    sources = Sources(context)
    flags = _with_format(sources, flags)
    refuse_map_without_tfvars(flags, in_table=True, typed=sources.typed("tfvars_map"))
    explained = flags.explain or flags.format == "json"
    stage = partial(progress, quiet=flags.quiet)
    answer = recommend_answer(sources, flags, stage, with_sensitivity=explained)
    text = answer.text
    warn(answer.remarks.caveats, quiet=flags.quiet)
    if answer.levers.kinds is not None and flags.format not in _WITH_KINDS and not flags.quiet:
        say(f"-f {flags.format} has no other kinds of endpoint: -f table, json and markdown do")
    if text:
        deliver(text, flags.output)
    elif flags.output is not None:
        left = "left as it was" if flags.output.exists() else "not written"
        say(f"{flags.output} was {left}")
    if isinstance(answer.result, Infeasible):
        say(f"infeasible: {answer.result.binding.explanation}")
        raise typer.Exit(EXIT_INFEASIBLE)


def _with_format(sources: Sources, flags: Flags) -> Flags:
    form = choose_format(
        flags.format,
        FORMATS,
        output=flags.output,
        chosen=sources.given("format"),
        quiet=flags.quiet,
    )
    return replace(flags, format=form)
