"""What an hour, a gigabyte-month and a gigabyte cost, each figure with where it came from."""

from smcost.prices.catalogue import Catalogue, CompetingPrice
from smcost.prices.instance_type import InstanceType
from smcost.prices.layer import Layer
from smcost.prices.price import Component, Price
from smcost.prices.rates import Rate, RateItem, Rates

__all__ = [
    "Catalogue",
    "CompetingPrice",
    "Component",
    "InstanceType",
    "Layer",
    "Price",
    "Rate",
    "RateItem",
    "Rates",
]
