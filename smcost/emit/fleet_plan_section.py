"""The Savings Plan that the endpoints of a fleet could share, as a section."""

from smcost.emit.section import Section, usd
from smcost.shared_plan import SharedPlan


def plan_section(plan: SharedPlan, answered: int) -> Section:
    """The best commitment on the sum beside separate ones; ``answered`` endpoints have a bill."""
    title = f"One Savings Plan for all, {plan.kind.name}"
    number = len(plan.names)
    if plan.shared is None:
        return Section(title=title, sentences=(f"Not known: {plan.refused}.",))
    over = f"over the {plan.hours:,} hours that all of them know"
    if number < answered:
        over += f" ({answered - number:,} have no such plan)"
    best, more = plan.shared, plan.more_saving_usd
    if not best.commitment_usd:
        return Section(title=title, sentences=(f"No commitment saves anything, {over}.",))
    # Below 0 is what cents of the single lines add up to.
    gained = f"on the sum {usd(more)} USD per month more" if more > 0 else "on the sum no more"
    sentences = [
        f"{best.commitment_usd:f} USD an hour committed on the sum of the endpoints' spend saves "
        f"{usd(best.saving_usd)} USD per month of {usd(best.on_demand_usd)} on demand, {over}.",
        f"Sized on each endpoint alone it would be {plan.separate_commitment_usd:f} USD an hour, "
        f"saving {usd(plan.separate_saving_usd)}: {gained}.",
        "It holds for the whole account: add what this file lacks, and count what is committed "
        "already.",
    ]
    used = "" if best.utilisation is None else f"{best.utilisation:.1%}"
    return Section(
        title=title,
        sentences=tuple(sentences),
        columns=("sized on", ">commitment USD/h", ">saving USD/month", ">utilisation"),
        rows=(
            ("the sum", f"{best.commitment_usd:f}", usd(best.saving_usd), used),
            (
                "each alone",
                f"{plan.separate_commitment_usd:f}",
                usd(plan.separate_saving_usd),
                "",
            ),
        ),
    )
