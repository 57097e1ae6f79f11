"""Queueing formulas and exact sample paths. Knows no AWS word.

Nomenclature (one name, one unit): arrival rate [s^-1], service time [s], offered load [erlang],
utilisation [fraction], waiting time, response time = waiting + service [s].
"""
