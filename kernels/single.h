/* Requests, and their service by a single instance.
 *
 * There each request has to wait for the one before, and so has the processor: what is done here
 * is to give it something else to do meanwhile, or wider instructions.
 */
#ifndef SMCOST_SINGLE_H
#define SMCOST_SINGLE_H

#include "draws.h"
#include "fleet.h"

/* Requests of one stretch of time, in order of arrival, and their responses. */
typedef struct {
    const double *arrival_s, *work, *choice;
    double *response_s;
    int64_t size;
} Requests;

/* Few workers, whose times need not go through memory. */
static inline void serve_one_station(double *at_s, const Requests *r, int64_t width,
                                     double timeout_s) {
    double free_s[8], done_s;
    for (int64_t w = 0; w < width; w++)
        free_s[w] = at_s[w];
    for (int64_t i = 0; i < r->size; i++) {
        double now_s = r->arrival_s[i], service_s = r->work[i];
        double start_s = take_work(free_s, width, now_s, service_s, timeout_s, &done_s);
        r->response_s[i] = (start_s - now_s) + service_s;
    }
    for (int64_t w = 0; w < width; w++)
        at_s[w] = free_s[w];
}

/* Two single instances with as many requests each, which need not wait for each other. */
static inline void serve_two_stations(double *at_s, const Requests *r, double *other_s,
                                      const Requests *s, int64_t width, double timeout_s) {
    double free_s[8], next_s[8], done_s;
    for (int64_t w = 0; w < width; w++) {
        free_s[w] = at_s[w];
        next_s[w] = other_s[w];
    }
    for (int64_t i = 0; i < r->size; i++) {
        double now_s = r->arrival_s[i], service_s = r->work[i];
        double start_s = take_work(free_s, width, now_s, service_s, timeout_s, &done_s);
        r->response_s[i] = (start_s - now_s) + service_s;
        now_s = s->arrival_s[i];
        service_s = s->work[i];
        start_s = take_work(next_s, width, now_s, service_s, timeout_s, &done_s);
        s->response_s[i] = (start_s - now_s) + service_s;
    }
    for (int64_t w = 0; w < width; w++) {
        at_s[w] = free_s[w];
        other_s[w] = next_s[w];
    }
}

/* Up to so many workers all times are moved by wide vectors, which is faster than a search. */
#define WIDEST 128

/* A single instance of 17 to WIDEST workers. */
INLINED void wide_body(double *at_s, const Requests *r, int64_t width, double timeout_s) {
    double free_s[WIDEST + 1];
    int64_t padded = (width + 7) / 8 * 8;
    for (int64_t w = 0; w <= padded; w++)
        free_s[w] = w < width ? at_s[w] : INFINITY;
    for (int64_t i = 0; i < r->size; i++) {
        double now_s = r->arrival_s[i], service_s = r->work[i];
        double start_s = now_s > free_s[0] ? now_s : free_s[0], done_s = start_s + service_s;
        double last_s = now_s + timeout_s;
        last_s = start_s > last_s ? start_s : last_s;
        done_s = done_s < last_s ? done_s : last_s;
        r->response_s[i] = (start_s - now_s) + service_s;
        for (int64_t w = 0; w < padded; w++) {
            double later_s = done_s < free_s[w + 1] ? done_s : free_s[w + 1];
            free_s[w] = free_s[w] > later_s ? free_s[w] : later_s;
        }
    }
    for (int64_t w = 0; w < width; w++)
        at_s[w] = free_s[w];
}

PASS(wide, (double *at_s, const Requests *r, int64_t width, double timeout_s),
     (at_s, r, width, timeout_s))

/* A single instance of any width. */
static inline void serve_any_station(Fleet *fleet, const Requests *r, int64_t width,
                                     double timeout_s) {
    double done_s;
    for (int64_t i = 0; i < r->size; i++) {
        double now_s = r->arrival_s[i], service_s = r->work[i];
        double start_s = take_work(fleet->free_s, width, now_s, service_s, timeout_s, &done_s);
        r->response_s[i] = (start_s - now_s) + service_s;
    }
}

/* So many requests warm a guess up; it pays from so many on, and until so many were wrong. */
#define WARM_UP 256
#define WORTH_A_GUESS 4096
#define WRONG_GUESSES 3

static Requests part_of(const Requests *r, int64_t from, int64_t size) {
    return (Requests){r->arrival_s + from, r->work + from, r->choice ? r->choice + from : NULL,
                      r->response_s + from, size};
}

/* The second half is served beside the first, from a guess: the state after a warm-up from empty.
   Where that was not the true state, it is served again. */
static inline void serve_halves(Fleet *fleet, const Requests *r, int64_t width, double timeout_s) {
    double guess_s[8] = {0}, after_s[8];
    int64_t half = r->size / 2, right = 1;
    if (r->size < WORTH_A_GUESS || fleet->wrong_guesses >= WRONG_GUESSES) {
        serve_one_station(fleet->free_s, r, width, timeout_s);
        return;
    }
    Requests warm = part_of(r, half - WARM_UP, WARM_UP), first = part_of(r, 0, half);
    Requests second = part_of(r, half, half), last = part_of(r, 2 * half, r->size - 2 * half);
    serve_one_station(guess_s, &warm, width, timeout_s);
    memcpy(after_s, guess_s, sizeof after_s);
    serve_two_stations(fleet->free_s, &first, after_s, &second, width, timeout_s);
    for (int64_t w = 0; w < width; w++)
        right &= larger(fleet->free_s[w], second.arrival_s[0]) ==
                 larger(guess_s[w], second.arrival_s[0]);
    if (right)
        memcpy(fleet->free_s, after_s, (size_t)width * sizeof(double));
    else
        serve_one_station(fleet->free_s, &second, width, timeout_s);
    serve_one_station(fleet->free_s, &last, width, timeout_s);
    fleet->wrong_guesses = right ? 0 : fleet->wrong_guesses + 1;
}

/* A case of its own for each number of workers, and for the usual endless timeout. */
#define WITH(serve, width)                                                                        \
    case width:                                                                                   \
        if (fleet->timeout_s < INFINITY)                                                          \
            serve(fleet, r, width, fleet->timeout_s);                                             \
        else                                                                                      \
            serve(fleet, r, width, INFINITY);                                                     \
        return

static void serve_single(Fleet *fleet, const Requests *r) {
    if (fleet->width > 16 && fleet->width <= WIDEST && vectors()) {
        wide(fleet->free_s, r, fleet->width, fleet->timeout_s);
        return;
    }
    switch (fleet->width) {
        WITH(serve_halves, 1);
        WITH(serve_halves, 2);
        WITH(serve_halves, 3);
        WITH(serve_halves, 4);
        WITH(serve_halves, 5);
        WITH(serve_halves, 6);
        WITH(serve_halves, 7);
        WITH(serve_halves, 8);
        WITH(serve_any_station, 16);
    }
    serve_any_station(fleet, r, fleet->width, fleet->timeout_s);
}

#endif
