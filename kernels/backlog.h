/* Requests behind a backlog under RANDOM routing: smcost/replay/backlog.py, bit for bit. */
#ifndef SMCOST_BACKLOG_H
#define SMCOST_BACKLOG_H

#include <stdint.h>
#include <stdlib.h>

#define MIN_PARTS 4
#define MAX_PARTS 16
#define PART_S 4.0

/* Instances that came into service together, and the backlog of each. */
typedef struct {
    int64_t size;
    double backlog;
} Cohort;

/* Minute, requests and delay of each group. */
typedef struct {
    double minute, requests, delay_s;
} Group;

typedef struct {
    Group *groups;
    Cohort *cohorts;
    int64_t found, room, size, cohort_room;
} Backlog;

static int backlog_room(Backlog *b) {
    if (b->found + MAX_PARTS > b->room) {
        b->room = 2 * b->room + 1024;
        void *groups = realloc(b->groups, (size_t)b->room * sizeof(Group));
        if (groups == NULL)
            return -1;
        b->groups = groups;
    }
    if (b->size == b->cohort_room) {
        b->cohort_room = 2 * b->cohort_room + 64;
        void *cohorts = realloc(b->cohorts, (size_t)b->cohort_room * sizeof(Cohort));
        if (cohorts == NULL)
            return -1;
        b->cohorts = cohorts;
    }
    return 0;
}

/* Newest leave first; whoever joins starts empty. */
static void backlog_resize(Backlog *b, int64_t size) {
    int64_t excess = -size;
    for (int64_t i = 0; i < b->size; i++)
        excess += b->cohorts[i].size;
    if (excess < 0)
        b->cohorts[b->size++] = (Cohort){-excess, 0.0};
    while (excess > 0) {
        Cohort *last = b->cohorts + b->size - 1;
        int64_t leaving = excess < last->size ? excess : last->size;
        last->size -= leaving;
        excess -= leaving;
        b->size -= last->size == 0;
    }
}

static int64_t parts_of(double share, double capacity) {
    double change = share / capacity - 1.0;
    double wanted = (change < 0.0 ? -change : change) * 60.0 / PART_S;
    if (wanted >= MAX_PARTS)
        return MAX_PARTS;
    int64_t parts = (int64_t)wanted;
    parts += (double)parts < wanted;
    return parts < MIN_PARTS ? MIN_PARTS : parts;
}

/* One minute of one cohort. */
static void backlog_minute(Backlog *b, Cohort *cohort, double minute, double share,
                           double capacity, double largest, int64_t parts) {
    double requests = (double)cohort->size * share / (double)parts, before = cohort->backlog;
    before = before > 0.0 ? before : 0.0;
    for (int64_t part = 1; part <= parts; part++) {
        double after =
            cohort->backlog + (share - capacity) * ((double)part / (double)parts);
        after = after > 0.0 ? after : 0.0;
        double met = (before + after) / 2.0;
        met = largest < met ? largest : met;
        b->groups[b->found++] = (Group){minute, requests, met / capacity * 60.0};
        before = after;
    }
    cohort->backlog = largest < before ? largest : before;
}

/* Every overloaded stretch; 0, or -1 without memory. */
static int backlog_spread(Backlog *b, const int64_t *invocations, const int64_t *in_service,
                          int64_t minutes, double capacity, double largest) {
    for (int64_t t = 0; t < minutes;) {
        if (!((double)invocations[t] > capacity * (double)in_service[t])) {
            t++;
            continue;
        }
        b->size = 0;
        do {
            if (backlog_room(b))
                return -1;
            backlog_resize(b, in_service[t]);
            double share = (double)invocations[t] / (double)in_service[t];
            int64_t parts = parts_of(share, capacity);
            for (int64_t i = 0; i < b->size; i++) {
                if (backlog_room(b))
                    return -1;
                backlog_minute(b, b->cohorts + i, (double)t, share, capacity, largest, parts);
            }
            for (; b->size > 1 && b->cohorts[b->size - 1].backlog == 0.0 &&
                   b->cohorts[b->size - 2].backlog == 0.0;
                 b->size--)
                b->cohorts[b->size - 2].size += b->cohorts[b->size - 1].size;
            t++;
        } while (t < minutes && b->cohorts[0].backlog > 0.0);
    }
    return 0;
}

#endif
