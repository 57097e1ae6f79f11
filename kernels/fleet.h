/* A fleet of stations, first come first served, and the times at which its requests are answered.
 *
 * Two kinds of station: parallel workers (the sorted times at which they become free), and one
 * whose rate of departures depends on the number present (a birth-death process). In both the
 * response of a request is known when it arrives. Equal times: a departure comes first.
 */
#ifndef SMCOST_FLEET_H
#define SMCOST_FLEET_H

#include "numbers.h"
#include <math.h> /* INFINITY only */
#include <stdlib.h>

enum { WORKERS = 0, SWEEP = 1 };

/* Start times of waiting requests, in order. */
typedef struct {
    double *at;
    int64_t head, size, room;
} Ring;

typedef struct {
    int kind, least_outstanding;
    int64_t width;    /* workers of a station, or its last tested concurrency */
    double timeout_s; /* when work on a request ends; infinite where it goes on */
    Table latency, exponential;
    const double *throughput_rps;
    int64_t slots, most_slots, wrong_guesses;
    double *free_s;        /* workers: (slots, width), sorted */
    int64_t *busy;         /* sweep: requests worked on */
    double *leaves_s;      /* sweep: the last departure drawn */
    int64_t *taken;        /* sweep: whether a waiting request takes the place it frees */
    uint64_t *keys, *drawn;
    Ring *waiting;
    double *next_change_s; /* least outstanding: when the number below changes next */
    int64_t *load; /* and that number with the slot, see load_of: the smallest is taken next */
} Fleet;

/* More than any number of slots. */
#define LOAD ((int64_t)1 << 20)
/* Both are read in pairs; beyond the last slot they are endless. */
#define PAIRED(slots) (((slots) + 1) / 2 * 2)
#define ENDLESS ((int64_t)0x7FF0000000000000)

/* The bits of the double 2^52 + outstanding x LOAD + slot: in order as integers and as doubles. */
static inline int64_t load_of(int64_t outstanding, int64_t slot) {
    return (int64_t)0x4330000000000000 + outstanding * LOAD + slot;
}

/* One instruction each: left alone, compilers turn these into branches that are mispredicted. */
#if defined(__SSE2__) && defined(__x86_64__)
#include <emmintrin.h>
#endif
#if defined(__GNUC__) && defined(__x86_64__)
static inline double larger(double a, double b) {
    __asm__("maxsd %1, %0" : "+x"(a) : "x"(b));
    return a;
}
static inline double smaller(double a, double b) {
    __asm__("minsd %1, %0" : "+x"(a) : "x"(b));
    return a;
}
#else
static inline double larger(double a, double b) { return a > b ? a : b; }
static inline double smaller(double a, double b) { return a < b ? a : b; }
#endif

static int ring_push(Ring *ring, double start_s) {
    if (ring->size == ring->room) {
        int64_t room = ring->room ? 2 * ring->room : 64;
        double *at = malloc((size_t)room * sizeof(double));
        if (at == NULL)
            return -1;
        for (int64_t i = 0; i < ring->size; i++)
            at[i] = ring->at[(ring->head + i) & (ring->room - 1)];
        free(ring->at);
        *ring = (Ring){.at = at, .head = 0, .size = ring->size, .room = room};
    }
    ring->at[(ring->head + ring->size++) & (ring->room - 1)] = start_s;
    return 0;
}

static inline double ring_head(const Ring *ring) { return ring->at[ring->head]; }

static inline void ring_pop(Ring *ring) {
    ring->head = (ring->head + 1) & (ring->room - 1);
    ring->size--;
}

static int fleet_allocate(Fleet *fleet, int64_t most_slots) {
    size_t n = (size_t)(most_slots ? PAIRED(most_slots) : 2);
    fleet->most_slots = (int64_t)n;
    fleet->waiting = calloc(n, sizeof(Ring));
    fleet->free_s = calloc(n * (size_t)fleet->width, sizeof(double));
    fleet->busy = calloc(n, sizeof(int64_t));
    fleet->leaves_s = calloc(n, sizeof(double));
    fleet->taken = calloc(n, sizeof(int64_t));
    fleet->keys = calloc(n, sizeof(uint64_t));
    fleet->drawn = calloc(n, sizeof(uint64_t));
    fleet->next_change_s = calloc(n, sizeof(double));
    fleet->load = calloc(n, sizeof(int64_t));
    if (!(fleet->waiting && fleet->free_s && fleet->busy && fleet->leaves_s && fleet->taken &&
          fleet->keys && fleet->drawn && fleet->next_change_s && fleet->load))
        return -1;
    for (size_t j = 0; j < n; j++) {
        fleet->next_change_s[j] = INFINITY;
        fleet->load[j] = ENDLESS;
    }
    return 0;
}

static void fleet_release(Fleet *fleet) {
    for (int64_t j = 0; fleet->waiting && j < fleet->most_slots; j++)
        free(fleet->waiting[j].at);
    free(fleet->waiting);
    free(fleet->free_s);
    free(fleet->busy);
    free(fleet->leaves_s);
    free(fleet->taken);
    free(fleet->keys);
    free(fleet->drawn);
    free(fleet->next_change_s);
    free(fleet->load);
}

/* The newest leave and come back empty. */
static void fleet_resize(Fleet *fleet, int64_t slots) {
    for (int64_t j = fleet->slots; j < slots; j++) {
        for (int64_t w = 0; w < fleet->width; w++)
            fleet->free_s[j * fleet->width + w] = 0.0;
        fleet->busy[j] = fleet->taken[j] = 0;
        fleet->leaves_s[j] = fleet->next_change_s[j] = INFINITY;
        fleet->load[j] = load_of(0, j);
        fleet->waiting[j].size = 0;
    }
    for (int64_t j = slots; j < fleet->slots; j++) {
        fleet->next_change_s[j] = INFINITY;
        fleet->load[j] = ENDLESS;
    }
    fleet->slots = slots;
}

/* ---- workers ---- */

/* Put `done` in the place of the smallest of `width` sorted times: no branch, no misprediction. */
static inline void replace_first_short(double *free_s, int64_t width, double done_s) {
    /* No time is before the smallest, and `done` is not either. */
    free_s[0] = width > 1 ? smaller(done_s, free_s[1]) : done_s;
    for (int64_t w = 1; w + 1 < width; w++)
        free_s[w] = larger(free_s[w], smaller(done_s, free_s[w + 1]));
    if (width > 1)
        free_s[width - 1] = larger(free_s[width - 1], done_s);
}

/* First of the sorted times after `now`, by halving without branches. */
static inline int64_t first_after(const double *free_s, int64_t width, double now_s) {
    const double *from = free_s;
    int64_t left = width;
    while (left > 1) {
        int64_t half = left / 2;
        from = from[half - 1] <= now_s ? from + half : from;
        left -= half;
    }
    return (from - free_s) + (*from <= now_s);
}

static inline void replace_first_long(double *free_s, int64_t width, double done_s) {
    int64_t moved = first_after(free_s + 1, width - 1, done_s);
    memmove(free_s, free_s + 1, (size_t)moved * sizeof(double));
    free_s[moved] = done_s;
}

/* When work on a request begins; `done` when it ends. */
static inline double take_work(double *free_s, int64_t width, double now_s, double service_s,
                               double timeout_s, double *done_s) {
    double start_s = larger(now_s, free_s[0]), done = start_s + service_s;
    if (timeout_s < INFINITY)
        done = smaller(done, larger(start_s, now_s + timeout_s));
    if (width <= 16)
        replace_first_short(free_s, width, done);
    else
        replace_first_long(free_s, width, done);
    *done_s = done;
    return start_s;
}

static inline void refresh_workers(Fleet *fleet, int64_t width, int64_t slot, double now_s) {
    Ring *waiting = fleet->waiting + slot;
    while (waiting->size && ring_head(waiting) <= now_s)
        ring_pop(waiting);
    const double *free_s = fleet->free_s + slot * width;
    int64_t idle = 0;
    if (width <= 16)
        for (int64_t w = 0; w < width; w++)
            idle += free_s[w] <= now_s;
    else
        idle = first_after(free_s, width, now_s);
    fleet->load[slot] = load_of(waiting->size + width - idle, slot);
    fleet->next_change_s[slot] = waiting->size            ? ring_head(waiting)
                                 : idle == width ? INFINITY
                                                        : free_s[idle];
}

/* ---- load-dependent station ---- */

static inline double drawn_exponential(Fleet *fleet, int64_t slot) {
    return quantile(fleet->exponential, uniform(fleet->keys[slot], fleet->drawn[slot]++));
}

static inline void draw_departure(Fleet *fleet, int64_t slot, double now_s) {
    int64_t busy = fleet->busy[slot];
    fleet->taken[slot] = 0;
    fleet->leaves_s[slot] =
        busy ? now_s + drawn_exponential(fleet, slot) / fleet->throughput_rps[busy - 1] : INFINITY;
}

/* New random numbers for a minute. A departure to come is drawn anew: what is left of an exponential
   time is exponential, and the state then is the number present alone. */
static void begin_sweep_minute(Fleet *fleet, int64_t slot, uint64_t key, double now_s) {
    fleet->keys[slot] = key;
    fleet->drawn[slot] = 0;
    if (fleet->waiting[slot].size == 0) {
        draw_departure(fleet, slot, now_s);
        fleet->next_change_s[slot] = fleet->leaves_s[slot];
    }
}

static void advance_sweep(Fleet *fleet, int64_t slot, double now_s) {
    Ring *waiting = fleet->waiting + slot;
    for (;;) {
        if (waiting->size) {
            if (ring_head(waiting) > now_s)
                break;
            ring_pop(waiting);
            if (waiting->size)
                continue;
            fleet->busy[slot] = fleet->width - !fleet->taken[slot];
        } else {
            if (fleet->leaves_s[slot] > now_s)
                break;
            fleet->busy[slot]--;
        }
        draw_departure(fleet, slot, fleet->leaves_s[slot]);
    }
    fleet->load[slot] = load_of(fleet->busy[slot] + waiting->size, slot);
    fleet->next_change_s[slot] = waiting->size ? ring_head(waiting) : fleet->leaves_s[slot];
}

/* Response of a request of rank `rank`; the station has been brought to `now`. */
static int serve_sweep(Fleet *fleet, int64_t slot, double now_s, double rank, double *response_s) {
    int64_t last = fleet->width, cells = 2 * 2 * table_side(fleet->latency.cell_bits);
    Table latency = fleet->latency;
    double waits_s = 0.0;
    if (fleet->busy[slot] < last) {
        fleet->busy[slot]++;
        draw_departure(fleet, slot, now_s);
    } else {
        if (fleet->taken[slot])
            fleet->leaves_s[slot] +=
                drawn_exponential(fleet, slot) / fleet->throughput_rps[last - 1];
        waits_s = fleet->leaves_s[slot] - now_s;
        fleet->taken[slot] = waits_s < fleet->timeout_s;
        if (ring_push(fleet->waiting + slot, fleet->leaves_s[slot]))
            return -1;
    }
    latency.cells += (fleet->busy[slot] - 1) * cells;
    *response_s = waits_s + quantile(latency, rank);
    fleet->load[slot] += LOAD;
    fleet->next_change_s[slot] =
        fleet->waiting[slot].size ? ring_head(fleet->waiting + slot) : fleet->leaves_s[slot];
    return 0;
}

#endif
