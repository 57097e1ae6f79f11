/* The autoscaler over the minutes: smcost/scaling.py and smcost/replay/counts.py, bit for bit. */
#ifndef SMCOST_COUNTS_H
#define SMCOST_COUNTS_H

#include <math.h> /* INFINITY only */
#include <stdint.h>

#define HIGH_MINUTES 3
#define LOW_MINUTES 15
#define LOW_SHARE 0.9
#define ROUNDING 1e-9

typedef struct {
    double target, cooldown_s, reaction_s, startup_s;
    int64_t minimum, maximum;
} Policy;

typedef struct {
    double launched_s, completed_s;
    int64_t before, after;
} Activity;

static inline int64_t proportional(const Policy *policy, double invocations) {
    double share = invocations / policy->target - ROUNDING;
    if (share >= (double)policy->maximum)
        return policy->maximum;
    int64_t count = (int64_t)share;
    count += (double)count < share;
    return count < policy->minimum ? policy->minimum : count;
}

/* Integral of the billed count: each activity changes it at its launch, until the end. */
static double billed_hours(int64_t start, double end_s, const Activity *done, int64_t activities) {
    double seconds = (double)start * end_s;
    for (int64_t i = 0; i < activities; i++) {
        double billed_s = end_s - done[i].launched_s;
        seconds += (double)(done[i].after - done[i].before) * (billed_s > 0.0 ? billed_s : 0.0);
    }
    return seconds / 3600.0;
}

/* Activities written to `done`, which has room for one a minute; their number. */
static int64_t count_replay(const int64_t *counts, int64_t minutes, const Policy *policy,
                            int64_t start, int64_t *in_service, Activity *done, double *hours) {
    int64_t count = start, above = 0, below = 0, activities = 0;
    double blocked_until_s = -INFINITY, end_s = 0.0, low = LOW_SHARE * policy->target;
    Activity *pending = NULL;
    for (int64_t t = 0; t < minutes; t++) {
        double start_s = end_s, arrived = (double)counts[t];
        end_s += 60.0;
        if (pending && pending->completed_s <= start_s) {
            count = pending->after;
            blocked_until_s = pending->after > pending->before
                                  ? -INFINITY
                                  : pending->completed_s + policy->cooldown_s;
            pending = NULL;
        }
        int64_t serving = count, wanted = pending ? pending->after : count, desired = wanted;
        if (pending && pending->completed_s < end_s)
            serving = pending->before < pending->after ? pending->before : pending->after;
        in_service[t] = serving;
        double metric = arrived / (double)serving;
        above = metric > policy->target ? above + 1 : 0;
        below = metric < low ? below + 1 : 0;
        if (above >= HIGH_MINUTES) {
            int64_t asked = proportional(policy, arrived);
            wanted = asked > desired ? asked : desired;
        } else if (below >= LOW_MINUTES && end_s >= blocked_until_s &&
                   arrived <= policy->target * (double)(serving - 1)) {
            int64_t asked = proportional(policy, arrived);
            wanted = asked < desired ? asked : desired;
        }
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
