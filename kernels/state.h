/* The state of a fleet at the end of a minute as 8-byte words: equal futures have equal words. */
#ifndef SMCOST_STATE_H
#define SMCOST_STATE_H

#include "fleet.h"

static int has_rings(const Fleet *fleet) {
    return fleet->kind == SWEEP || fleet->least_outstanding;
}

static int64_t state_words(const Fleet *fleet) {
    int64_t words = 1;
    for (int64_t j = 0; j < fleet->slots; j++)
        words += (fleet->kind == WORKERS ? fleet->width : 3) +
                 (has_rings(fleet) ? 1 + fleet->waiting[j].size : 0);
    return words;
}

static void put_int(char **to, int64_t value) {
    memcpy(*to, &value, 8);
    *to += 8;
}

static void put_time(char **to, double value_s) {
    memcpy(*to, &value_s, 8);
    *to += 8;
}

static void state_write(const Fleet *fleet, double end_s, char *to) {
    put_int(&to, fleet->slots);
    for (int64_t j = 0; j < fleet->slots; j++) {
        if (fleet->kind == WORKERS)
            for (int64_t w = 0; w < fleet->width; w++)
                put_time(&to, larger(fleet->free_s[j * fleet->width + w], end_s));
        else {
            put_int(&to, fleet->busy[j]);
            put_int(&to, fleet->taken[j]);
            put_time(&to, fleet->waiting[j].size ? fleet->leaves_s[j] : INFINITY);
        }
        if (!has_rings(fleet))
            continue;
        const Ring *ring = fleet->waiting + j;
        put_int(&to, ring->size);
        for (int64_t i = 0; i < ring->size; i++)
            put_time(&to, ring->at[(ring->head + i) & (ring->room - 1)]);
    }
}

/* Next word, or 0 when there is none: `left` then goes below 0. */
static int64_t get_int(const char **from, int64_t *left) {
    int64_t value = 0;
    if (--*left >= 0) {
        memcpy(&value, *from, 8);
        *from += 8;
    }
    return value;
}

static double get_time(const char **from, int64_t *left) {
    int64_t word = get_int(from, left);
    double value_s;
    memcpy(&value_s, &word, 8);
    return value_s;
}

/* 0, or -1 where the words are no state of such a fleet or memory is short. */
static int state_read(Fleet *fleet, double begin_s, const char *from, int64_t left) {
    int64_t slots = left ? get_int(&from, &left) : 0;
    if (slots < 0 || slots > fleet->most_slots)
        return -1;
    fleet_resize(fleet, slots);
    for (int64_t j = 0; j < slots && left >= 0; j++) {
        if (fleet->kind == WORKERS)
            for (int64_t w = 0; w < fleet->width; w++)
                fleet->free_s[j * fleet->width + w] = get_time(&from, &left);
        else {
            fleet->busy[j] = get_int(&from, &left);
            fleet->taken[j] = get_int(&from, &left);
            fleet->leaves_s[j] = get_time(&from, &left);
            if (fleet->busy[j] < 0 || fleet->busy[j] > fleet->width)
                return -1;
        }
        int64_t waiting = has_rings(fleet) ? get_int(&from, &left) : 0;
        for (int64_t i = 0; i < waiting; i++) {
            double start_s = get_time(&from, &left);
            if (left < 0 || ring_push(fleet->waiting + j, start_s))
                return -1;
        }
        /* Workers are counted before the first request; an idle ring waits for its new minute. */
        fleet->load[j] = load_of(fleet->busy[j] + waiting, j);
        fleet->next_change_s[j] =
            fleet->kind == SWEEP && waiting ? ring_head(fleet->waiting + j) : begin_s;
    }
    return left == 0 ? 0 : -1;
}

#endif
