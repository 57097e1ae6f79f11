"""Tables, Markdown and CSV of results built by hand."""

import csv
import io
from dataclasses import replace
from decimal import Decimal

import pytest

from smcost.emit.csv_lines import curve_csv, estimate_csv
from smcost.emit.markdown import markdown_text
from smcost.emit.sections import (
    Section,
    estimate_sections,
    milliseconds,
    moment,
    recommend_sections,
    usd,
)
from smcost.emit.show_sections import traffic_sections
from smcost.emit.table import table_text
from smcost.traffic.gaps import Interval
from smcost.traffic.summary import Summary


def section(sections, title):
    [found] = [entry for entry in sections if entry.title.startswith(title)]
    return found


def test_csv_has_one_row_per_case_and_line(cost):
    rows = list(csv.DictReader(io.StringIO(estimate_csv(cost))))
    assert [row["case"] for row in rows] == ["floor", "expected", "ceiling"]
    for row in rows:
        product = Decimal(row["quantity"]) * Decimal(row["unit_price_usd"])
        assert abs(product - Decimal(row["usd"])) <= Decimal("0.005")


def test_csv_leaves_an_unknown_case_out(cost):
    text = estimate_csv(replace(cost, expected=None))
    assert [line.split(",")[0] for line in text.splitlines()] == ["case", "floor", "ceiling"]


def test_the_curve_leaves_empty_what_is_beyond_the_timeout(recommendation):
    rows = list(csv.DictReader(io.StringIO(curve_csv(recommendation))))
    assert [row["p99_ms"] for row in rows] == ["", "150.000"]
    assert [row["meets_slo"] for row in rows] == ["false", "true"]


@pytest.mark.parametrize(
    ("value_s", "text"),
    [
        (0.149, "149 ms"),
        (0.0012, "1.2 ms"),
        (12.345, "12,345 ms"),
        (float("inf"), "over timeout"),
        (float("nan"), "not known"),
    ],
)
def test_a_latency_reads_well_at_every_size(value_s, text):
    assert milliseconds(value_s) == text


def test_money_has_cents_and_separators():
    assert usd(Decimal("1987.2")) == "1,987.20"
    assert moment(1_704_067_200) == "Mon 2024-01-01 00:00"


def test_a_fixed_fleet_is_called_so_and_bounds_without_a_target_are_not(estimate, remarks):
    fixed = replace(estimate.variant, maximum=2, initial_count=2, target_per_minute=None)
    bounds = replace(estimate.variant, target_per_minute=None)
    titles = [
        estimate_sections(replace(estimate, variant=v), remarks, None, explain=False)[0].title
        for v in (fixed, bounds, estimate.variant)
    ]
    assert titles[0] == "2 x ml.m5.xlarge in us-east-1, fixed"
    assert titles[1].startswith("ml.m5.xlarge in us-east-1: minimum 2, maximum 4, initial count 3")
    assert "target 612.5/min" in titles[2]


@pytest.mark.parametrize(
    ("failed", "minutes", "sentence"),
    [
        (0.0, 0, "0 minutes over a limit if taken alone; no request fails; method: screened."),
        (1e-6, 1, "1 minute over a limit if taken alone; 0.0001% of the requests fail; "),
        (0.0, None, "No request fails; method: screened."),
    ],
)
def test_failures_and_minutes_are_told_in_words(estimate, remarks, failed, minutes, sentence):
    latency = replace(estimate.latency, failed_fraction=failed, minutes_over_slo=minutes)
    sections = estimate_sections(replace(estimate, latency=latency), remarks, None, explain=False)
    assert section(sections, "Client latency").sentences[0].startswith(sentence)


@pytest.mark.parametrize(
    ("saving", "words"),
    [
        ("12.30", "Saves 12.30 USD"),
        ("0", "Saves 0.00 USD"),
        ("-5", "Costs 5.00 USD per month more"),
    ],
)
def test_a_saving_is_told_with_its_sign_in_words(estimate, remarks, saving, words):
    first = estimate_sections(estimate, remarks, Decimal(saving), explain=False)[0]
    assert first.sentences[0].startswith(words)


def test_the_source_of_an_assumption_is_shown_when_asked_for(estimate, remarks):
    plain = estimate_sections(estimate, remarks, None, explain=False)[-1]
    explained = estimate_sections(estimate, remarks, None, explain=True)[-1]
    assert plain.rows == (("start-up time", "300 s"),)
    assert explained.rows == (("start-up time", "300 s", "default"),)


def test_the_recommended_row_of_the_curve_says_so(recommendation, remarks):
    sections = recommend_sections(recommendation, remarks, None, explain=False)
    rows = section(sections, "What a minimum buys").rows
    assert [row[-1] for row in rows] == ["no", "yes, recommended"]


def test_an_infeasible_result_shows_reason_and_nearest_miss(infeasible, remarks):
    sections = recommend_sections(infeasible, remarks, None, explain=False)
    assert sections[0].sentences == ("ml.m5.xlarge: Nothing within --max 4 meets the SLO.",)
    assert section(sections, "Nearest miss").rows[0][-1] == "p95"


def test_only_the_longest_gaps_are_listed_in_the_order_of_time():
    summary = Summary(
        total_invocations=5,
        mean_rps=1.0,
        peak_rps=2.0,
        peak_to_mean=2.0,
        step_s=60,
        dispersion=None,
        start_s=0,
        end_s=60,
    )
    gaps = [Interval(start_s=600 * n, end_s=600 * n + 60 * n, steps=n) for n in range(1, 13)]
    listed = section(traffic_sections("t.csv", summary, gaps, ()), "Gaps")
    assert listed.title == "Gaps: 12, the 10 longest"
    assert [row[-1] for row in listed.rows] == [str(n) for n in range(3, 13)]


def test_a_table_aligns_numbers_to_the_right_and_wraps_nothing():
    shown = Section(title="T", columns=("name", ">USD"), rows=(("a" * 300, "1"), ("b", "1000")))
    lines = table_text([shown]).splitlines()
    assert lines[0] == "T"
    assert lines[2].endswith("a      1")
    assert lines[3].endswith(" 1000")
    assert len(lines) == 4


def test_a_table_takes_markup_and_emoji_codes_literally():
    text = table_text([Section(title="[red]x[/red] :smile:", columns=("[b]",), rows=(("[i]y",),))])
    assert "[red]x[/red] :smile:" in text
    assert "[b]" in text
    assert "[i]y" in text


def test_colour_is_used_only_when_allowed():
    shown = [Section(title="T")]
    assert "\x1b[1m" in table_text(shown, colour=True)
    assert "\x1b" not in table_text(shown)


def test_a_narrow_terminal_wraps():
    shown = [Section(title="T", sentences=("word " * 30,))]
    assert max(map(len, table_text(shown, width=40).splitlines())) <= 40


def test_markdown_escapes_what_would_be_markup():
    shown = Section(title="a_b", sentences=("x < y | z",), columns=(">n",), rows=(("1|2\n3*",),))
    assert markdown_text([shown]).splitlines() == [
        "## a\\_b",
        "",
        "x \\< y \\| z",
        "",
        "| n |",
        "| --: |",
        "| 1\\|2 3\\* |",
    ]
