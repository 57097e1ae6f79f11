"""``smcost prices show``: a price with its provenance, and every row that competes with it."""

import typer

from smcost.cli import options
from smcost.cli.output import choose_format, deliver, warn
from smcost.cli.sources import Sources
from smcost.errors import UsageError

app = typer.Typer(help="Look prices up.", no_args_is_help=True)
FORMATS = ("table", "json", "csv", "markdown")
EXAMPLES = """Examples:

  smcost prices show --instance-type ml.m5.xlarge

  smcost prices show --region eu-central-1 -f csv
"""


@app.command("show", epilog=EXAMPLES)
def show(
    context: typer.Context,
    instance_type: options.InstanceType = None,
    region: options.Region = "us-east-1",
    prices: options.Prices = None,
    format: options.Format = "table",  # noqa: A002  (the contract's flag)
    output: options.Output = None,
    quiet: options.Quiet = False,
) -> None:
    """Show prices with component, source and date; without --instance-type the whole region."""
    from smcost.read.bundled import bundled_catalogue
    from smcost.read.price_csv import read_prices

    given = Sources(context).given("format")
    format = choose_format(format, FORMATS, output=output, chosen=given)  # noqa: A001
    types = instance_type or []
    if len(types) > 1:
        raise UsageError(
            "Several instance types are given", remedy="Give one, or none for all of the region"
        )
    catalogue = bundled_catalogue()
    if prices is not None:
        catalogue = catalogue.with_user_prices(read_prices(prices))
    rows = catalogue.rows(region, types[0] if types else None)
    chosen = [row.price for row in rows if row.used] if types else []
    caveats = [caveat for price in chosen for caveat in catalogue.caveats(price)]
    if format == "json":
        from smcost.emit.documents import prices_json

        text = prices_json(rows, caveats)
    elif format == "csv":
        from smcost.emit.csv_lines import prices_csv

        text = prices_csv(rows)
    else:
        from smcost.cli.render import sections_text
        from smcost.emit.show_sections import prices_section

        text = sections_text([prices_section(region, rows)], format)
    warn(caveats, quiet=quiet)
    deliver(text, output)
