"""What an hour, a gigabyte-month and a gigabyte cost, each figure with where it came from."""

from smcost.prices.catalogue import Catalogue, CompetingPrice
from smcost.prices.instance_type import InstanceType
from smcost.prices.layer import Layer
from smcost.prices.listing import LeftOut, Listing
from smcost.prices.price import Component, Price
from smcost.prices.rates import CompetingRate, Rate, RateItem, Rates
from smcost.prices.savings import PaymentOption, SavingsRate

__all__ = [
    "Catalogue",
    "CompetingPrice",
    "CompetingRate",
    "Component",
    "InstanceType",
    "Layer",
    "LeftOut",
    "Listing",
    "PaymentOption",
    "Price",
    "Rate",
    "RateItem",
    "Rates",
    "SavingsRate",
]
