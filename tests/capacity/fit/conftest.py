"""Fits of endpoints of known service law, each made once."""

from functools import cache

import pytest

from smcost.capacity.fit import fit_capacity
from smcost.capacity.profile import Routing


@pytest.fixture(scope="session")
def fit_of(minutes):
    """The fit of what ``minutes`` gives."""

    @cache
    def fitted(**values):
        lor = values.get("least_outstanding")
        return fit_capacity(
            minutes(**values), Routing.LEAST_OUTSTANDING_REQUESTS if lor else Routing.RANDOM
        )

    return fitted
