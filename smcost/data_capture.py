"""What capturing a share of the requests writes to S3, and what that costs.

Captured requests are written by each instance as JSON lines, a new file every so often, and stay
until a lifecycle rule of the bucket deletes them. Sources: SageMaker developer guide, "Capture
data from real-time endpoint", and the API's DataCaptureConfig.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from smcost.errors import UsageError
from smcost.units import BYTES_PER_GB

#: captureData, eventMetadata and eventVersion around the payloads: 450 to 500 B, the larger.
METADATA_BYTES = 500
#: A public listing of an endpoint's captured hour shows one file for each minute with requests.
FILES_PER_HOUR = 60


class Encoding(StrEnum):
    """How payloads stand in a record; the API encodes what no content type header is given for."""

    JSON = "json"
    BASE64 = "base64"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataCapture:
    """What is captured, how long it stays, and what S3 and KMS take for it.

    Attributes
    ----------
    share
        Sampled share of the invocations. [fraction]
    bytes_in, bytes_out
        Payload of one invocation each way. [B]
    encoding
        Base64 makes 4 bytes of 3.
    retention_h
        How long a file stays. [h]
    files_per_hour
        Files that one instance writes, where it has something to write. [h^-1]
    with_kms
        Whether every file is encrypted by a key of its own, which is a request to KMS.
    usd_per_gb_month, usd_per_put, usd_per_kms_request
        Rates; ``None`` where none is known. [USD]

    Raises
    ------
    UsageError
        A share that is no whole percent from 1 to 100; a retention or number of files of 0 or less.
    """

    share: Decimal
    bytes_in: int
    bytes_out: int
    encoding: Encoding = Encoding.JSON
    retention_h: Decimal = Decimal(90 * 24)
    files_per_hour: Decimal = Decimal(FILES_PER_HOUR)
    with_kms: bool = False
    usd_per_gb_month: Decimal | None = None
    usd_per_put: Decimal | None = None
    usd_per_kms_request: Decimal | None = None

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise UsageError(
                f"A sampled share of {float(100 * self.share):.4g} % captures nothing",
                remedy="Give 1% to 100%, or leave it out",
                place="--data-capture",
            )
        if 100 * self.share % 1:
            raise UsageError(
                f"SageMaker samples whole percents, not {float(100 * self.share):.4g} %",
                remedy="Round it",
                place="--data-capture",
            )
        if self.retention_h <= 0:
            raise UsageError(
                "Captured data that is kept for no time at all is not captured",
                remedy="Give a time such as 90d",
                place="--capture-retention",
            )
        if not self.files_per_hour.is_finite() or not 0 < self.files_per_hour <= 3600:
            raise UsageError(
                f"{self.files_per_hour} files per hour and instance is no rate of files",
                remedy=f"Give one above 0 and at most 3600, such as {FILES_PER_HOUR}",
                place="--capture-files-per-hour",
            )

    @property
    def record_bytes(self) -> int:
        """Request, response (each in base64 where asked for) and what stands around them. [B]

        Without base64 the escapes within quoted JSON are not counted.
        """
        return METADATA_BYTES + sum(
            4 * -(-size // 3) if self.encoding is Encoding.BASE64 else size
            for size in (self.bytes_in, self.bytes_out)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedMonth:
    """What a month of capturing writes and stores.

    Attributes
    ----------
    records, files
        Written in the month. [count]
    gb
        Written in the month. [GB of 2**30 B]
    gb_months
        Stored over a month once as much expires as is written. [GB-Mo]
    first_gb_months
        Stored over the first month, which begins with nothing. [GB-Mo]
    """

    records: Decimal
    files: Decimal
    gb: Decimal
    gb_months: Decimal
    first_gb_months: Decimal


def captured_month(
    capture: DataCapture,
    *,
    instance_hours: Decimal,
    invocations: Decimal,
    hours_per_month: Decimal,
) -> CapturedMonth:
    """What is written and stored, invocations being spread evenly over the month.

    Parameters
    ----------
    capture
        Share, sizes, retention.
    instance_hours, invocations
        Per month. [h, count]
    hours_per_month
        720 or 730. [h]

    Notes
    -----
    With G written a month and r = retention / month, G r is stored in the steady state. In the
    first month the store grows from 0 for the time min(r, 1), and stays: G (m - m^2 / 2) with
    m = min(r, 1). A file has a record at least, so that there are no more files than records.
    """
    records = capture.share * invocations
    gb = records * capture.record_bytes / BYTES_PER_GB
    months = capture.retention_h / hours_per_month
    growing = min(months, Decimal(1))
    return CapturedMonth(
        records=records,
        files=min(capture.files_per_hour * instance_hours, records),
        gb=gb,
        gb_months=gb * months,
        first_gb_months=gb * (growing - growing**2 / 2),
    )


def share_at_part_of_bill(
    capture: DataCapture,
    part: Decimal,
    *,
    rest_usd: Decimal,
    instance_hours: Decimal,
    invocations: Decimal,
    hours_per_month: Decimal,
) -> Decimal | None:
    """The sampled share at which capturing makes up a part of the whole bill. [fraction]

    Parameters
    ----------
    capture
        As it is; its share does not count.
    part
        Of the bill with capture in it, between 0 and 1. [fraction]
    rest_usd
        The bill of a month without capture. [USD]
    instance_hours, invocations, hours_per_month
        As in :func:`captured_month`.

    Returns
    -------
    Decimal or None
        ``None`` where not even capturing every request makes up that part, or a rate is missing.

    Notes
    -----
    The cost C(s) = a s + b min(F, n s) is rising and has one kink, so the equation
    C(s) = rest x part / (1 - part) is solved piece by piece. Lines are not rounded here.
    """
    if not 0 < part < 1:
        raise UsageError(
            f"Capture cannot be {float(100 * part):.4g} % of a bill that it is a part of",
            remedy="Give a part above 0% and below 100%",
            place="--capture-part",
        )
    rates = (capture.usd_per_gb_month, capture.usd_per_put)
    if None in rates or (capture.with_kms and capture.usd_per_kms_request is None):
        return None
    per_file = (capture.usd_per_put or Decimal(0)) + (
        (capture.usd_per_kms_request or Decimal(0)) if capture.with_kms else Decimal(0)
    )
    months = capture.retention_h / hours_per_month
    stored = invocations * capture.record_bytes / BYTES_PER_GB * months
    per_share = stored * (capture.usd_per_gb_month or Decimal(0))
    most_files = capture.files_per_hour * instance_hours
    wanted = rest_usd * part / (1 - part)
    steep = per_share + per_file * invocations
    share = None if steep == 0 else wanted / steep
    if share is not None and share * invocations > most_files:
        share = None if per_share == 0 else (wanted - per_file * most_files) / per_share
    return share if share is not None and share <= 1 else None
