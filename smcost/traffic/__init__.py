"""Demand over time: traces, their gaps, the minutes a replay runs on, and synthetic days.

Arrays in, frozen values out; files are opened in :mod:`smcost.read`.
"""
