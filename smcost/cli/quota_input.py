"""The quota check: a warning where a fleet does not fit, and one where nobody could look."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from smcost.errors import AwsError
from smcost.quota import ALL_TYPES, Quota, quota_caveats, quota_name
from smcost.remarks import Assumption, Caveat, WarningCode
from smcost.variant import Variant

if TYPE_CHECKING:
    from smcost.read.aws.access import Aws


def quota_remarks(
    aws: "Aws", fleets: Mapping[str, Variant]
) -> tuple[tuple[Assumption, ...], tuple[Caveat, ...]]:
    """What the account may have of these fleets' instances, and what does not fit.

    ``fleets`` by whose they are, for the message: ``Today's``, ``The recommended``. An answer does
    not depend on it, so that a refused or failed look is a warning, no error.
    """
    try:
        quotas = _quotas(aws, fleets.values())
    except AwsError as error:
        message = f"The quotas were not checked: {error.place}: {error.cause}. {error.remedy}"
        return (), (Caveat(code=WarningCode.QUOTA_UNCHECKED, message=message),)
    caveats: list[Caveat] = []
    for whose, variant in fleets.items():
        of_type = quotas.get(quota_name(variant.instance_type))
        if of_type is None:
            caveats.append(_not_listed(variant.instance_type))
        for quota in filter(None, (of_type, quotas.get(ALL_TYPES))):
            caveats += quota_caveats(quota, variant.highest, whose)
    rows = tuple(
        Assumption(
            name="account quota",
            value=f"{quota}; a blue/green deployment runs twice the fleet",
            source="Service Quotas",
        )
        for quota in quotas.values()
    )
    return rows, tuple(dict.fromkeys(caveats))


def _quotas(aws: "Aws", fleets: Iterable[Variant]) -> dict[str, Quota]:
    from smcost.read.aws.quotas import read_quotas

    names = [quota_name(variant.instance_type) for variant in fleets]
    return read_quotas(aws, [*dict.fromkeys(names), ALL_TYPES])


def _not_listed(instance_type: str) -> Caveat:
    message = (
        f"The quota was not checked: Service Quotas lists none named {quota_name(instance_type)}"
    )
    return Caveat(code=WarningCode.QUOTA_UNCHECKED, message=message)
