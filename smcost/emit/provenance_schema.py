"""Where the inputs of a document come from."""

from pydantic import BaseModel, ConfigDict, Field


class Model(BaseModel):
    """Nothing beyond the named keys."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)


class RateOrigin(Model):
    """Where a rate that the bill has a line of comes from."""

    item: str
    source: str
    as_of: str
    fetched_at: str | None = Field(description="UTC; null where it is not of the price cache")


class PricesProvenance(Model):
    """Where the instance price comes from."""

    source: str
    component: str
    as_of: str
    region: str
    fetched_at: str | None = Field(description="UTC; null where it is not of the price cache")
    rates: list[RateOrigin] = Field(description="of the bill's lines beside instance-hours")


class EndpointEntry(Model):
    """The running variant that was read, and when, UTC."""

    name: str
    variant: str
    region: str
    read_at: str


class Provenance(Model):
    """Where the inputs come from; null for what the command did not use."""

    prices: PricesProvenance | None
    traffic: str | None
    capacity: str | None
    endpoint: EndpointEntry | None = Field(default=None, description="from --endpoint")
