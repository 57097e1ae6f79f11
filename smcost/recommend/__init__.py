"""The search: the cheapest minimum and target that meet the SLO, and why."""
