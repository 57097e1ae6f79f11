"""What time it is: asked here alone, so that everything else gets it as a value."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, UTC."""
    return datetime.now(UTC)
