"""An instance type refuses sizes that no machine has."""

import pytest

from smcost.errors import InputError
from smcost.prices import InstanceType


@pytest.mark.parametrize(
    ("field", "value"),
    [("vcpu", 0), ("gpus", -1), ("memory_gib", 0.0), ("memory_gib", float("nan"))],
)
def test_sizes_that_no_machine_has_are_refused(field, value):
    with pytest.raises(InputError, match=rf"ml\.x1\.large cannot have {field}"):
        InstanceType(name="ml.x1.large", deployable=True, **{field: value})


def test_what_no_source_says_is_none_and_not_zero():
    unknown = InstanceType(name="ml.dl1.24xlarge", deployable=True)
    assert (unknown.vcpu, unknown.memory_gib, unknown.gpus, unknown.nvme) == (None,) * 4


def test_a_type_may_have_no_gpu():
    assert InstanceType(name="ml.m5.large", deployable=True, gpus=0).gpus == 0
