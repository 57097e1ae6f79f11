/* Counter-based random numbers, quantile tables and histogram bins.
 *
 * No function of the C mathematics library is called: every operation is an integer operation or
 * a correctly rounded IEEE 754 one, so that smcost/queueing/exact computes the same bits in Python.
 */
#ifndef SMCOST_NUMBERS_H
#define SMCOST_NUMBERS_H

#include <stdint.h>
#include <string.h>

#define GOLDEN 0x9E3779B97F4A7C15ULL
#define STREAM_ARRIVALS 0ULL
#define STREAM_WORK 1ULL
#define STREAM_DEPARTURES 2ULL
#define BINS 4096
#define BIN_BITS 7
#define LOWEST_EXPONENT (-20)
#define OCTAVES 40

/* Finaliser of splitmix64 (Steele, Lea, Flood, OOPSLA 2014). */
static inline uint64_t mixed(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

static inline uint64_t stream_key(uint64_t seed, int64_t minute, uint64_t stream) {
    uint64_t key = mixed(seed + GOLDEN);
    key = mixed(key + (uint64_t)minute * GOLDEN);
    return mixed(key + (stream + 1) * GOLDEN);
}

static inline uint64_t random_bits(uint64_t key, uint64_t i) {
    return mixed(key + (i + 1) * GOLDEN);
}

static inline double unit(uint64_t bits) { return (double)(int64_t)(bits >> 11) * 0x1p-53; }

static inline double uniform(uint64_t key, uint64_t i) { return unit(random_bits(key, i)); }

/* (k + 1/2) / 2^40 for the upper 40 bits k, and the lower 24 bits / 2^24: one number has both. */
static inline double rank_of(uint64_t bits) {
    return ((double)(int64_t)(bits >> 24) + 0.5) * 0x1p-40;
}

static inline double choice_of(uint64_t bits) {
    return (double)(int32_t)(bits & 0xFFFFFF) * 0x1p-24;
}

static inline uint64_t bits_of(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline double double_of(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Quantile function: (value, step to the next node) per cell; lower half first, then upper. */
typedef struct {
    const double *cells;
    int cell_bits;
} Table;

static inline int64_t table_side(int cell_bits) { return ((int64_t)OCTAVES << cell_bits) + 1; }

/* Which half is taken without a branch: it would be mispredicted every other time. */
static inline double quantile(Table table, double u) {
    uint64_t below = bits_of(u), beyond = bits_of(1.0 - u);
    uint64_t upper = below >= bits_of(0.5);
    uint64_t bits = below ^ ((below ^ beyond) & -upper);
    int shift = 52 - table.cell_bits;
    int64_t at = (int64_t)(bits >> shift) - ((int64_t)(1023 - OCTAVES - 1) << table.cell_bits);
    double inside = (double)(int64_t)(bits & ((1ULL << shift) - 1)) * (1.0 / (double)(1ULL << shift));
    if (at < 0) {
        at = 0;
        inside = 0.0;
    }
    const double *cell = table.cells + 2 * (at + (int64_t)upper * table_side(table.cell_bits));
    return cell[0] + inside * cell[1];
}

/* Exponent and the upper bits of the mantissa number the bins; the ends are clamped. */
static inline int64_t bin_of(double response_s) {
    int64_t at = (int64_t)(bits_of(response_s) >> (52 - BIN_BITS)) -
                 ((int64_t)(1023 + LOWEST_EXPONENT) << BIN_BITS);
    return at < 0 ? 0 : at >= BINS ? BINS - 1 : at;
}

#endif
