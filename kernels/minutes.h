/* The streaming replay: one minute after the other, in buffers as long as the busiest minute. */
#ifndef SMCOST_MINUTES_H
#define SMCOST_MINUTES_H

#include "serve.h"

#define MINUTE_S 60.0
#define SECONDS 60
#define BELOW_1 (1.0 - 0x1p-53)
/* From so many requests in a minute on they are counted in bins of their own, added afterwards. */
#define MANY 2048

typedef struct {
    const int64_t *counts, *in_service, *window, *section; /* (T,); window < 0: not recorded */
    const double *weights;   /* (T, 61) cumulative over the seconds of a minute, or NULL */
    const double *offsets_s; /* (sum of counts,) within the minute, or NULL */
    const double *limits_s;
    int64_t minutes, limits, first_minute, most_waiting;
    uint64_t seed;
    int64_t *late;                   /* (T, L) */
    uint64_t *histogram, *sections; /* (W, BINS), (S, BINS) */
} Minutes;

typedef struct {
    double *arrival_s, *work, *choice, *response_s;
    int64_t *cells;
} Buffers;

static int buffers_allocate(Buffers *b, int64_t room) {
    size_t n = (size_t)room + 1;
    b->arrival_s = malloc(n * sizeof(double));
    b->work = malloc(n * sizeof(double));
    b->choice = malloc(n * sizeof(double));
    b->response_s = malloc(n * sizeof(double));
    b->cells = malloc(n * sizeof(int64_t));
    return b->arrival_s && b->work && b->choice && b->response_s && b->cells ? 0 : -1;
}

static void buffers_release(Buffers *b) {
    free(b->arrival_s);
    free(b->work);
    free(b->choice);
    free(b->response_s);
    free(b->cells);
}

/* `size` uniform numbers in order: partial sums of exponential ones, divided by the sum of all. */
static void sorted_uniforms(double *sorted, uint64_t key, int64_t size) {
    double sum = 0.0;
    gaps(sorted, key, size + 1);
    for (int64_t i = 0; i <= size; i++)
        sorted[i] = sum += sorted[i];
    double scale = 1.0 / sum;
    for (int64_t i = 0; i < size; i++)
        sorted[i] = smaller(sorted[i] * scale, BELOW_1);
}

/* From sorted uniforms to seconds within the minute, through the weights of its seconds. */
static void bend(double *sorted, int64_t size, const double *weights) {
    int64_t second = 0;
    for (int64_t i = 0; i < size; i++) {
        while (second < SECONDS - 1 && weights[second + 1] <= sorted[i])
            second++;
        double inside = sorted[i] - weights[second];
        sorted[i] = (double)second + inside / (weights[second + 1] - weights[second]);
    }
}

static void draw_minute(const Minutes *m, const Fleet *fleet, Buffers *b, int64_t t, int64_t past) {
    int64_t size = m->counts[t], minute = m->first_minute + t;
    double start_s = (double)minute * MINUTE_S;
    if (m->offsets_s != NULL) {
        for (int64_t i = 0; i < size; i++)
            b->arrival_s[i] = start_s + m->offsets_s[past + i];
    } else {
        sorted_uniforms(b->arrival_s, stream_key(m->seed, minute, STREAM_ARRIVALS), size);
        if (m->weights != NULL)
            bend(b->arrival_s, size, m->weights + t * (SECONDS + 1));
        double scale = m->weights != NULL ? 1.0 : MINUTE_S;
        for (int64_t i = 0; i < size; i++)
            b->arrival_s[i] = start_s + b->arrival_s[i] * scale;
    }
    uint64_t key = stream_key(m->seed, minute, STREAM_WORK);
    if (fleet->kind == SWEEP)
        ranks(b->work, b->choice, key, size);
    else {
        const double *table = fleet->latency.cells;
        cells(b->cells, b->work, b->choice, key, fleet->latency.cell_bits, size);
        for (int64_t i = 0; i < size; i++)
            b->work[i] = table[2 * b->cells[i]] + b->work[i] * table[2 * b->cells[i] + 1];
    }
}

static void record_minute(const Minutes *m, const Buffers *b, int64_t t) {
    if (m->window[t] < 0)
        return;
    for (int64_t l = 0; l < m->limits; l++)
        late(b->response_s, m->limits_s[l], m->counts[t], m->late + t * m->limits + l);
    uint64_t *window = m->histogram + m->window[t] * BINS;
    uint64_t *section = m->sections + m->section[t] * BINS;
    if (m->counts[t] >= MANY) {
        uint32_t bins[BINS] = {0};
        for (int64_t i = 0; i < m->counts[t]; i++)
            bins[bin_of(b->response_s[i])]++;
        for (int64_t bin = 0; bin < BINS; bin++) {
            window[bin] += bins[bin];
            section[bin] += bins[bin];
        }
        return;
    }
    for (int64_t i = 0; i < m->counts[t]; i++) {
        int64_t bin = bin_of(b->response_s[i]);
        window[bin]++;
        section[bin]++;
    }
}

/* The first minute not replayed since too many waited, `minutes` if none, -1 without memory. */
static int64_t replay_minutes(const Minutes *m, Fleet *fleet, Buffers *b) {
    int64_t past = 0;
    for (int64_t t = 0; t < m->minutes; t++) {
        int64_t minute = m->first_minute + t;
        fleet_resize(fleet, m->in_service[t]);
        for (int64_t j = 0; fleet->kind == SWEEP && j < fleet->slots; j++) {
            uint64_t key = stream_key(m->seed, minute, STREAM_DEPARTURES + (uint64_t)j);
            begin_sweep_minute(fleet, j, key, (double)minute * MINUTE_S);
        }
        draw_minute(m, fleet, b, t, past);
        Requests requests = {b->arrival_s, b->work, b->choice, b->response_s, m->counts[t]};
        if (serve(fleet, &requests))
            return -1;
        record_minute(m, b, t);
        past += m->counts[t];
        if (settle(fleet, (double)(minute + 1) * MINUTE_S) > m->most_waiting)
            return t + 1;
    }
    return m->minutes;
}

#endif
