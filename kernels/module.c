/* smcost._kernels: the exact replay and the autoscaler, compiled.
 *
 * Arrays come and go through the buffer protocol, so that neither numpy's headers nor one
 * version of Python are needed. smcost/queueing/exact/fallback.py says what each function does.
 */
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

#include "backlog.h"
#include "counts.h"
#include "in_flight.h"
#include "minutes.h"
#include "scheduled.h"
#include "state.h"

#define WORDS(buffer) ((int64_t)((buffer).len / 8))

static const void *unless_empty(const Py_buffer *buffer) {
    return buffer->len ? buffer->buf : NULL;
}

static int refused(const char *what) {
    PyErr_SetString(PyExc_ValueError, what);
    return -1;
}

static void release(Py_buffer *buffers, int size) {
    for (int i = 0; i < size; i++)
        PyBuffer_Release(buffers + i);
}

static int64_t largest_of(const int64_t *values, int64_t size) {
    int64_t most = 0;
    for (int64_t i = 0; i < size; i++)
        most = values[i] > most ? values[i] : most;
    return most;
}

/* What a wrong caller could do to the memory of the process. */
static int check_minutes(const Minutes *m, const Py_buffer *b, int64_t late, int64_t histogram,
                         int64_t sections) {
    int64_t total = 0;
    if (WORDS(b[1]) != m->minutes || WORDS(b[2]) != m->minutes || WORDS(b[3]) != m->minutes ||
        late != m->minutes * m->limits)
        return refused("arrays of different length");
    for (int64_t t = 0; t < m->minutes; t++) {
        if (m->counts[t] < 0 || m->counts[t] > INT32_MAX - 2 || m->in_service[t] < 1 ||
            m->in_service[t] >= LOAD)
            return refused("counts or in_service out of range");
        if (m->window[t] >= histogram / BINS || m->section[t] < 0 ||
            m->section[t] >= sections / BINS)
            return refused("window or section out of range");
        total += m->counts[t];
    }
    if ((m->weights && WORDS(b[4]) != m->minutes * (SECONDS + 1)) ||
        (m->offsets_s && WORDS(b[5]) != total))
        return refused("weights or offsets_s of a wrong length");
    return 0;
}

static int check_fleet(const Fleet *fleet, int64_t latency, int64_t throughput,
                       int64_t exponential) {
    int bits = fleet->latency.cell_bits;
    if (fleet->width < 1 || bits < 0 || bits > 20 || fleet->exponential.cell_bits > 20 ||
        fleet->exponential.cell_bits < 0)
        return refused("a station out of range");
    int64_t tables = fleet->kind == SWEEP ? fleet->width : 1;
    if (latency != tables * 4 * table_side(bits) ||
        (fleet->kind == SWEEP && (throughput != fleet->width ||
                                  exponential != 4 * table_side(fleet->exponential.cell_bits))))
        return refused("tables of a wrong length");
    return 0;
}

static PyObject *replay_in(const Minutes *m, Fleet *fleet, const Py_buffer *state) {
    Buffers buffers = {0};
    int64_t reached = -1, slots = largest_of(m->in_service, m->minutes);
    int64_t before = state->len >= 8 ? *(int64_t *)state->buf : 0;
    PyObject *result = NULL;
    if (before > WORDS(*state) || before >= LOAD) {
        refused("a state that is none");
        return NULL;
    }
    int bad = fleet_allocate(fleet, before > slots ? before : slots);
    bad |= buffers_allocate(&buffers, largest_of(m->counts, m->minutes));
    double begin_s = (double)m->first_minute * MINUTE_S;
    if (bad)
        PyErr_NoMemory();
    else if (state_read(fleet, begin_s, state->buf, WORDS(*state)))
        refused("a state that is none");
    else {
        Py_BEGIN_ALLOW_THREADS
        reached = replay_minutes(m, fleet, &buffers);
        Py_END_ALLOW_THREADS
        PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(8 * state_words(fleet)));
        if (reached < 0)
            PyErr_NoMemory();
        else if (bytes != NULL) {
            state_write(fleet, begin_s + (double)reached * MINUTE_S, PyBytes_AsString(bytes));
            result = Py_BuildValue("OL", bytes, (long long)reached);
        }
        Py_XDECREF(bytes);
    }
    buffers_release(&buffers);
    fleet_release(fleet);
    return result;
}

static PyObject *py_replay_minutes(PyObject *Py_UNUSED(self), PyObject *args) {
    Py_buffer b[14];
    Minutes m = {0};
    Fleet fleet = {0};
    unsigned long long seed;
    long long first_minute, most_waiting, width;
    PyObject *result = NULL;
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*y*y*KLLipLdy*iy*iy*y*w*w*w*", b, b + 1, b + 2, b + 3,
                          b + 4, b + 5, b + 6, &seed, &first_minute, &most_waiting, &fleet.kind,
                          &fleet.least_outstanding, &width, &fleet.timeout_s, b + 7,
                          &fleet.latency.cell_bits, b + 8, &fleet.exponential.cell_bits, b + 9,
                          b + 10, b + 11, b + 12, b + 13))
        return NULL;
    fleet.width = width;
    fleet.latency.cells = b[7].buf;
    fleet.exponential.cells = b[8].buf;
    fleet.throughput_rps = b[9].buf;
    m.counts = b[0].buf, m.in_service = b[1].buf, m.window = b[2].buf, m.section = b[3].buf;
    m.weights = unless_empty(b + 4), m.offsets_s = unless_empty(b + 5), m.limits_s = b[6].buf;
    m.minutes = WORDS(b[0]), m.limits = WORDS(b[6]);
    m.seed = seed, m.first_minute = first_minute, m.most_waiting = most_waiting;
    m.late = b[11].buf, m.histogram = b[12].buf, m.sections = b[13].buf;
    if (!check_minutes(&m, b, WORDS(b[11]), WORDS(b[12]), WORDS(b[13])) &&
        !check_fleet(&fleet, WORDS(b[7]), WORDS(b[9]), WORDS(b[8])))
        result = replay_in(&m, &fleet, b + 10);
    release(b, 14);
    return result;
}

/* Serve given requests in the steps of a fleet, in blocks that stay in the cache; as
   serve_checked(). */
static int serve_steps(Fleet *fleet, const Requests *all, const int64_t *begins,
                       const int64_t *in_service, int64_t steps) {
    int failed = 0;
    for (int64_t step = 0; step < steps && !failed; step++) {
        fleet_resize(fleet, in_service[step]);
        for (int64_t from = begins[step]; from < begins[step + 1] && !failed; from += BLOCK) {
            int64_t left = begins[step + 1] - from;
            Requests some = part_of(all, from, left < BLOCK ? left : BLOCK);
            failed = serve_checked(fleet, &some, from ? all->arrival_s[from - 1] : 0.0);
        }
    }
    return failed;
}

static int check_given(const Requests *all, const Py_buffer *b) {
    const int64_t *begins = b[3].buf, *in_service = b[4].buf;
    int64_t steps = WORDS(b[4]);
    if (WORDS(b[1]) != all->size || (all->choice && WORDS(b[2]) != all->size) ||
        WORDS(b[5]) != all->size || WORDS(b[3]) != steps + 1 || begins[0] != 0 ||
        begins[steps] != all->size)
        return refused("arrays of different length");
    for (int64_t step = 0; step < steps; step++)
        if (begins[step + 1] < begins[step] || in_service[step] < 1 || in_service[step] >= LOAD)
            return refused("begins or in_service out of range");
    return 0;
}

static PyObject *py_serve_given(PyObject *Py_UNUSED(self), PyObject *args) {
    Py_buffer b[6];
    Fleet fleet = {0};
    long long width;
    int failed = -1;
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*Ldw*", b, b + 1, b + 2, b + 3, b + 4, &width,
                          &fleet.timeout_s, b + 5))
        return NULL;
    Requests all = {b[0].buf, b[1].buf, unless_empty(b + 2), b[5].buf, WORDS(b[0])};
    fleet.kind = WORKERS;
    /* Of one instance there is nothing to choose. */
    fleet.least_outstanding = all.choice == NULL && largest_of(b[4].buf, WORDS(b[4])) > 1;
    fleet.width = width;
    if (width < 1)
        refused("a station out of range");
    else if (!check_given(&all, b)) {
        int64_t steps = WORDS(b[4]);
        if (fleet_allocate(&fleet, largest_of(b[4].buf, steps)) == 0) {
            Py_BEGIN_ALLOW_THREADS
            failed = serve_steps(&fleet, &all, b[3].buf, b[4].buf, steps);
            Py_END_ALLOW_THREADS
        }
        if (failed < 0)
            PyErr_NoMemory();
        fleet_release(&fleet);
    }
    release(b, 6);
    return failed < 0 ? NULL : PyLong_FromLong(failed);
}

static PyObject *py_count_replay(PyObject *Py_UNUSED(self), PyObject *args) {
    Py_buffer b[3];
    Policy policy;
    long long minimum, maximum, start;
    double hours = 0.0;
    int64_t activities = -1;
    if (!PyArg_ParseTuple(args, "y*dLLdddLw*w*", b, &policy.target, &minimum, &maximum,
                          &policy.cooldown_s, &policy.reaction_s, &policy.startup_s, &start, b + 1,
                          b + 2))
        return NULL;
    policy.minimum = minimum, policy.maximum = maximum;
    int64_t minutes = WORDS(b[0]);
    if (WORDS(b[1]) != minutes || WORDS(b[2]) != 4 * minutes || start < 1 || minimum < 1)
        refused("arrays of different length");
    else {
        Py_BEGIN_ALLOW_THREADS
        activities = count_replay(b[0].buf, minutes, &policy, start, b[1].buf, b[2].buf, &hours);
        Py_END_ALLOW_THREADS
    }
    release(b, 3);
    return activities < 0 ? NULL : Py_BuildValue("Ld", (long long)activities, hours);
}

static PyObject *py_scheduled_replay(PyObject *Py_UNUSED(self), PyObject *args) {
    Py_buffer b[5];
    Policy policy;
    long long minimum, maximum, start;
    double hours = 0.0;
    int64_t activities = -1, failures = 0;
    if (!PyArg_ParseTuple(args, "y*dLLdddLy*w*w*w*", b, &policy.target, &minimum, &maximum,
                          &policy.cooldown_s, &policy.reaction_s, &policy.startup_s, &start, b + 1,
                          b + 2, b + 3, b + 4))
        return NULL;
    policy.minimum = minimum, policy.maximum = maximum;
    int64_t minutes = WORDS(b[0]), runs = WORDS(b[1]) / DUE_COLUMNS;
    if (WORDS(b[1]) != DUE_COLUMNS * runs || WORDS(b[2]) != minutes ||
        WORDS(b[3]) != 4 * (minutes + runs) || WORDS(b[4]) != runs || start < 1 || minimum < 1)
        refused("arrays of different length");
    else {
        Py_BEGIN_ALLOW_THREADS
        activities = scheduled_replay(b[0].buf, minutes, policy, b[1].buf, runs, start, b[2].buf,
                                      b[3].buf, b[4].buf, &failures, &hours);
        Py_END_ALLOW_THREADS
    }
    release(b, 5);
    return activities < 0 ? NULL
                          : Py_BuildValue("LLd", (long long)activities, (long long)failures, hours);
}

static PyObject *py_in_flight_replay(PyObject *Py_UNUSED(self), PyObject *args) {
    Py_buffer b[5];
    Policy policy;
    Occupancy tables;
    Holdings holdings = {0};
    long long minimum, maximum, start, rows;
    double hours = 0.0;
    int64_t activities = -1;
    if (!PyArg_ParseTuple(args, "y*y*y*LdpdLLdddLw*w*", b, b + 1, b + 2, &rows, &tables.most,
                          &tables.least_outstanding, &policy.target, &minimum, &maximum,
                          &policy.cooldown_s, &policy.reaction_s, &policy.startup_s, &start, b + 3,
                          b + 4))
        return NULL;
    policy.minimum = minimum, policy.maximum = maximum;
    int64_t ticks = WORDS(b[0]), minutes = ticks / TICKS;
    tables.before = b[1].buf, tables.after = b[2].buf, tables.rows = rows;
    tables.points = rows > 0 ? WORDS(b[1]) / rows : 0;
    if (ticks != TICKS * minutes || WORDS(b[3]) != minutes || WORDS(b[4]) != 4 * ticks ||
        WORDS(b[2]) != WORDS(b[1]) || tables.points < 2 || WORDS(b[1]) != rows * tables.points ||
        start < 1 || minimum < 1 || start > maximum)
        refused("arrays of different length");
    else {
        /* No more cohorts than instances, and one that joins before neighbours are merged. */
        holdings.cohorts = malloc((size_t)(maximum + 1) * sizeof(Cohort));
        holdings.ordered = malloc((size_t)(maximum + 1) * sizeof(Cohort));
        if (holdings.cohorts == NULL || holdings.ordered == NULL)
            PyErr_NoMemory();
        else {
            Py_BEGIN_ALLOW_THREADS
            activities = in_flight_replay(b[0].buf, minutes, &policy, &tables, &holdings, start,
                                          b[3].buf, b[4].buf, &hours);
            Py_END_ALLOW_THREADS
        }
    }
    free(holdings.cohorts);
    free(holdings.ordered);
    release(b, 5);
    return activities < 0 ? NULL : Py_BuildValue("Ld", (long long)activities, hours);
}

static PyObject *py_backlog_spread(PyObject *Py_UNUSED(self), PyObject *args) {
    Py_buffer b[2];
    Backlog backlog = {0};
    double capacity, largest;
    PyObject *result = NULL;
    if (!PyArg_ParseTuple(args, "y*y*dd", b, b + 1, &capacity, &largest))
        return NULL;
    const int64_t *in_service = b[1].buf;
    int64_t minutes = WORDS(b[0]), least = WORDS(b[1]) ? in_service[0] : 1;
    for (int64_t t = 1; t < minutes && WORDS(b[1]) == minutes; t++)
        least = in_service[t] < least ? in_service[t] : least;
    if (WORDS(b[1]) != minutes || least < 1 || !(capacity > 0.0))
        refused("arrays of different length");
    else if (backlog_spread(&backlog, b[0].buf, in_service, minutes, capacity, largest))
        PyErr_NoMemory();
    else
        result = PyBytes_FromStringAndSize((const char *)backlog.groups,
                                           (Py_ssize_t)(backlog.found * (int64_t)sizeof(Group)));
    free(backlog.groups);
    free(backlog.cohorts);
    release(b, 2);
    return result;
}

static PyObject *py_use_vectors(PyObject *Py_UNUSED(self), PyObject *args) {
    int widest;
    if (!PyArg_ParseTuple(args, "i", &widest))
        return NULL;
    widest_vectors = widest;
    return PyLong_FromLong(vectors());
}

static PyMethodDef methods[] = {
    {"replay_minutes", py_replay_minutes, METH_VARARGS, "Replay minutes of requests."},
    {"serve_given", py_serve_given, METH_VARARGS, "Serve given requests."},
    {"count_replay", py_count_replay, METH_VARARGS, "Run the autoscaler over minutes."},
    {"scheduled_replay", py_scheduled_replay, METH_VARARGS, "Run it under changing bounds."},
    {"in_flight_replay", py_in_flight_replay, METH_VARARGS, "Run it on requests in flight."},
    {"backlog_spread", py_backlog_spread, METH_VARARGS, "Find the requests behind a backlog."},
    {"use_vectors", py_use_vectors, METH_VARARGS, "Limit the width of vectors; what is used."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_kernels", "Compiled kernels of smcost.", 0, methods, NULL, NULL, NULL,
    NULL,
};

PyMODINIT_FUNC PyInit__kernels(void) { return PyModuleDef_Init(&definition); }
