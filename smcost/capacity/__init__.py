"""What one instance can do, as measured: three kinds, all ending in a response table."""

from smcost.capacity.profile import Kind, LatencyOf, Profile, RateOf, Routing
from smcost.capacity.rates import RatesProfile
from smcost.capacity.sweep import SweepProfile
from smcost.capacity.workers import WorkersProfile

__all__ = [
    "Kind",
    "LatencyOf",
    "Profile",
    "RateOf",
    "RatesProfile",
    "Routing",
    "SweepProfile",
    "WorkersProfile",
]
