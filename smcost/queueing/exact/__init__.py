"""Exact replay of every request of a trace, minute by minute, in memory of one minute.

Compiled where ``smcost._kernels`` was built, in Python and numpy where not: the same digits.
"""
