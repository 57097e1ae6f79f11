"""A line of a log that cannot be read is shown without what is nobody's business."""

from smcost.read.logged import refused_line


def test_a_refused_line_is_shown_without_arns_and_accounts():
    line = "123456789012 arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/x oh\n"
    error = refused_line(line, 3, "a.log", "entry", "Give a log")
    assert error.cause == "Found '(account) (arn) oh', which is no entry"
    assert error.place == "a.log, row 3"


def test_only_the_beginning_of_a_long_line_is_shown():
    cause = refused_line("x" * 100, 1, "a.log", "entry", "Give a log").cause
    assert cause == f"Found '{'x' * 60}' ..., which is no entry"
