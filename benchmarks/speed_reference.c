/* Queues on given arrays, written for comparison without a look at kernels/.
 *
 * Times at which servers become free are kept sorted; a new one is shifted in from the front.
 */
#include <stdlib.h>
#include <string.h>

static inline void shift_in(double *restrict v, int c, double x) {
    for (int k = 0; k < c - 1; k++) {
        double lower = x < v[k + 1] ? x : v[k + 1];
        v[k] = v[k] > lower ? v[k] : lower;
    }
    v[c - 1] = v[c - 1] > x ? v[c - 1] : x;
}

static inline double serve(double *restrict v, int c, double t, double s) {
    double start = t > v[0] ? t : v[0];
    shift_in(v, c, start + s);
    return start;
}

#define CENTRAL(c)                                                                                \
    for (long i = 0; i < n; i++)                                                                  \
        out[i] = serve(v, c, arrival[i], service[i]) - arrival[i] + service[i]

void central(long n, const double *restrict arrival, const double *restrict service, int c,
             double *restrict out) {
    double v[64] = {0};
    switch (c) {
    case 1:
        CENTRAL(1);
        break;
    case 4:
        CENTRAL(4);
        break;
    case 16:
        CENTRAL(16);
        break;
    case 64:
        CENTRAL(64);
        break;
    }
}

void fleet_random(long n, const double *restrict arrival, const double *restrict service,
                  const double *restrict choice, int instances, double *restrict out) {
    double(*v)[4] = calloc((size_t)instances, sizeof *v);
    for (long i = 0; i < n; i++) {
        double *one = v[(int)(choice[i] * instances)];
        out[i] = serve(one, 4, arrival[i], service[i]) - arrival[i] + service[i];
    }
    free(v);
}

/* Of each instance the begin of work on those that wait, oldest first, in a ring. */
#define RING 65536

void fleet_least(long n, const double *restrict arrival, const double *restrict service,
                 int instances, double *restrict out) {
    double(*v)[4] = calloc((size_t)instances, sizeof *v);
    double *begin = malloc((size_t)instances * RING * sizeof *begin);
    unsigned *head = calloc((size_t)instances, sizeof *head);
    unsigned *tail = calloc((size_t)instances, sizeof *tail);
    for (long i = 0; i < n; i++) {
        double t = arrival[i];
        int best = 0;
        unsigned fewest = ~0u;
        for (int j = 0; j < instances; j++) {
            while (head[j] != tail[j] && begin[(size_t)j * RING + head[j] % RING] <= t)
                head[j]++;
            unsigned present = tail[j] - head[j];
            for (int k = 0; k < 4; k++)
                present += v[j][k] > t;
            best = present < fewest ? j : best;
            fewest = present < fewest ? present : fewest;
        }
        double start = serve(v[best], 4, t, service[i]);
        if (start > t)
            begin[(size_t)best * RING + tail[best]++ % RING] = start;
        out[i] = start - t + service[i];
    }
    free(v);
    free(begin);
    free(head);
    free(tail);
}
