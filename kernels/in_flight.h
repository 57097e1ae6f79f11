/* Target tracking on requests in flight, from 10 s to 10 s: smcost/replay/in_flight.py and
 * smcost/replay/policies.py with that one policy and no schedule, bit for bit. */
#ifndef SMCOST_IN_FLIGHT_H
#define SMCOST_IN_FLIGHT_H

#include "backlog.h"
#include "counts.h"

#define TICKS 6
#define TICK_S 10.0
#define LOW_POINTS (LOW_MINUTES * TICKS)
#define SAME 1e-6

/* Content at the end of a step against that at its start plus what came; rows of fleet sizes. */
typedef struct {
    const double *before, *after;
    int64_t rows, points;
    double most;
    int least_outstanding;
} Occupancy;

typedef struct {
    Cohort *cohorts, *ordered;
    int64_t size;
} Holdings;

static void holdings_resize(Holdings *holdings, int64_t instances) {
    int64_t excess = -instances;
    for (int64_t i = 0; i < holdings->size; i++)
        excess += holdings->cohorts[i].size;
    if (excess < 0)
        holdings->cohorts[holdings->size++] = (Cohort){-excess, 0.0};
    while (excess > 0) {
        Cohort *last = holdings->cohorts + holdings->size - 1;
        int64_t leaving = excess < last->size ? excess : last->size;
        last->size -= leaving;
        excess -= leaving;
        holdings->size -= last->size == 0;
    }
}

/* Content up to which the arrivals fill the emptiest instances. */
static double holdings_level(Holdings *holdings, double arrived) {
    Cohort *ordered = holdings->ordered;
    for (int64_t i = 0; i < holdings->size; i++) {
        int64_t at = i;
        for (; at > 0 && ordered[at - 1].backlog > holdings->cohorts[i].backlog; at--)
            ordered[at] = ordered[at - 1];
        ordered[at] = holdings->cohorts[i];
    }
    double held = arrived, level = 0.0;
    int64_t size = 0;
    for (int64_t i = 0; i < holdings->size; i++) {
        held += (double)ordered[i].size * ordered[i].backlog;
        size += ordered[i].size;
        level = held / (double)size;
        if (i + 1 == holdings->size || level <= ordered[i + 1].backlog)
            break;
    }
    return level;
}

static double content_left(const Occupancy *tables, int64_t row, double full) {
    const double *before = tables->before + row * tables->points;
    const double *after = tables->after + row * tables->points;
    if (full >= before[tables->points - 1])
        return full - tables->most;
    int64_t low = 0, high = tables->points;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (full < before[middle])
            high = middle;
        else
            low = middle + 1;
    }
    int64_t at = low - 1;
    double slope = (after[at + 1] - after[at]) / (before[at + 1] - before[at]);
    return after[at] + (full - before[at]) * slope;
}

/* One step of 10 s: requests in flight of the whole fleet at its end. */
static double holdings_step(Holdings *holdings, const Occupancy *tables, double arrived,
                         int64_t instances) {
    holdings_resize(holdings, instances);
    int64_t row = -1, found = 0;
    for (int64_t left = instances; left > 0; left >>= 1)
        row++;
    row = row < tables->rows ? row : tables->rows - 1;
    double level = tables->least_outstanding ? holdings_level(holdings, arrived) : 0.0;
    double share = arrived / (double)instances, held = 0.0;
    Cohort *cohorts = holdings->cohorts;
    for (int64_t i = 0; i < holdings->size; i++) {
        Cohort here = cohorts[i];
        double full = here.backlog + share;
        if (tables->least_outstanding)
            full = here.backlog > level ? here.backlog : level;
        double left = content_left(tables, row, full);
        held += (double)here.size * left;
        double differs = found ? cohorts[found - 1].backlog - left : SAME + 1.0;
        if (differs <= SAME && differs >= -SAME) {
            Cohort *same = cohorts + found - 1;
            int64_t both = same->size + here.size;
            same->backlog = ((double)same->size * same->backlog + (double)here.size * left) /
                            (double)both;
            same->size = both;
        } else
            cohorts[found++] = (Cohort){here.size, left};
    }
    holdings->size = found;
    return held;
}

/* The wanted count after a point; `above` and `below` are the points of the alarms so far. */
static int64_t wanted_in_flight(const Policy *policy, int64_t above, int64_t below, double load,
                                int64_t serving, int64_t desired, int blocked) {
    if (above >= HIGH_MINUTES) {
        int64_t asked = proportional(policy, load);
        return (above - HIGH_MINUTES) % TICKS == 0 && asked > desired ? asked : desired;
    }
    if (below < LOW_POINTS || (below - LOW_POINTS) % TICKS != 0 || blocked ||
        !(load <= policy->target * (double)(serving - 1) * (1.0 + ROUNDING)))
        return desired;
    int64_t asked = proportional(policy, load);
    return asked < desired ? asked : desired;
}

/* Activities written to `done`, which has room for one a tick; their number. */
static int64_t in_flight_replay(const int64_t *counts, int64_t minutes, const Policy *policy,
                                const Occupancy *tables, Holdings *holdings, int64_t start,
                                int64_t *in_service, Activity *done, double *hours) {
    int64_t count = start, above = 0, below = 0, activities = 0;
    double blocked_until_s = -INFINITY, end_s = 0.0, low = LOW_SHARE * policy->target;
    Activity *pending = NULL;
    for (int64_t tick = 0; tick < TICKS * minutes; tick++) {
        double start_s = end_s;
        end_s += TICK_S;
        if (pending && pending->completed_s <= start_s) {
            count = pending->after;
            blocked_until_s = pending->after > pending->before
                                  ? -INFINITY
                                  : pending->completed_s + policy->cooldown_s;
            pending = NULL;
        }
        int64_t serving = count, desired = pending ? pending->after : count;
        if (pending && pending->completed_s < end_s)
            serving = pending->before < pending->after ? pending->before : pending->after;
        int64_t *least = in_service + tick / TICKS;
        if (tick % TICKS == 0 || serving < *least)
            *least = serving;
        double held = holdings_step(holdings, tables, (double)counts[tick], serving);
        double metric = held / (double)serving;
        above = metric > policy->target ? above + 1 : 0;
        below = metric < low ? below + 1 : 0;
        int64_t wanted = wanted_in_flight(policy, above, below, (double)serving * metric, serving,
                                          desired, end_s < blocked_until_s);
        if (!pending && wanted != count) {
            double decided_s = end_s + policy->reaction_s;
            pending = done + activities++;
            *pending = (Activity){decided_s,
                                  decided_s + (wanted > count ? policy->startup_s : 0.0), count,
                                  wanted};
        }
    }
    *hours = billed_hours(start, end_s, done, activities);
    return activities;
}

#endif
