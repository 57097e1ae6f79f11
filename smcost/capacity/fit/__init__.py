"""Capacity from what a live endpoint was seen to do: docs/fit.md."""

from smcost.capacity.fit.fitted import fit_capacity
from smcost.capacity.fit.refusals import Refusal, RefusalCode
from smcost.capacity.fit.result import Estimated, Fit, Goodness, Level

__all__ = ["Estimated", "Fit", "Goodness", "Level", "Refusal", "RefusalCode", "fit_capacity"]
