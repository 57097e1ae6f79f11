"""Inference components: copies of several models on the instances of one endpoint.

:mod:`~smcost.components.packing` says how many copies an instance holds,
:mod:`~smcost.components.fleet` where they are placed and when instances come and go,
:mod:`~smcost.components.replay` lets every component's policy run over its traffic, and
:mod:`~smcost.components.answer` makes a bill of it.
"""
