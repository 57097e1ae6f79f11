"""Every error has one sentence of cause, one of remedy, a place, and an exit code of its own."""

import pytest

from smcost import errors
from smcost.errors import (
    EXIT_INFEASIBLE,
    EXIT_POLICY_HIT,
    AwsDeniedError,
    AwsError,
    InputError,
    OutputError,
    PriceError,
    SmcostError,
    UsageError,
    WorkerError,
)

CODES = {UsageError: 2, InputError: 3, PriceError: 4, AwsError: 5, OutputError: 6, WorkerError: 7}
#: Of a class above, told apart by code that can go on without.
KINDS = {AwsDeniedError: AwsError}


@pytest.mark.parametrize(("error", "code"), CODES.items(), ids=str)
def test_each_class_leaves_with_the_code_of_the_contract(error, code):
    assert error.exit_code == code
    assert issubclass(error, SmcostError)


def test_no_two_outcomes_share_a_code():
    outcomes = [0, SmcostError.exit_code, *CODES.values(), EXIT_POLICY_HIT, EXIT_INFEASIBLE]
    assert outcomes == [0, 1, 2, 3, 4, 5, 6, 7, 10, 11]


def test_every_error_class_is_listed_here():
    found = {
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, SmcostError)
    }
    assert found == {SmcostError, *CODES, *KINDS}
    for kind, above in KINDS.items():
        assert kind.__bases__ == (above,)
        assert kind.exit_code == above.exit_code


def test_an_error_reads_place_cause_remedy():
    error = UsageError("The duration '300' has no unit", remedy="Add one: s", place="--timeout")
    assert str(error) == "--timeout: The duration '300' has no unit. Add one: s."


def test_an_error_without_a_place_reads_cause_remedy():
    assert str(InputError("There are no rows", remedy="Give two")) == "There are no rows. Give two."


def test_the_parts_stay_apart_for_the_door_that_renders_them():
    error = PriceError("No price", remedy="Pull prices", place="eu-west-1")
    assert (error.cause, error.remedy, error.place) == ("No price", "Pull prices", "eu-west-1")


def test_an_error_cannot_be_raised_without_a_remedy():
    with pytest.raises(TypeError, match="remedy"):
        SmcostError("Something broke")


def test_an_error_keeps_what_caused_it():
    def write():
        try:
            raise OSError("disk full")
        except OSError as cause:
            raise OutputError("Nothing was written", remedy="Make room") from cause

    with pytest.raises(OutputError) as raised:
        write()
    assert isinstance(raised.value.__cause__, OSError)
