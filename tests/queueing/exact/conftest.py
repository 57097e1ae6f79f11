"""The switch between compiled and Python."""

import contextlib
import os

import pytest

from smcost.queueing.exact.compiled import SWITCH, compiled


@contextlib.contextmanager
def without_kernels():
    before = os.environ.get(SWITCH)
    os.environ[SWITCH] = "1"
    try:
        assert not compiled()
        yield
    finally:
        del os.environ[SWITCH]
        if before is not None:
            os.environ[SWITCH] = before


@pytest.fixture(scope="session")
def in_python():
    """``with in_python():`` the compiled kernels are not used."""
    return without_kernels
