"""A capacity fitted to a live endpoint as JSON. Returns text, never prints."""

import math
from datetime import UTC, datetime
from typing import Literal

from smcost.capacity.fit import Estimated, Fit, Goodness, Level
from smcost.capacity.startup import StartupTimes
from smcost.emit import schema
from smcost.emit.fit_schema import (
    FitEntry,
    FitEstimate,
    FitGoodness,
    FitLevel,
    FitRefusal,
    FitStartup,
)
from smcost.emit.provenance_schema import Provenance


class CapacityFitDocument(schema.Document):
    """``smcost capacity import --endpoint -f json``; also with exit code 11 when refused."""

    command: Literal["capacity import"] = "capacity import"
    fit: FitEntry


def fit_json(fit: Fit, startup: StartupTimes | None, source: str) -> str:
    """The document; ``source`` says where the minutes are from."""
    document = CapacityFitDocument(
        assumptions=[
            schema.AssumptionEntry(
                name="routing",
                value=fit.routing.value,
                source="flag --routing, endpoint or default",
            ),
            schema.AssumptionEntry(
                name="arrivals", value="Poisson within each minute", source="model"
            ),
        ],
        warnings=[
            schema.WarningEntry(code=caveat.code, message=caveat.message) for caveat in fit.caveats
        ],
        provenance=Provenance(prices=None, traffic=None, capacity=source),
        fit=_entry(fit, startup),
    )
    return document.model_dump_json(indent=2) + "\n"


def _entry(fit: Fit, startup: StartupTimes | None) -> FitEntry:
    return FitEntry(
        endpoint=fit.endpoint,
        variant=fit.variant,
        region=fit.region,
        instance_type=fit.instance_type,
        routing_strategy=fit.routing.value,
        start=_moment(fit.start_s),
        end=_moment(fit.end_s),
        minutes=fit.minutes,
        requests=fit.requests,
        left_out=fit.left_out,
        tested_rps=_known(fit.tested_rps),
        tested_utilisation=_known(fit.tested_utilisation),
        overhead_ms=_known(1000 * fit.overhead_s),
        estimate=None if fit.estimated is None else _estimate(fit.estimated),
        goodness=None if fit.goodness is None else _goodness(fit.goodness),
        refusals=[
            FitRefusal(code=refusal.code, cause=refusal.cause, remedy=refusal.remedy)
            for refusal in fit.refusals
        ],
        levels=[_level(level, fit.names) for level in fit.levels],
        startup=None if startup is None else _startup(startup),
    )


def _estimate(estimated: Estimated) -> FitEstimate:
    service = estimated.service
    return FitEstimate(
        workers=estimated.workers,
        workers_alike=list(estimated.workers_alike),
        more_workers_alike=estimated.more_workers,
        service_time_ms=_rounded(1000 * service.mean_s),
        service_time_ci_ms=[_rounded(1000 * end_s) for end_s in estimated.mean_interval_s],
        service_cv=_rounded(service.cv),
        service_cv_ci=[_rounded(end) for end in estimated.cv_interval],
        service_law=service.law.value,
        max_rps=_rounded(estimated.workers / service.mean_s),
    )


def _goodness(goodness: Goodness) -> FitGoodness:
    return FitGoodness(
        error=_rounded(goodness.error),
        worst=_rounded(goodness.worst),
        worst_where=goodness.worst_where,
        trend=_rounded(goodness.trend),
        trend_of=goodness.trend_of,
        squares_per_freedom=_rounded(goodness.misfit),
        freedom=goodness.freedom,
    )


def _level(level: Level, names: tuple[str, ...]) -> FitLevel:
    return FitLevel(
        rps=_rounded(level.rate_rps),
        utilisation=_known(level.utilisation),
        minutes=level.minutes,
        requests=int(level.requests),
        observed_ms=_named(names, level.observed_s),
        fitted_ms=_named(names, level.fitted_s),
    )


def _startup(startup: StartupTimes) -> FitStartup:
    return FitStartup(
        scale_outs=startup.count,
        median_s=_known(startup.median_s),
        p90_s=_known(startup.p90_s),
        unsuccessful=startup.unsuccessful,
        not_scaled=startup.not_scaled,
    )


def _named(names: tuple[str, ...], values_s: tuple[float, ...]) -> dict[str, float | None]:
    return {name: _known(1000 * value_s) for name, value_s in zip(names, values_s, strict=True)}


def _known(value: float) -> float | None:
    return None if math.isnan(value) else _rounded(value)


def _rounded(value: float) -> float:
    """Six digits: more than any fit can tell."""
    return float(f"{value:.6g}")


def _moment(value_s: int) -> str:
    return datetime.fromtimestamp(value_s, UTC).isoformat().replace("+00:00", "Z")
