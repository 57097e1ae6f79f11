"""The account's quotas for endpoint instances, from Service Quotas."""

from collections.abc import Iterable

from smcost.quota import Quota
from smcost.read.aws.access import Aws
from smcost.read.aws.answer import Answer
from smcost.read.aws.operations import (
    LIST_AWS_DEFAULT_SERVICE_QUOTAS,
    LIST_SERVICE_QUOTAS,
    Operation,
)

_SERVICE = "sagemaker"
#: SageMaker has thousands of quotas, and a page no more than these.
_PAGE = 100


def read_quotas(aws: Aws, names: Iterable[str]) -> dict[str, Quota]:
    """The quotas of these names, as applied; AWS's default where nothing was applied.

    Names that AWS does not list are left out. The lists are long, so they are read only until
    everything is found.

    Raises
    ------
    AwsError
        A call failed, or an answer makes no sense.
    """
    wanted = set(names)
    found: dict[str, Quota] = {}
    for operation in (LIST_SERVICE_QUOTAS, LIST_AWS_DEFAULT_SERVICE_QUOTAS):
        if wanted - set(found):
            found |= _listed(aws, operation, wanted - set(found))
    return found


def _listed(aws: Aws, operation: Operation, wanted: set[str]) -> dict[str, Quota]:
    found: dict[str, Quota] = {}
    for entry in aws.pages(operation, "Quotas", ServiceCode=_SERVICE, MaxResults=_PAGE):
        [quota] = Answer(operation=operation, values={"Quotas": [entry]}).parts("Quotas")
        name = quota.text_or_none("QuotaName")
        if name in wanted:
            found[name] = Quota(
                name=name, code=quota.text("QuotaCode"), value=quota.amount("Value")
            )
        if len(found) == len(wanted):
            break
    return found
