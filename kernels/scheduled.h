/* Counts replayed under bounds that scheduled actions change: smcost/replay/policies.py for one
   policy on InvocationsPerInstance, bit for bit. */
#ifndef SMCOST_SCHEDULED_H
#define SMCOST_SCHEDULED_H

#include "counts.h"

/* A row for each run of an action, in order: minute, minimum and maximum, 0 where one stays. */
#define DUE_COLUMNS 3

static inline int64_t clamped(const Policy *policy, int64_t count) {
    count = count > policy->maximum ? policy->maximum : count;
    return count < policy->minimum ? policy->minimum : count;
}

/* Activities written to `done`, which has room for one a minute and one a run; their number. */
static int64_t scheduled_replay(const int64_t *counts, int64_t minutes, Policy policy,
                                const int64_t *due, int64_t runs, int64_t start,
                                int64_t *in_service, Activity *done, double *failed_s,
                                int64_t *failures, double *hours) {
    int64_t count = start, above = 0, below = 0, activities = 0;
    double blocked_until_s = -INFINITY, end_s = 0.0, low = LOW_SHARE * policy.target;
    Activity *pending = NULL;
    int by_policy = 1;
    *failures = 0;
    for (int64_t t = 0; t < minutes; t++) {
        double start_s = end_s, arrived = (double)counts[t];
        end_s += 60.0;
        if (pending && pending->completed_s <= start_s) {
            count = pending->after;
            if (by_policy)
                blocked_until_s = pending->after > pending->before
                                      ? -INFINITY
                                      : pending->completed_s + policy.cooldown_s;
            pending = NULL;
        }
        for (; runs > 0 && due[0] <= t; runs--, due += DUE_COLUMNS) {
            int64_t minimum = due[1] ? due[1] : policy.minimum;
            int64_t maximum = due[2] ? due[2] : policy.maximum;
            if (minimum > maximum || (pending && pending->launched_s <= start_s)) {
                failed_s[(*failures)++] = start_s;
                continue;
            }
            policy.minimum = minimum, policy.maximum = maximum;
            int64_t wanted = clamped(&policy, count);
            double launched_s = start_s;
            int asked = wanted != count;
            if (pending && !asked) {
                /* What was decided and has not reached the endpoint keeps to the new bounds. */
                wanted = clamped(&policy, pending->after), launched_s = pending->launched_s;
            }
            activities -= pending != NULL;
            pending = NULL;
            if (wanted == count)
                continue;
            by_policy = !asked;
            double completed_s = launched_s + (wanted > count ? policy.startup_s : 0.0);
            if (completed_s <= start_s) {
                done[activities++] = (Activity){launched_s, completed_s, count, wanted};
                count = wanted;
            } else {
                pending = done + activities++;
                *pending = (Activity){launched_s, completed_s, count, wanted};
            }
        }
        int64_t serving = count, desired = pending ? pending->after : count, wanted = desired;
        if (pending && pending->completed_s < end_s)
            serving = pending->before < pending->after ? pending->before : pending->after;
        in_service[t] = serving;
        double metric = arrived / (double)serving, load = (double)serving * metric;
        above = metric > policy.target ? above + 1 : 0;
        below = metric < low ? below + 1 : 0;
        if (above >= HIGH_MINUTES) {
            int64_t asked = proportional(&policy, load);
            wanted = asked > desired ? asked : desired;
        } else if (below >= LOW_MINUTES && end_s >= blocked_until_s &&
                   load <= policy.target * (double)(serving - 1) * (1.0 + ROUNDING)) {
            int64_t asked = proportional(&policy, load);
            wanted = asked < desired ? asked : desired;
        }
        if (!pending && wanted != count) {
            double decided_s = end_s + policy.reaction_s;
            by_policy = 1;
            pending = done + activities++;
            *pending = (Activity){decided_s,
                                  decided_s + (wanted > count ? policy.startup_s : 0.0), count,
                                  wanted};
        }
    }
    *hours = billed_hours(start, end_s, done, activities);
    return activities;
}

#endif
