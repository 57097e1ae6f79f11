"""Endpoints of known service law, seen as CloudWatch sees them; the benchmark has more of them."""

import importlib.util
import sys
from functools import cache
from pathlib import Path

import pytest

from smcost.capacity.fit import fit_capacity
from smcost.capacity.profile import Routing
from smcost.queueing.service import ServiceLaw, ServiceTime

SCENE = Path(__file__).resolve().parents[3] / "benchmarks" / "synthetic_endpoint.py"


def scene():
    """The module; test files and benchmarks cannot import each other by name."""
    name = "smcost_synthetic_endpoint"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, SCENE)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@cache
def seen(**values):
    """Minutes of an endpoint, made once; ``law`` is (mean_s, cv) or (mean_s, cv, law)."""
    mean_s, cv, *shape = values.pop("law", (0.2, 0.5))
    service = ServiceTime(mean_s=mean_s, cv=cv, law=shape[0] if shape else ServiceLaw.LOGNORMAL)
    return scene().observed(scene().Endpoint(**{"workers": 2, "days": 2} | values, service=service))


@cache
def fitted(**values):
    """The fit of those minutes, made once."""
    routing = (
        Routing.LEAST_OUTSTANDING_REQUESTS if values.get("least_outstanding") else Routing.RANDOM
    )
    return fit_capacity(seen(**values), routing)


@pytest.fixture
def minutes():
    return seen


@pytest.fixture
def fit_of():
    return fitted
