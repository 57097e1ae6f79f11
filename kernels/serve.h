/* Routing of one minute's requests to the stations of a fleet. */
#ifndef SMCOST_SERVE_H
#define SMCOST_SERVE_H

#include "single.h"

/* So many given requests are served at a time. */
#define BLOCK 16384

/* What makes no sense in given requests: see smcost/queueing/exact/given.py. */
enum { SENSE = 0, UNSORTED = 1, NEGATIVE = 2, OUTSIDE = 3 };

/* With `width` a constant the sorted times stay in registers. */
static inline void serve_random_workers(Fleet *fleet, const Requests *r, int64_t width,
                                        double timeout_s) {
    double slots = (double)fleet->slots, done_s;
    for (int64_t i = 0; i < r->size; i++) {
        double *free_s = fleet->free_s + (int64_t)(r->choice[i] * slots) * width;
        double now_s = r->arrival_s[i], service_s = r->work[i];
        double start_s = take_work(free_s, width, now_s, service_s, timeout_s, &done_s);
        r->response_s[i] = (start_s - now_s) + service_s;
    }
}

static void serve_random_any_workers(Fleet *fleet, const Requests *r) {
    if (fleet->slots == 1) {
        serve_single(fleet, r);
        return;
    }
    switch (fleet->width) {
        WITH(serve_random_workers, 1);
        WITH(serve_random_workers, 2);
        WITH(serve_random_workers, 3);
        WITH(serve_random_workers, 4);
        WITH(serve_random_workers, 8);
        WITH(serve_random_workers, 16);
    }
    serve_random_workers(fleet, r, fleet->width, fleet->timeout_s);
}

static inline void refresh(Fleet *fleet, int64_t width, int64_t slot, double now_s) {
    if (fleet->kind == WORKERS)
        refresh_workers(fleet, width, slot, now_s);
    else
        advance_sweep(fleet, slot, now_s);
}

/* Up to so many stations are looked at one by one: a pair that was just written in halves would
   have to wait for both. */
#define FEW 16

/* Bits of the stations from `first` on, at most 64, that change at `now` or before. */
static inline uint64_t due(const Fleet *fleet, int64_t first, double now_s) {
    const double *next_change_s = fleet->next_change_s + first;
    int64_t size = fleet->slots - first < 64 ? fleet->slots - first : 64;
    uint64_t bits = 0;
#if defined(__SSE2__) && defined(__x86_64__)
    __m128d now = _mm_set1_pd(now_s);
    for (int64_t j = 0; j < size; j += 2) {
        __m128d changes = _mm_cmple_pd(_mm_loadu_pd(next_change_s + j), now);
        bits |= (uint64_t)_mm_movemask_pd(changes) << j;
    }
#else
    for (int64_t j = 0; j < size; j++)
        bits |= (uint64_t)(next_change_s[j] <= now_s) << j;
#endif
    return bits;
}

static inline int lowest_bit(uint64_t bits) {
#ifdef __GNUC__
    return __builtin_ctzll(bits);
#else
    int at = 0;
    while (!(bits >> at & 1))
        at++;
    return at;
#endif
}

/* Bring every station to `now`. */
INLINED void refresh_all(Fleet *fleet, int64_t width, double now_s) {
    if (fleet->slots <= FEW) {
        for (int64_t j = 0; j < fleet->slots; j++)
            if (fleet->next_change_s[j] <= now_s)
                refresh(fleet, width, j, now_s);
        return;
    }
    for (int64_t first = 0; first < fleet->slots; first += 64)
        for (uint64_t bits = due(fleet, first, now_s); bits; bits &= bits - 1)
            refresh(fleet, width, first + lowest_bit(bits), now_s);
}

#if defined(__SSE2__) && defined(__x86_64__)
/* The smallest of pairs, in two chains that do not wait for each other. */
static inline int64_t smallest_of_many(const int64_t *loads, int64_t slots) {
    const double *load = (const void *)loads;
    __m128d one = _mm_loadu_pd(load), other = one;
    int64_t pairs = PAIRED(slots) / 2, j = 1;
    for (; j + 1 < pairs; j += 2) {
        one = _mm_min_pd(one, _mm_loadu_pd(load + 2 * j));
        other = _mm_min_pd(other, _mm_loadu_pd(load + 2 * j + 2));
    }
    if (j < pairs)
        one = _mm_min_pd(one, _mm_loadu_pd(load + 2 * j));
    one = _mm_min_pd(one, other);
    return _mm_cvtsi128_si64(_mm_castpd_si128(_mm_min_pd(one, _mm_unpackhi_pd(one, one))));
}
#endif

static inline int64_t least_outstanding(const Fleet *fleet) {
    const int64_t *load = fleet->load;
#if defined(__SSE2__) && defined(__x86_64__)
    if (fleet->slots > FEW)
        return smallest_of_many(load, fleet->slots) & (LOAD - 1);
#endif
    int64_t even = load[0], odd = load[1];
    for (int64_t j = 2; j < fleet->slots; j += 2) {
        even = load[j] < even ? load[j] : even;
        odd = load[j + 1] < odd ? load[j + 1] : odd;
    }
    return (even < odd ? even : odd) & (LOAD - 1);
}

INLINED int serve_least_workers(Fleet *fleet, const Requests *r, int64_t width,
                                double timeout_s) {
    for (int64_t i = 0; i < r->size; i++) {
        double now_s = r->arrival_s[i], service_s = r->work[i], done_s;
        refresh_all(fleet, width, now_s);
        int64_t slot = least_outstanding(fleet);
        double *free_s = fleet->free_s + slot * width;
        double start_s = take_work(free_s, width, now_s, service_s, timeout_s, &done_s);
        r->response_s[i] = (start_s - now_s) + service_s;
        fleet->load[slot] += done_s > now_s ? LOAD : 0;
        if (start_s > now_s) {
            /* The next change stays: it is the first start of a waiting request. */
            if (ring_push(fleet->waiting + slot, start_s))
                return -1;
        } else if (done_s > now_s)
            fleet->next_change_s[slot] = smaller(fleet->next_change_s[slot], done_s);
    }
    return 0;
}

static int serve_least_any_workers(Fleet *fleet, const Requests *r) {
    switch (fleet->timeout_s < INFINITY ? 0 : fleet->width) {
    case 1:
        return serve_least_workers(fleet, r, 1, INFINITY);
    case 2:
        return serve_least_workers(fleet, r, 2, INFINITY);
    case 4:
        return serve_least_workers(fleet, r, 4, INFINITY);
    case 8:
        return serve_least_workers(fleet, r, 8, INFINITY);
    }
    return serve_least_workers(fleet, r, fleet->width, fleet->timeout_s);
}

static int serve_any_sweep(Fleet *fleet, const Requests *r) {
    for (int64_t i = 0; i < r->size; i++) {
        double now_s = r->arrival_s[i];
        int64_t slot;
        if (fleet->least_outstanding) {
            refresh_all(fleet, fleet->width, now_s);
            slot = least_outstanding(fleet);
        } else {
            slot = (int64_t)(r->choice[i] * (double)fleet->slots);
            advance_sweep(fleet, slot, now_s);
        }
        if (serve_sweep(fleet, slot, now_s, r->work[i], r->response_s + i))
            return -1;
    }
    return 0;
}

/* Serve the requests of a stretch in which the fleet keeps its size. */
static int serve(Fleet *fleet, const Requests *requests) {
    if (fleet->kind == SWEEP)
        return serve_any_sweep(fleet, requests);
    if (fleet->least_outstanding)
        return serve_least_any_workers(fleet, requests);
    serve_random_any_workers(fleet, requests);
    return 0;
}

/* Serve given requests that come after a time; -1 without memory, or what makes no sense in them.
   Times are looked at when they are in the cache anyway: wrong ones do no harm. */
static int serve_checked(Fleet *fleet, const Requests *r, double before_s) {
    int sorted, served, inside = 1;
    if (r->choice)
        within(r->choice, r->size, &inside);
    if (inside && serve(fleet, r))
        return -1;
    sense(r->arrival_s, before_s, r->work, r->size, &sorted, &served);
    return !sorted ? UNSORTED : !served ? NEGATIVE : !inside ? OUTSIDE : SENSE;
}

/* Bring the fleet to the end of a minute; the number of requests that still wait. */
static int64_t settle(Fleet *fleet, double end_s) {
    int64_t waiting = 0;
    if (fleet->kind == WORKERS && !fleet->least_outstanding)
        return 0;
    refresh_all(fleet, fleet->width, end_s);
    for (int64_t j = 0; j < fleet->slots; j++)
        waiting += fleet->waiting[j].size;
    return waiting;
}

#endif
