"""Erlang B and C: blocking and waiting probability of M/M/c."""

from smcost.errors import UsageError


def blocking_probability(offered_load: float, workers: int) -> float:
    """Probability that an arrival finds every worker busy and is lost (Erlang B).

    Parameters
    ----------
    offered_load
        Mean number of busy workers if none were lost, >= 0. [erlang]
    workers
        Workers in parallel, >= 1. [count]

    Notes
    -----
    M/G/c/c: Poisson arrivals, any service law. The recursion B(k) = a B(k-1) / (k + a B(k-1)) is
    stable for every k (checked to 1000 workers).

    References
    ----------
    A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in
    automatic telephone exchanges", 1917; L. Kleinrock, Queueing Systems, vol. 1, section 3.6.

    >>> round(blocking_probability(offered_load=1.0, workers=2), 4)
    0.2
    """
    if workers < 1 or not 0 <= offered_load < float("inf"):
        raise UsageError(
            f"An offered load of {offered_load} erlang on {workers} workers has no blocking",
            remedy="Give a load of 0 or more and at least one worker",
        )
    blocking = 1.0
    for k in range(1, workers + 1):
        blocking = offered_load * blocking / (k + offered_load * blocking)
    return blocking


def waiting_probability(offered_load: float, workers: int) -> float:
    """Probability that an arrival has to wait (Erlang C).

    Parameters
    ----------
    offered_load
        Mean number of busy workers, 0 <= offered_load < workers. [erlang]
    workers
        Workers in parallel. [count]

    Raises
    ------
    UsageError
        The load is not below the number of workers: no stationary state exists.

    Notes
    -----
    M/M/c: Poisson arrivals, exponential service times, unlimited FIFO queue.
    C = B / (1 - rho (1 - B)).

    References
    ----------
    L. Kleinrock, Queueing Systems, vol. 1: Theory, Wiley, 1975, section 3.5.

    >>> round(waiting_probability(offered_load=2.0, workers=3), 4)
    0.4444
    """
    if not offered_load < workers:
        raise UsageError(
            f"An offered load of {offered_load} erlang is not below {workers} workers",
            remedy="Only a utilisation below 1 has a stationary waiting time",
        )
    blocking = blocking_probability(offered_load, workers)
    utilisation = offered_load / workers
    return blocking / (1.0 - utilisation * (1.0 - blocking))
