"""Multi-model endpoints: what fits into memory, who waits for a model, and how many instances."""

from smcost.multi_model.curve import Point
from smcost.multi_model.fleet import Problem
from smcost.multi_model.hosted import Hosted, service_of_all, zipf_shares
from smcost.multi_model.placement import Placement
from smcost.multi_model.search import Answer, Binds, Obstacle, answer
from smcost.multi_model.separate import Saving, Separate, saving, separate

__all__ = [
    "Answer",
    "Binds",
    "Hosted",
    "Obstacle",
    "Placement",
    "Point",
    "Problem",
    "Saving",
    "Separate",
    "answer",
    "saving",
    "separate",
    "service_of_all",
    "zipf_shares",
]
