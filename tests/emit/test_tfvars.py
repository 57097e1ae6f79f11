"""The texts themselves. What Terraform makes of them is asked in tests/terraform."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcost.capacity import Routing
from smcost.emit.tfvars import (
    VARIABLE_NAMES,
    parse_rename,
    tfvars_json,
    tfvars_text,
    variables,
)
from smcost.errors import OutputError, UsageError
from smcost.scaling.policy import (
    Comparison,
    Metric,
    StepAdjustment,
    StepPolicy,
    TargetPolicy,
)
from smcost.scaling.schedule import ScheduledAction
from smcost.variant import Variant

BACKSLASH = "\\"
BRACE = "{"


def variant(**changes):
    settings = {
        "instance_type": "ml.g5.xlarge",
        "minimum": 2,
        "maximum": 8,
        "initial_count": 3,
        "target_per_minute": 600.0,
        "routing": Routing.LEAST_OUTSTANDING_REQUESTS,
        "scale_in_cooldown_s": 600.0,
        "scale_out_cooldown_s": 60.0,
    }
    return Variant(**(settings | changes))


def written(value):
    """The right-hand side of a file of one variable."""
    text = tfvars_text({"x": value})
    assert text.startswith("x = ")
    assert text.endswith("\n")
    return text[len("x = ") : -1]


def test_a_variant_becomes_the_variables_of_the_contract():
    assert variables(variant()) == {
        "instance_type": "ml.g5.xlarge",
        "instance_count": 3,
        "autoscaling_min_capacity": 2,
        "autoscaling_max_capacity": 8,
        "autoscaling_target_value": 600.0,
        "scale_in_cooldown": 600,
        "scale_out_cooldown": 60,
        "routing_strategy": "LEAST_OUTSTANDING_REQUESTS",
    }


def test_another_metric_than_the_default_is_named():
    policy = TargetPolicy(
        metric=Metric.CPU, target=280.0, scale_in_cooldown_s=120.0, scale_out_cooldown_s=30.0
    )
    found = variables(variant(target_per_minute=None, further_policies=(policy,)))
    assert found["autoscaling_metric"] == "CPUUtilization"
    assert found["autoscaling_target_value"] == 280.0
    assert (found["scale_in_cooldown"], found["scale_out_cooldown"]) == (120, 30)
    assert parse_rename(["autoscaling_metric=metric"]) == {"autoscaling_metric": "metric"}


IN_FLIGHT = TargetPolicy(metric=Metric.CONCURRENCY, target=5.0)


@pytest.mark.parametrize(
    "changes",
    [
        {"further_policies": (IN_FLIGHT,)},
        {
            "target_per_minute": None,
            "further_policies": (replace(IN_FLIGHT, disable_scale_in=True),),
        },
        {"schedule": (ScheduledAction(schedule="at(2026-01-01T00:00:00)", minimum=4, end_s=9),)},
        {
            "target_per_minute": None,
            "schedule": (ScheduledAction(schedule="cron(0 8 * * ? *)", minimum=4),),
        },
        {
            "target_per_minute": None,
            "further_policies": (
                StepPolicy(
                    metric=Metric.CPU,
                    threshold=60.0,
                    comparison=Comparison.ABOVE,
                    adjustments=(StepAdjustment(lower=0, upper=None, adjustment=1),),
                ),
            ),
        },
    ],
    ids=["two policies", "no scale-in", "a schedule that ends", "a schedule alone", "steps"],
)
def test_what_the_module_does_not_carry_is_not_dropped_in_silence(changes):
    with pytest.raises(UsageError, match="module carries one target tracking policy"):
        variables(variant(**changes))


def test_the_names_are_the_ones_a_rename_may_start_from():
    assert tuple(variables(variant())) == VARIABLE_NAMES


def test_a_volume_is_written_only_where_there_is_one():
    assert variables(variant(), volume_gb=30) == {**variables(variant()), "volume_size_in_gb": 30}
    assert parse_rename(["volume_size_in_gb=disk"]) == {"volume_size_in_gb": "disk"}


def test_a_variant_is_written_aligned_and_in_order():
    assert tfvars_text(variables(variant())) == (
        'instance_type            = "ml.g5.xlarge"\n'
        "instance_count           = 3\n"
        "autoscaling_min_capacity = 2\n"
        "autoscaling_max_capacity = 8\n"
        "autoscaling_target_value = 600\n"
        "scale_in_cooldown        = 600\n"
        "scale_out_cooldown       = 60\n"
        'routing_strategy         = "LEAST_OUTSTANDING_REQUESTS"\n'
    )


def test_a_fleet_of_fixed_size_has_a_null_target():
    fixed = variables(variant(target_per_minute=None))
    assert "autoscaling_target_value = null\n" in tfvars_text(fixed)
    assert json.loads(tfvars_json(fixed))["autoscaling_target_value"] is None


@pytest.mark.parametrize("cooldown_s", [0.5, -1.0, float("nan"), float("inf")])
@pytest.mark.parametrize("which", ["scale_in_cooldown", "scale_out_cooldown"])
def test_a_cooldown_aws_cannot_take_is_refused_with_its_flag(which, cooldown_s):
    with pytest.raises(UsageError, match="whole number of seconds") as refused:
        variables(variant(**{f"{which}_s": cooldown_s}))
    assert refused.value.place == f"--{which.replace('_', '-')}"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, "3"),
        (-3, "-3"),
        (600.0, "600"),
        (612.5, "612.5"),
        (0.1, "0.1"),
        (-0.0, "0"),
        (1e-7, "0.0000001"),
        (1e21, "1000000000000000000000"),
        (600.1234567890123, "600.1234567890123"),
        (Decimal("6E+2"), "600"),
        (Decimal("1.50"), "1.5"),
        (Decimal("1E-10"), "0.0000000001"),
        (Decimal("100"), "100"),
        (True, "true"),
        (False, "false"),
        (None, "null"),
    ],
)
def test_numbers_are_written_as_plain_numbers(value, expected):
    assert written(value) == expected
    assert tfvars_json({"x": value}) == f'{{\n  "x": {expected}\n}}\n'


@pytest.mark.parametrize("write", [tfvars_text, tfvars_json])
@pytest.mark.parametrize(
    "value", [float("nan"), float("-inf"), Decimal("NaN"), Decimal("Infinity")]
)
def test_a_number_that_is_none_is_refused(write, value):
    with pytest.raises(OutputError, match="not a number") as refused:
        write({"x": value})
    assert refused.value.place == "variable x"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", '""'),
        ("ml.m5.xlarge", '"ml.m5.xlarge"'),
        ('say "so"', r'"say \"so\""'),
        (r"C:\temp", r'"C:\\temp"'),
        ("two\nlines\r\n", r'"two\nlines\r\n"'),
        ("a\tb", r'"a\tb"'),
        ("${var.x}", '"$${var.x}"'),
        ("$${x}", '"$$${x}"'),
        ("%{if x}", '"%%{if x}"'),
        ("100% of $5", '"100% of $5"'),
        ("$ {", '"$ {"'),
        (BACKSLASH + "${", r'"\\$${"'),
        ("<<EOT", '"<<EOT"'),
        ("# no comment", '"# no comment"'),
        ("\0", r'"\u0000"'),
        ("\x1b[31m", r'"\u001b[31m"'),
        ("\x7f\x85", r'"\u007f\u0085"'),
        ("\u202eabc", r'"\u202eabc"'),
        ("\u2028", r'"\u2028"'),
        ("\ufeff", r'"\ufeff"'),
        ("\U000e0001", r'"\U000e0001"'),
        ("grün 日本 😀", '"grün 日本 😀"'),
    ],
)
def test_a_string_is_escaped_for_hcl(text, expected):
    assert written(text) == expected


def test_json_strings_are_literal():
    assert tfvars_json({"x": "${a} %{b} $${c}"}) == '{\n  "x": "${a} %{b} $${c}"\n}\n'


@pytest.mark.parametrize("write", [tfvars_text, tfvars_json])
@pytest.mark.parametrize("text", ["ab" + chr(0xD83D), "ab" + chr(0xDC80)], ids=ascii)
def test_half_a_surrogate_pair_is_refused_with_its_position(write, text):
    with pytest.raises(OutputError, match="Character 3") as refused:
        write({"x": text})
    assert refused.value.place == "variable x"


@given(st.text() | st.text(st.sampled_from('$%{}\\"\n~a')))
def test_a_string_never_leaves_its_line_nor_starts_a_template(text):
    quoted = written(text)
    assert len(quoted.splitlines()) == 1
    assert all(char.isprintable() for char in quoted)
    for sign in "$%":
        bare = quoted.replace(sign * 2 + BRACE, " ")
        assert sign + BRACE not in bare


@given(
    st.dictionaries(
        st.from_regex(r"x_[a-zA-Z0-9_-]*", fullmatch=True),
        st.none()
        | st.text()
        | st.integers()
        | st.decimals(allow_nan=False, allow_infinity=False, places=9),
    )
)
def test_every_value_survives_tfvars_json_in_its_order(values):
    read = json.loads(tfvars_json(values), parse_float=Decimal)
    assert list(read.items()) == list(values.items())


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_reads_back_as_itself_and_without_exponent(number):
    assert "e" not in written(number).lower()
    assert float(written(number)) == number


def test_comments_stand_on_top():
    text = tfvars_text({"x": 1}, comments=["Written by smcost", "p99 <= 200 ms"])
    assert text == "# Written by smcost\n# p99 <= 200 ms\nx = 1\n"


def test_an_empty_comment_leaves_no_trailing_space():
    assert tfvars_text({"x": 1}, comments=["", "a ", ""]) == "#\n# a\n#\nx = 1\n"


@pytest.mark.parametrize(
    "separator", ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"]
)
def test_a_comment_cannot_break_out_of_its_line(separator):
    text = tfvars_text({"x": 1}, comments=[f"harmless{separator}instance_count = 99"])
    assert text == "# harmless\n# instance_count = 99\nx = 1\n"


@given(st.text(st.characters(exclude_categories=()), max_size=40))
def test_every_line_of_any_comment_begins_with_a_hash(comment):
    *above, last = tfvars_text({"x": 1}, comments=[comment]).splitlines()
    assert last == "x = 1"
    assert above
    assert all(line == "#" or line.startswith("# ") for line in above)
    assert all(line.isprintable() and line == line.rstrip() for line in above)


def test_a_comment_shows_what_would_hide_in_it():
    assert tfvars_text({}, comments=["a\u202eb\0c\ud800"]) == "# a\\u202eb\\u0000c\\ud800\n"


def test_no_values_make_an_empty_file():
    assert tfvars_text({}) == ""
    assert tfvars_json({}) == "{}\n"


def test_a_rename_changes_the_name_and_keeps_order_and_alignment():
    rename = parse_rename(["instance_count=n", "instance_type = sku"])
    values = {"instance_type": "ml.m5.large", "instance_count": 2}
    assert tfvars_text(values, rename=rename) == 'sku = "ml.m5.large"\nn   = 2\n'
    assert list(json.loads(tfvars_json(values, rename=rename))) == ["sku", "n"]


def test_two_names_may_be_swapped():
    specs = ["scale_in_cooldown=scale_out_cooldown", "scale_out_cooldown=scale_in_cooldown"]
    text = tfvars_text(
        {"scale_in_cooldown": 1, "scale_out_cooldown": 2}, rename=parse_rename(specs)
    )
    assert text == "scale_out_cooldown = 1\nscale_in_cooldown  = 2\n"


def test_no_specs_rename_nothing():
    assert parse_rename([]) == {}


@pytest.mark.parametrize(
    ("specs", "cause"),
    [
        (["instance_count"], "does not say"),
        (["count=n"], "no variable 'count'"),
        (["=n"], "no variable ''"),
        (["instance_count="], "'' is no name"),
        (["instance_count=1st"], "'1st' is no name"),
        (["instance_count=a b"], "'a b' is no name"),
        (["instance_count=a.b"], "'a.b' is no name"),
        (["instance_count=a=b"], "'a=b' is no name"),
        (["instance_count=n\nx"], "is no name"),
        (["instance_count=zähler"], "'zähler' is no name"),
        (["instance_count=count"], "reserves the name count"),
        (["instance_count=n", "instance_type=n"], "Two variables would be called n"),
        (["instance_count=instance_type"], "Two variables would be called instance_type"),
        (["instance_count=a", "instance_count=b"], "renamed twice, to a and to b"),
    ],
)
def test_a_rename_that_makes_no_sense_is_refused(specs, cause):
    with pytest.raises(UsageError, match=cause) as refused:
        parse_rename(specs)
    assert refused.value.place == "--tfvars-map"
    assert refused.value.exit_code == 2


def test_a_rename_of_something_that_is_not_written_is_refused():
    with pytest.raises(UsageError, match="no variable 'instance_count'"):
        tfvars_text({"instance_type": "ml.m5.large"}, rename={"instance_count": "n"})
