"""``smcost prices``: fetch price lists, take in saved ones, look a price up."""

from pathlib import Path
from typing import Annotated

import typer

from smcost.cli import options

app = typer.Typer(help="Fetch prices and look them up.", no_args_is_help=True)
PULL_EXAMPLES = """Examples:

  smcost prices pull --region eu-west-1

  smcost prices pull --region eu-west-1 --source api --profile work

  smcost prices pull --region us-east-1 --instance-type ml.m5.xlarge
"""
IMPORT_EXAMPLES = """Examples:

  smcost prices import index.json

  (made by: aws pricing get-products --service-code AmazonSageMaker --region us-east-1 --filters Type=TERM_MATCH,Field=regionCode,Value=eu-west-1 > products.json)

  smcost prices import products.json --region eu-west-1
"""
SHOW_EXAMPLES = """Examples:

  smcost prices show --instance-type ml.m5.xlarge

  smcost prices show --region eu-central-1 -f csv

  smcost prices show --region eu-west-1 --max-price-age 30d:fail
"""


@app.command("pull", epilog=PULL_EXAMPLES)
def pull(
    context: typer.Context,
    region: options.Region = "us-east-1",
    instance_type: options.InstanceType = None,
    source: options.PriceSource = "bulk",
    profile: options.Profile = None,
    format: options.Format = "table",  # noqa: A002  (the contract's flag)
    output: options.Output = None,
    offline: options.Offline = False,
    show_iam: options.ShowIam = False,
    quiet: options.Quiet = False,
) -> None:
    """Fetch the price list of a region into the price cache, where every command finds it.

    From AWS's public files, which ask for no credentials, or with --source api through the Pricing API. With --instance-type only that type's prices are replaced.
    """
    if show_iam:
        from smcost.cli.aws_input import show_iam as print_policy

        print_policy("prices pull")
        return
    # Only now: the help must not wait for what the answer needs.
    from smcost.cli.prices_pull import PullFlags, answer_pull

    answer_pull(
        context,
        PullFlags(
            region=region,
            instance_type=instance_type,
            source=source,
            profile=profile,
            format=format,
            output=output,
            offline=offline,
            quiet=quiet,
        ),
    )


@app.command("import", epilog=IMPORT_EXAMPLES)
def import_(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="A bulk file (JSON or CSV) or an answer of GetProducts, or .gz."
        ),
    ],
    only_region: Annotated[
        str | None,
        typer.Option("--region", metavar="REGION", help="Of a file with several, this one alone."),
    ] = None,
    format: options.Format = "table",  # noqa: A002  (the contract's flag)
    output: options.Output = None,
    quiet: options.Quiet = False,
) -> None:
    """Put a price list that was saved in a file into the price cache."""
    from smcost.cli.prices_pull import ImportFlags, answer_import

    answer_import(
        context,
        ImportFlags(file=file, only_region=only_region, format=format, output=output, quiet=quiet),
    )


@app.command("show", epilog=SHOW_EXAMPLES)
def show(
    context: typer.Context,
    instance_type: options.InstanceType = None,
    region: options.Region = "us-east-1",
    prices: options.Prices = None,
    rates: options.Rates = None,
    max_price_age: options.MaxPriceAge = None,
    format: options.Format = "table",  # noqa: A002  (the contract's flag)
    output: options.Output = None,
    quiet: options.Quiet = False,
) -> None:
    """Show prices with component, source and dates; without --instance-type the whole region."""
    from smcost.cli.prices_show import ShowFlags, answer_show

    answer_show(
        context,
        ShowFlags(
            instance_type=instance_type,
            region=region,
            prices=prices,
            rates=rates,
            max_price_age=max_price_age,
            format=format,
            output=output,
            quiet=quiet,
        ),
    )
