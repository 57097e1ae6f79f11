"""Instances of a fleet that are loaded alike, and what one of them can do.

With service times of the models' own an instance that serves a slow model answers few requests and
is as busy as one that serves many of a fast one: what counts is work, and each has its own mixture.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from smcost.capacity import Profile, WorkersProfile
from smcost.multi_model.hosted import Hosted
from smcost.multi_model.placement import Copies
from smcost.queueing.service import FloatArray
from smcost.queueing.service_mixture import MixedService, mixed

#: Loads of instances that differ by less are taken as equal, the larger of them.
_ALIKE = 0.1
#: With service times of the models' own: so many classes of request rates to a doubling.
_PER_DOUBLING = 2


def work_of(hosted: Hosted, copies: Copies) -> FloatArray:
    """Part of the workers' time of the whole fleet that each instance gives, shape ``(I,)``."""
    if hosted.service_s is None:
        return copies.load()
    per_share = hosted.service_s / float(hosted.share @ hosted.service_s)
    return np.asarray(np.add.reduceat(copies.share * per_share[copies.model], copies.first))


def alike(hosted: Hosted, profile: Profile, copies: Copies) -> list[NDArray[np.bool_]]:
    """Groups of instances that are as busy as each other with about as many requests.

    Parameters
    ----------
    hosted, copies
        The models, and where they stand.
    profile
        What an instance can do on the mixture of all requests.

    Returns
    -------
    list
        Which instances are of each group, shape ``(I,)``; those without requests are of none.
    """
    load = copies.load()
    level = np.round(work_of(hosted, copies) * copies.instances / _ALIKE).astype(np.int64)
    rate = np.zeros(load.size, dtype=np.int64)
    if _mixture(profile) is not None:
        asked = load > 0
        rate[asked] = np.round(_PER_DOUBLING * np.log2(load[asked] * copies.instances))
    pairs, number = np.unique(np.stack((level, rate)), axis=1, return_inverse=True)
    groups = [(number.ravel() == group) & (load > 0) for group in range(pairs.shape[1])]
    return [here for here in groups if here.any()]


def of_these(
    hosted: Hosted, profile: Profile, copies: Copies, here: NDArray[np.bool_]
) -> tuple[Profile, float]:
    """What one of a group can do, and its part of all requests: that of the busiest of them.

    Parameters
    ----------
    hosted, profile, copies
        As for :func:`alike`.
    here
        The group, shape ``(I,)``.
    """
    most = float(copies.load()[here].max())
    whole = _mixture(profile)
    if whole is None or hosted.service_s is None or copies.first.size == 1:
        return profile, most
    assert isinstance(profile, WorkersProfile)
    asked = here[copies.instance]
    weights = copies.share[asked]
    own = mixed(weights, hosted.service_s[copies.model[asked]], whole.each)
    busiest = float(work_of(hosted, copies)[here].max()) * whole.mean_s / own.mean_s
    return replace(profile, service=own), max(most, busiest)


def _mixture(profile: Profile) -> MixedService | None:
    if isinstance(profile, WorkersProfile) and isinstance(profile.service, MixedService):
        return profile.service
    return None
