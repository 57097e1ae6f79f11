"""How many instances an account may have behind endpoints, and whether a fleet fits."""

from dataclasses import dataclass

from smcost.remarks import Caveat, WarningCode
from smcost.units import plain

#: Service Quotas' name of the limit over all instance types.
ALL_TYPES = "Number of instances across active endpoints"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """One of the account's quotas, as Service Quotas names and numbers it. [instances]"""

    name: str
    code: str
    value: float

    def __str__(self) -> str:
        return f"{self.name} ({self.code}) {plain(self.value)}"


def quota_name(instance_type: str) -> str:
    """Service Quotas' name of the limit of one instance type.

    >>> quota_name("ml.m5.xlarge")
    'ml.m5.xlarge for endpoint usage'
    """
    return f"{instance_type} for endpoint usage"


def quota_caveats(quota: Quota, maximum: int, whose: str) -> list[Caveat]:
    """Say that a maximum is more than the account may have.

    Parameters
    ----------
    quota
        One that the fleet counts against.
    maximum
        Instances it may grow to. [instances]
    whose
        ``"The"``, ``"Today's"`` or ``"The recommended"``, for the message.
    """
    if maximum <= quota.value:
        return []
    message = (
        f"{whose} maximum of {maximum} is above the account's quota {quota}, which other "
        f"endpoints use too; a blue/green deployment of all of it needs {2 * maximum}. Ask for an "
        "increase under Service Quotas, Amazon SageMaker"
    )
    return [Caveat(code=WarningCode.QUOTA_TOO_SMALL, message=message)]
