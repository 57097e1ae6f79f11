"""``smcost schema NAME``: the JSON Schema of an output."""

from typing import Annotated

import typer

from smcost.cli.output import deliver
from smcost.errors import UsageError

EXAMPLES = """Examples:

  smcost schema recommend
"""


def schema_command(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="estimate, recommend, components, multi-model, prices-show, prices-pull, "
            "traffic-show, capacity-show, capacity-fit or fleet.",
        ),
    ],
) -> None:
    """Print the JSON Schema of what a command prints with -f json."""
    import json

    from smcost.emit.components_schema import ComponentsDocument
    from smcost.emit.fit_json import CapacityFitDocument
    from smcost.emit.fleet_schema import FleetDocument
    from smcost.emit.multi_model_schema import MultiModelDocument
    from smcost.emit.schema import DOCUMENTS

    documents = DOCUMENTS | {
        "capacity-fit": CapacityFitDocument,
        "components": ComponentsDocument,
        "fleet": FleetDocument,
        "multi-model": MultiModelDocument,
    }
    if name not in documents:
        raise UsageError(
            f"There is no document {name!r}",
            remedy=f"Use one of {', '.join(documents)}",
            place="NAME",
        )
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    schema = dialect | documents[name].model_json_schema(mode="serialization")
    deliver(json.dumps(schema, indent=2) + "\n", None)
