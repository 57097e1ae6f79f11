"""The models behind the documents."""

import jsonschema
import pytest
from pydantic import ValidationError

from smcost.emit.lever_schema import ON_REQUEST
from smcost.emit.schema import DOCUMENTS, BindingEntry, WarningEntry


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_schema_is_one_and_every_key_is_promised(name):
    schema = DOCUMENTS[name].model_json_schema(mode="serialization")
    jsonschema.Draft202012Validator.check_schema(schema)
    for part in (schema, *schema["$defs"].values()):
        if part["type"] == "object":
            asked = {key for key in ON_REQUEST if "default" in part["properties"].get(key, {})}
            assert set(part["required"]) == set(part["properties"]) - asked
            assert part["additionalProperties"] is False
            assert part["description"]


def test_a_code_outside_the_closed_lists_is_refused():
    with pytest.raises(ValidationError):
        WarningEntry.model_validate({"code": "odd", "message": "x"})
    with pytest.raises(ValidationError):
        BindingEntry.model_validate({"constraint": "mood", "at": None, "explanation": "x"})
