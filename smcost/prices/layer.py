"""Where a price or a rate was found."""

from enum import StrEnum


class Layer(StrEnum):
    """In the order in which they are asked (:class:`smcost.prices.Catalogue`)."""

    PRICES_FILE = "prices_file"
    CACHE = "cache"
    BUNDLED = "bundled"
