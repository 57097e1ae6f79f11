/* The passes over the requests of a minute that need no order: random numbers, laws, counting.
 *
 * Each is a plain loop that compilers turn into vector instructions, compiled once for each width
 * of vectors and chosen when it runs. Every operation is rounded as it stands, so that the width
 * changes no digit.
 */
#ifndef SMCOST_DRAWS_H
#define SMCOST_DRAWS_H

#include "numbers.h"

/* Doubles of 2^52 and more are integers with these upper bits: conversion without an instruction
   that plain x86-64 lacks. */
#define INTEGER 0x4330000000000000ULL
#define ONE 0x3FF0000000000000ULL
#define MANTISSA 0x000FFFFFFFFFFFFFULL
#define SQRT_HALF 0x3FE6A09E667F3BCDULL
#define LN_2 0x1.62e42fefa39efp-1

/* -log((k + 1/2) / 2^52) for the upper 52 bits k: exponent and a polynomial of the mantissa.
   Its coefficients are those of fdlibm's log (Sun Microsystems, 1993), good to 2^-58. */
static inline double exponential_of(uint64_t random) {
    double place = double_of(INTEGER | random >> 12) - (0x1p52 - 0.5);
    uint64_t bits = bits_of(place) + (ONE - SQRT_HALF);
    double octaves = (0x1p52 + 1023.0 + 52.0) - double_of(INTEGER | bits >> 52);
    double f = double_of((bits & MANTISSA) + SQRT_HALF) - 1.0;
    double s = f / (2.0 + f), z = s * s, half = 0.5 * f * f;
    double r = 1.479819860511658591e-1;
    r = r * z + 1.531383769920937332e-1;
    r = r * z + 1.818357216161805012e-1;
    r = r * z + 2.222219843214978396e-1;
    r = r * z + 2.857142874366239149e-1;
    r = r * z + 3.999999999940941908e-1;
    r = r * z + 6.666666666666735130e-1;
    return octaves * LN_2 - (f - (half - s * (half + r * z)));
}

#if defined(__GNUC__)
#define INLINED static inline __attribute__((always_inline))
#else
#define INLINED static inline
#endif

INLINED void gaps_body(double *gaps, uint64_t key, int64_t size) {
    for (int64_t i = 0; i < size; i++)
        gaps[i] = exponential_of(random_bits(key, (uint64_t)i));
}

/* Upper 40 bits: the rank of the work, see rank_of; lower 24: the choice of an instance. */
INLINED void ranks_body(double *ranks, double *choices, uint64_t key, int64_t size) {
    for (int64_t i = 0; i < size; i++) {
        uint64_t random = random_bits(key, (uint64_t)i);
        ranks[i] = rank_of(random);
        choices[i] = choice_of(random);
    }
}

/* The cell of each rank in a table and the place inside it: `quantile` without the look-up. */
INLINED void cells_body(int64_t *cells, double *inside, double *choices, uint64_t key,
                        int cell_bits, int64_t size) {
    int shift = 52 - cell_bits;
    int64_t first = (int64_t)(1023 - OCTAVES - 1) << cell_bits, side = table_side(cell_bits);
    uint64_t within = (1ULL << shift) - 1;
    for (int64_t i = 0; i < size; i++) {
        uint64_t random = random_bits(key, (uint64_t)i), upper = -(random >> 63);
        uint64_t place = (random >> 24) ^ (upper & 0xFFFFFFFFFFULL);
        uint64_t bits = bits_of((double_of(INTEGER | place) - (0x1p52 - 0.5)) * 0x1p-40);
        cells[i] = (int64_t)(bits >> shift) - first + ((int64_t)upper & side);
        inside[i] = double_of(ONE | (bits & within) << cell_bits) - 1.0;
        choices[i] = choice_of(random);
    }
}

INLINED void late_body(const double *responses_s, double limit_s, int64_t size, int64_t *late) {
    int64_t found = 0;
    for (int64_t i = 0; i < size; i++)
        found += responses_s[i] > limit_s;
    *late = found;
}

/* Whether the times rise from `before_s` on, none is NaN, and service times are not negative. */
INLINED void sense_body(const double *arrivals_s, double before_s, const double *services_s,
                        int64_t size, int *sorted, int *served) {
    uint64_t back = arrivals_s[0] >= before_s ? 0 : 1, negative = 0;
    for (int64_t i = 1; i < size; i++)
        back |= !(arrivals_s[i] >= arrivals_s[i - 1]);
    for (int64_t i = 0; i < size; i++)
        negative |= !(services_s[i] >= 0.0);
    *sorted = !back;
    *served = !negative;
}

INLINED void within_body(const double *choices, int64_t size, int *within) {
    uint64_t out = 0;
    for (int64_t i = 0; i < size; i++)
        out |= !(choices[i] >= 0.0) | !(choices[i] < 1.0);
    *within = !out;
}

/* 0: as the compiler was told; 1: AVX2; 2: AVX-512. Tests lower it. */
static int widest_vectors = 2;

#if defined(__GNUC__) && defined(__x86_64__)
static int vectors(void) {
    int found = 0;
    if (__builtin_cpu_supports("avx2"))
        found = 1;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq"))
        found = 2;
    return found < widest_vectors ? found : widest_vectors;
}
#define PASS(name, parameters, arguments)                                                         \
    static __attribute__((target("avx512f,avx512dq"))) void name##_avx512 parameters {            \
        name##_body arguments;                                                                    \
    }                                                                                             \
    static __attribute__((target("avx2"))) void name##_avx2 parameters { name##_body arguments; } \
    static void name##_plain parameters { name##_body arguments; }                                \
    static void name parameters {                                                                 \
        switch (vectors()) {                                                                      \
        case 2:                                                                                   \
            name##_avx512 arguments;                                                              \
            return;                                                                               \
        case 1:                                                                                   \
            name##_avx2 arguments;                                                                \
            return;                                                                               \
        }                                                                                         \
        name##_plain arguments;                                                                   \
    }
#else
static int vectors(void) { return 0 * widest_vectors; }
#define PASS(name, parameters, arguments)                                                         \
    static void name parameters { name##_body arguments; }
#endif

PASS(gaps, (double *gaps, uint64_t key, int64_t size), (gaps, key, size))
PASS(ranks, (double *ranks, double *choices, uint64_t key, int64_t size),
     (ranks, choices, key, size))
PASS(cells,
     (int64_t *cells, double *inside, double *choices, uint64_t key, int cell_bits, int64_t size),
     (cells, inside, choices, key, cell_bits, size))
PASS(late, (const double *responses_s, double limit_s, int64_t size, int64_t *found),
     (responses_s, limit_s, size, found))
PASS(sense,
     (const double *arrivals_s, double before_s, const double *services_s, int64_t size,
      int *sorted, int *served),
     (arrivals_s, before_s, services_s, size, sorted, served))
PASS(within, (const double *choices, int64_t size, int *inside), (choices, size, inside))

#endif
