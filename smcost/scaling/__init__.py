"""What an autoscaler wants: policies and scheduled actions as pure steps.

:mod:`smcost.scaling.invocations` is target tracking on InvocationsPerInstance alone, the
specification of the compiled replay; :mod:`smcost.scaling.autoscaler` is every kind of policy, any
number of them at once. A policy says what is *wanted*; :mod:`smcost.replay` says what *happens*.
"""

from smcost.scaling.invocations import (
    HIGH_MINUTES,
    LOW_MINUTES,
    LOW_SHARE,
    AlarmState,
    TargetTracking,
    after_scale_in,
    after_scale_out,
    step,
)

__all__ = [
    "HIGH_MINUTES",
    "LOW_MINUTES",
    "LOW_SHARE",
    "AlarmState",
    "TargetTracking",
    "after_scale_in",
    "after_scale_out",
    "step",
]
