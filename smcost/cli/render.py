"""Picks the door out for a result and a format."""

from collections.abc import Sequence
from decimal import Decimal

from smcost.cli.comments import comments
from smcost.cli.flags import Flags
from smcost.cli.output import table_style
from smcost.cli.question import Question
from smcost.emit.comparison import Side, comparison_section
from smcost.emit.section import Section
from smcost.errors import UsageError
from smcost.estimate import Estimate
from smcost.estimate.levers import Levers
from smcost.recommend.result import Infeasible, Recommendation
from smcost.remarks import Remarks
from smcost.variant import Variant

FORMATS = ("table", "json", "csv", "markdown", "tfvars", "tfvars.json")


def estimate_text(
    result: Estimate, remarks: Remarks, question: Question, flags: Flags, levers: Levers
) -> str:
    """An estimate in the wanted format."""
    saving_usd = question.saving_usd(result.cost)
    if flags.format == "json":
        from smcost.emit.documents import estimate_json

        return estimate_json(result, remarks, saving_usd, levers)
    if flags.format == "csv":
        from smcost.emit.csv_lines import estimate_csv

        return estimate_csv(result.cost, levers.plans, levers.kinds)
    if flags.format.startswith("tfvars"):
        above = comments("estimate", result, remarks, question.slo)
        return variables_text(result.variant, flags, above, question.paid.volume_gb)
    from smcost.emit.sections import estimate_sections

    return sections_text(
        estimate_sections(result, remarks, saving_usd, levers, explain=flags.explain),
        flags.format,
    )


def recommend_text(
    result: Recommendation | Infeasible,
    remarks: Remarks,
    question: Question,
    flags: Flags,
    levers: Levers,
    today: Side | None = None,
) -> str:
    """A recommendation in the wanted format; the table ends with the tfvars block.

    An infeasible result has no curve and no variables: csv and tfvars print nothing for it.
    """
    saving_usd = None if isinstance(result, Infeasible) else _saving_usd(today, result)
    if flags.format == "json":
        from smcost.emit.recommend_document import recommend_json

        return recommend_json(result, remarks, saving_usd, today, levers)
    from smcost.emit.sections import recommend_sections

    if flags.format in ("table", "markdown"):
        sections = recommend_sections(result, remarks, saving_usd, levers, explain=flags.explain)
        if today is not None:
            proposed = None if isinstance(result, Infeasible) else _recommended(result)
            sections.insert(1, comparison_section(today, proposed))
        if isinstance(result, Infeasible):
            return sections_text(sections, flags.format)
        block = _block(result, remarks, question, flags)
        return sections_text(sections, flags.format) + block
    if isinstance(result, Infeasible):
        return ""
    if flags.format == "csv":
        from smcost.emit.csv_lines import curve_csv

        return curve_csv(result)
    above = comments("recommend", result.estimate, remarks, question.slo)
    return variables_text(result.estimate.variant, flags, above, question.paid.volume_gb)


def sections_text(sections: Sequence[Section], wanted: str) -> str:
    """Sections as a table for the terminal or as Markdown."""
    if wanted == "markdown":
        from smcost.emit.markdown import markdown_text

        return markdown_text(sections)
    from smcost.emit.table import table_text

    width, colour = table_style()
    return table_text(sections, width=width, colour=colour)


def variables_text(
    variant: Variant, flags: Flags, above: Sequence[str], volume_gb: int | None
) -> str:
    """The variables of the module, for pasting."""
    from smcost.emit.tfvars import parse_rename, tfvars_json, tfvars_text, variables

    rename = parse_rename(flags.tfvars_map or ())
    values = variables(variant, volume_gb=volume_gb)
    if flags.format == "tfvars.json":
        return tfvars_json(values, rename=rename)
    return tfvars_text(values, rename=rename, comments=above)


def refuse_map_without_tfvars(flags: Flags, *, in_table: bool, typed: bool) -> None:
    """A renaming that makes no sense, or that nothing would show, is a mistake found at once.

    One from the environment or a settings file waits there for a format that shows it.

    Raises
    ------
    UsageError
    """
    shown = flags.format.startswith("tfvars") or (
        in_table and flags.format in ("table", "markdown")
    )
    if flags.tfvars_map and typed and not shown:
        raise UsageError(
            f"--tfvars-map changes nothing in the format {flags.format}",
            remedy="Add -f tfvars, or leave it out",
            place="--tfvars-map",
        )
    from smcost.emit.tfvars import parse_rename

    parse_rename(flags.tfvars_map or ())


def _saving_usd(today: Side | None, result: Recommendation) -> Decimal | None:
    """What the recommendation saves, where today's cost is known. [USD]"""
    expected = result.estimate.cost.expected
    if today is None or today.expected_usd is None or expected is None:
        return None
    return today.expected_usd - expected.usd


def _recommended(result: Recommendation) -> Side:
    expected = result.estimate.cost.expected
    assert expected is not None
    return Side(
        variant=result.estimate.variant,
        latency=result.estimate.latency,
        expected_usd=expected.usd,
        meets_slo=True,
    )


def _block(result: Recommendation, remarks: Remarks, question: Question, flags: Flags) -> str:
    above = comments("recommend", result.estimate, remarks, question.slo)
    block = variables_text(result.estimate.variant, flags, above, question.paid.volume_gb)
    if flags.format == "markdown":
        return f"\n## Terraform variables\n\n```hcl\n{block}```\n"
    return f"\nTerraform variables\n{block}"
