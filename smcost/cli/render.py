"""Picks the door out for a result and a format."""

from collections.abc import Sequence
from decimal import Decimal

from smcost.cli.flags import Flags
from smcost.cli.output import table_style
from smcost.emit.sections import Section
from smcost.errors import UsageError
from smcost.estimate import Estimate
from smcost.recommend.result import Infeasible, Recommendation
from smcost.remarks import Remarks
from smcost.variant import Variant

FORMATS = ("table", "json", "csv", "markdown", "tfvars", "tfvars.json")


def estimate_text(
    result: Estimate, remarks: Remarks, saving_usd: Decimal | None, flags: Flags
) -> str:
    """An estimate in the wanted format."""
    if flags.format == "json":
        from smcost.emit.documents import estimate_json

        return estimate_json(result, remarks, saving_usd)
    if flags.format == "csv":
        from smcost.emit.csv_lines import estimate_csv

        return estimate_csv(result.cost)
    if flags.format.startswith("tfvars"):
        return variables_text(result.variant, flags, _estimate_comments(result, remarks))
    from smcost.emit.sections import estimate_sections

    return sections_text(
        estimate_sections(result, remarks, saving_usd, explain=flags.explain), flags.format
    )


def recommend_text(
    result: Recommendation | Infeasible,
    remarks: Remarks,
    saving_usd: Decimal | None,
    flags: Flags,
) -> str:
    """A recommendation in the wanted format; the table ends with the tfvars block.

    An infeasible result has no curve and no variables: csv and tfvars print nothing for it.
    """
    if flags.format == "json":
        from smcost.emit.documents import recommend_json

        return recommend_json(result, remarks, saving_usd)
    from smcost.emit.sections import recommend_sections

    if flags.format in ("table", "markdown"):
        text = sections_text(
            recommend_sections(result, remarks, saving_usd, explain=flags.explain), flags.format
        )
        return text if isinstance(result, Infeasible) else text + _block(result, remarks, flags)
    if isinstance(result, Infeasible):
        return ""
    if flags.format == "csv":
        from smcost.emit.csv_lines import curve_csv

        return curve_csv(result)
    return variables_text(result.estimate.variant, flags, _recommend_comments(result, remarks))


def sections_text(sections: Sequence[Section], wanted: str) -> str:
    """Sections as a table for the terminal or as Markdown."""
    if wanted == "markdown":
        from smcost.emit.markdown import markdown_text

        return markdown_text(sections)
    from smcost.emit.table import table_text

    width, colour = table_style()
    return table_text(sections, width=width, colour=colour)


def variables_text(variant: Variant, flags: Flags, comments: Sequence[str]) -> str:
    """The variables of the module, for pasting."""
    from smcost.emit.tfvars import parse_rename, tfvars_json, tfvars_text, variables

    rename = parse_rename(flags.tfvars_map or ())
    if flags.format == "tfvars.json":
        return tfvars_json(variables(variant), rename=rename)
    return tfvars_text(variables(variant), rename=rename, comments=comments)


def refuse_map_without_tfvars(flags: Flags, *, in_table: bool) -> None:
    """A renaming that nothing would show, or that makes no sense, is a mistake found at once.

    Raises
    ------
    UsageError
    """
    shown = flags.format.startswith("tfvars") or (
        in_table and flags.format in ("table", "markdown")
    )
    if flags.tfvars_map and not shown:
        raise UsageError(
            f"--tfvars-map changes nothing in the format {flags.format}",
            remedy="Add -f tfvars, or leave it out",
            place="--tfvars-map",
        )
    from smcost.emit.tfvars import parse_rename

    parse_rename(flags.tfvars_map or ())


def _block(result: Recommendation, remarks: Remarks, flags: Flags) -> str:
    block = variables_text(result.estimate.variant, flags, _recommend_comments(result, remarks))
    if flags.format == "markdown":
        return f"\n## Terraform variables\n\n```hcl\n{block}```\n"
    return f"\nTerraform variables\n{block}"


def _estimate_comments(result: Estimate, remarks: Remarks) -> list[str]:
    cost = result.cost
    floor, ceiling = cost.floor.usd, cost.ceiling.usd
    expected = "" if cost.expected is None else f"expected {cost.expected.usd:,} USD, "
    return [
        f"smcost estimate, {remarks.prices.region}, per month of {cost.hours_per_month:f} h: "
        f"{expected}floor {floor:,}, ceiling {ceiling:,}"
    ]


def _recommend_comments(result: Recommendation, remarks: Remarks) -> list[str]:
    slo = next(item.value for item in remarks.assumptions if item.name == "SLO")
    window = next(item.value for item in remarks.assumptions if item.name == "SLO window")
    expected = result.estimate.cost.expected
    assert expected is not None
    return [
        f"smcost recommend, {remarks.prices.region}: {slo} in {window}; expected "
        f"{expected.usd:,} USD per month of {result.estimate.cost.hours_per_month:f} h"
    ]
