"""``--aws-recommendation``: AWS's own scaling policy, and the instance type it is for."""

from collections.abc import Sequence
from dataclasses import dataclass

from smcost.cli.flags import Flags
from smcost.cli.question import Question
from smcost.errors import UsageError
from smcost.read.scaling_recommendation import ScalingRecommendation, read_scaling_recommendation
from smcost.recommend.aws_answer import GivenPolicy
from smcost.remarks import Caveat, WarningCode

#: Busiest minutes within this factor of each other are the same question.
_SAME = 1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsAnswer:
    """AWS's policy for one instance type, and what to mind about it."""

    instance_type: str
    policy: GivenPolicy
    caveats: tuple[Caveat, ...]


def aws_answer_input(flags: Flags, questions: Sequence[Question]) -> AwsAnswer | None:
    """Read AWS's answer and find its instance type; ``None``: none is given.

    Raises
    ------
    InputError
        The file holds no such answer.
    UsageError
        Several types are in question, and none of them is told to be AWS's.
    """
    if flags.aws_recommendation is None:
        return None
    answer = read_scaling_recommendation(flags.aws_recommendation)
    return AwsAnswer(
        instance_type=_type_of(answer, questions),
        policy=answer.policy,
        caveats=_caveats(answer, questions[0]),
    )


def _type_of(answer: ScalingRecommendation, questions: Sequence[Question]) -> str:
    """That of its RecommendationId where the capacity file knows it, else the only one."""
    known = questions[0].able.recommendation_ids
    named = None if answer.recommendation_id is None else known.get(answer.recommendation_id)
    types = [question.able.instance_type for question in questions]
    if named in types:
        return named
    if named is not None or len(types) > 1:
        told = "is of an unknown type" if named is None else f"is for {named}"
        raise UsageError(
            f"AWS's answer {told}, and in question are {', '.join(types)}",
            remedy="Name its type alone with --instance-type, or give the JSON of its job with "
            "--capacity",
            place="--aws-recommendation",
        )
    return types[0]


def _caveats(answer: ScalingRecommendation, question: Question) -> tuple[Caveat, ...]:
    """AWS answers for the busiest minute it was told of."""
    minutes, most = question.given.minutes, answer.most_per_minute
    if minutes is None or most is None:
        return ()
    peak = int(minutes.invocations.max())
    if most / _SAME <= peak <= most * _SAME:
        return ()
    message = (
        f"AWS was asked for up to {most:,.0f} invocations per minute, and this traffic has up to "
        f"{peak:,}: its answer is to another question"
    )
    return (Caveat(code=WarningCode.AWS_ASKED_OTHERWISE, message=message),)
