"""What every result carries beside its numbers: assumptions in sight, warnings, provenance."""

from dataclasses import dataclass
from enum import StrEnum


class WarningCode(StrEnum):
    """The closed list of ``warnings[].code``; each is described in ``docs/codes.md``."""

    PRICE_NOT_HOSTING = "price_not_hosting"
    PRICE_OF_HOSTING = "price_of_hosting"
    PRICE_HAND_KEPT = "price_hand_kept"
    PRICE_STALE = "price_stale"
    SAVINGS_PLANS_UNREAD = "savings_plans_unread"
    PRICE_LIST_OLDER = "price_list_older"
    PRICES_COMPETE = "prices_compete"
    RATE_INFERRED = "rate_inferred"
    RATE_UNKNOWN = "rate_unknown"
    TYPE_NOT_LISTED = "type_not_listed"
    EXPECTED_UNKNOWN = "expected_unknown"
    SHORT_HORIZON = "short_horizon"
    NAIVE_TIMES = "naive_times"
    TRAFFIC_GAPS = "traffic_gaps"
    SUSPECTED_OUTAGE = "suspected_outage"
    COARSE_STEP = "coarse_step"
    ODD_STEP = "odd_step"
    COUNTS_ROUNDED = "counts_rounded"
    DUPLICATES = "duplicates"
    UNSORTED = "unsorted"
    SINGLE_INSTANCE = "single_instance"
    SCREENING_WEAK = "screening_weak"
    BEYOND_TIMEOUT = "beyond_timeout"
    DEPLOY_RESETS_COUNT = "deploy_resets_count"
    MAXIMUM_TOO_SMALL = "maximum_too_small"
    TARGET_ODD = "target_odd"
    CAPACITY_ODD = "capacity_odd"
    THIN_MARGIN = "thin_margin"
    SMALL_SAMPLE = "small_sample"
    LATENCY_FALLS = "latency_falls"
    ERRORS_MEASURED = "errors_measured"
    LATENCY_UNIT = "latency_unit"
    ENTRIES_LEFT_OUT = "entries_left_out"
    INFERENCE_COST_ODD = "inference_cost_odd"
    SATURATION_RATE = "saturation_rate"
    THROUGHPUT_DERIVED = "throughput_derived"
    CEILING_NOT_REACHED = "ceiling_not_reached"
    THROUGHPUT_FALLS = "throughput_falls"
    ROUTING_UNKNOWN = "routing_unknown"
    NOTHING_TO_SIMULATE = "nothing_to_simulate"
    CURRENT_DIFFERS = "current_differs"
    AWS_ASKED_OTHERWISE = "aws_asked_otherwise"
    TYPE_ASSUMED = "type_assumed"
    OVERHEAD_MISSING = "overhead_missing"
    SCHEDULED_ACTION_FAILED = "scheduled_action_failed"
    NEVER_SCALES_OUT = "never_scales_out"
    ENDPOINT_NOT_REPLAYED = "endpoint_not_replayed"
    SCHEDULE_STAYS = "schedule_stays"
    ENDPOINT_CHANGING = "endpoint_changing"
    OTHER_VARIANTS = "other_variants"
    TYPE_CHANGES = "type_changes"
    TRAFFIC_OF_OTHER = "traffic_of_other"
    QUOTA_TOO_SMALL = "quota_too_small"
    QUOTA_UNCHECKED = "quota_unchecked"
    AWS_MESSAGE = "aws_message"
    STATISTIC_ODD = "statistic_odd"
    NOT_FORWARDED = "not_forwarded"
    SPAN_SHORTENED = "span_shortened"
    FIT_EXTRAPOLATED = "fit_extrapolated"
    FIT_AMBIGUOUS = "fit_ambiguous"
    DEPLOYMENT_FALLS_BACK = "deployment_falls_back"
    DEPLOYMENT_BREAKS_SLO = "deployment_breaks_slo"
    LOSS_BREAKS_SLO = "loss_breaks_slo"
    COMMITMENT_ACCOUNT_WIDE = "commitment_account_wide"
    COMMITMENT_EXTRAPOLATED = "commitment_extrapolated"
    REQUESTS_UNANSWERED = "requests_unanswered"
    BREAK_TOO_SHORT = "break_too_short"
    SCHEDULE_LEFT_OUT = "schedule_left_out"
    OPENING_BREAKS_SLO = "opening_breaks_slo"
    NO_SCHEDULE = "no_schedule"
    SCHEDULE_FROM_ONE_WEEK = "schedule_from_one_week"
    HOT_MODEL = "hot_model"
    LOAD_BEYOND_TIMEOUT = "load_beyond_timeout"
    PLACEMENT_DECIDES = "placement_decides"
    MULTI_MODEL_TYPE = "multi_model_type"
    RESERVE_UNKNOWN = "reserve_unknown"
    REQUESTS_MEET_NO_COPY = "requests_meet_no_copy"
    COPIES_NOT_PLACED = "copies_not_placed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caveat:
    """Something the reader should know before trusting the number beside it."""

    code: WarningCode
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """A value the result rests on that nobody measured here.

    ``source`` says where it comes from: ``"flag --startup-time"``, ``"default"``, a document.
    """

    name: str
    value: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RateProvenance:
    """Where the price of something beside instance-hours comes from."""

    item: str
    source: str
    as_of: str
    fetched_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceProvenance:
    """Where the instance price comes from, and the rates that the bill has lines of.

    ``fetched_at`` is there where the price cache is the source.
    """

    source: str
    component: str
    as_of: str
    region: str
    fetched_at: str | None = None
    rates: tuple[RateProvenance, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointProvenance:
    """Which running variant was read, where, and when. [epoch s]"""

    name: str
    variant: str
    region: str
    read_at_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Remarks:
    """Everything that travels beside a result; ``traffic`` and ``capacity`` name their source."""

    assumptions: tuple[Assumption, ...]
    caveats: tuple[Caveat, ...]
    prices: PriceProvenance
    traffic: str | None = None
    capacity: str | None = None
    endpoint: EndpointProvenance | None = None
