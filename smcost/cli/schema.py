"""``smcost schema NAME``: the JSON Schema of an output."""

from typing import Annotated

import typer

from smcost.cli.output import choose_format, deliver

EXAMPLES = """Examples:

  smcost schema recommend
"""


def schema_command(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="estimate, recommend, prices-show or traffic-show."),
    ],
) -> None:
    """Print the JSON Schema of what a command prints with -f json."""
    import json

    from smcost.emit.schema import DOCUMENTS

    model = DOCUMENTS[choose_format(name, DOCUMENTS, flag="NAME")]
    deliver(json.dumps(model.model_json_schema(mode="serialization"), indent=2) + "\n", None)
