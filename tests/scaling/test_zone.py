"""Time zones by name, and what is said where none has it."""

from datetime import UTC

import pytest

from smcost.errors import UsageError
from smcost.scaling.zone import zone_of


def test_utc_needs_no_database():
    assert zone_of("UTC") is UTC
    assert str(zone_of("Asia/Kolkata")) == "Asia/Kolkata"


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("utc", "Use UTC"),
        ("europe/BERLIN", "Use Europe/Berlin"),
        ("Europe/Berlim", "Use Europe/Berlin or "),
        ("", "Use an IANA name, Europe/Berlin"),
        ("../etc/passwd", "Use "),
        ("@@@", "Use an IANA name, Europe/Berlin"),
    ],
)
def test_what_is_no_zone_is_refused_with_the_nearest(name, remedy):
    with pytest.raises(UsageError, match="is no time zone known here") as caught:
        zone_of(name)
    assert caught.value.remedy.startswith(remedy)
