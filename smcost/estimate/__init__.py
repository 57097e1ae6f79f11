"""What a given configuration costs, and how it answers, on given traffic."""

from smcost.estimate.bill import Horizon, InstanceHours, bill
from smcost.estimate.configuration import (
    Estimate,
    Exact,
    estimate,
    replay_anew,
    replay_variant,
)
from smcost.estimate.latency import Latency, Method, latency, load_minutes, measured_s
from smcost.estimate.watched import watched_metrics

__all__ = [
    "Estimate",
    "Exact",
    "Horizon",
    "InstanceHours",
    "Latency",
    "Method",
    "bill",
    "estimate",
    "latency",
    "load_minutes",
    "measured_s",
    "replay_anew",
    "replay_variant",
    "watched_metrics",
]
