"""Whether a fleet fits into what the account may have."""

import pytest

from smcost.quota import Quota, quota_caveats, quota_name

QUOTA = Quota(name=quota_name("ml.m5.xlarge"), code="L-2F737F8D", value=8.0)


@pytest.mark.parametrize(("maximum", "too_many"), [(7, False), (8, False), (9, True)])
def test_only_what_is_above_the_quota_is_told(maximum, too_many):
    assert bool(quota_caveats(QUOTA, maximum, "The recommended")) is too_many


def test_the_message_has_name_code_value_and_what_a_deployment_needs():
    [caveat] = quota_caveats(QUOTA, 12, "The recommended")
    assert caveat.code == "quota_too_small"
    assert "recommended maximum of 12" in caveat.message
    assert "ml.m5.xlarge for endpoint usage (L-2F737F8D) 8" in caveat.message
    assert "needs 24" in caveat.message


def test_a_quota_of_none_fits_nothing():
    none = Quota(name="x", code="y", value=0.0)
    assert quota_caveats(none, 1, "The")
