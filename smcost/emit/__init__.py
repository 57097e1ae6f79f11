"""Doors out: each file turns values into one text format. None of them prints."""
