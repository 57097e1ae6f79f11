"""Doors in: one file per foreign format or service. Only here is pandas or boto3 imported."""
