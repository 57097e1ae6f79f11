"""Flags and values that make no sense: exit 2 (4 for prices), two sentences, nothing on stdout."""

import pytest

from smcost.cli.not_yet import COMMANDS, FLAGS

FIXED = "estimate --count 2"
SCALED = "estimate --min 1 --max 4 --target 600 --rps 20"
ABLE = "--service-time 45ms --concurrency 4"
ASK = f"recommend --rps 20 {ABLE} --p99 300ms"
CAPTURED = f"{FIXED} --rps 5 --payload-in 1KB --payload-out 1KB"
DEPLOYED = f"{FIXED} --deployments-per-month 1"
NIGHTS = '--non-prod "mon-fri 08:00-20:00 UTC"'

#: Name -> arguments, what the cause says, what the remedy says.
USAGE = {
    "duration without unit": (f"{FIXED} --startup-time 300", "'300' has no unit", "ms, s, min"),
    "reaction without unit": (f"{FIXED} --reaction-time 90", "--reaction-time:", "ms, s, min"),
    "cooldown without unit": (f"{FIXED} --scale-in-cooldown 60", "--scale-in-cooldown", "ms, s"),
    "service time without unit": (
        "recommend --rps 2 --p99 1s --service-time 45 --concurrency 4",
        "--service-time:",
        "ms, s, min",
    ),
    "limit without unit": (f"recommend --rps 2 {ABLE} --p99 300", "--p99:", "ms, s, min"),
    "timeout without unit": (f"{ASK} --timeout 60", "--timeout:", "ms, s, min"),
    "unknown unit of time": (f"{FIXED} --startup-time 3fortnights", "fortnights", "ms, s, min"),
    "negative duration": (f"{FIXED} --startup-time -5s", "is negative", "0 or more"),
    "size without unit": (f"{FIXED} --rps 2 --payload-in 20", "'20' has no unit", "KB, MB"),
    "negative size": (f"{FIXED} --rps 2 --payload-out -1KB", "is negative", "0 or more"),
    "share without percent sign": (f"{ASK} --slo-attainment 0.95", "no percent sign", "10%"),
    "failures without percent sign": (f"{ASK} --max-failed 0.001", "--max-failed:", "10%"),
    "share above 100 %": (f"{ASK} --slo-attainment 101%", "outside 0% to 100%", "within"),
    "attainment of nothing": (f"{ASK} --slo-attainment 0%", "asks for nothing", "above 0%"),
    "min above max": ("estimate --min 5 --max 2", "minimum 5 is above the maximum 2", "--min"),
    "min above max in recommend": (f"{ASK} --min 5 --max 2", "minimum 5 is above", "--min"),
    "minimum of nothing": ("estimate --min 0 --max 2", "below 1", "1 or more"),
    "count of nothing": ("estimate --count 0", "--count", "1 or more"),
    "p95 above p99": (f"{ASK} --p95 400ms", "p95 limit is above the p99 limit", "--p95"),
    "limit of nothing": (f"recommend --rps 2 {ABLE} --p99 0ms", "cannot be met", "above 0"),
    "no demand": (f"{FIXED} --rps 0", "--rps:", "above 0"),
    "negative demand": (f"{FIXED} --rps -3", "--rps:", "above 0"),
    "demand that is no number": (f"{FIXED} --rps nan", "--rps:", "above 0"),
    "endless demand": (f"{FIXED} --rps inf", "--rps:", "above 0"),
    "peak below the mean": (f"{FIXED} --rps 9 --peak-rps 3", "--peak-rps:", "peak between"),
    "peak without a mean": (f"{FIXED} --peak-rps 3", "peak is given without a mean", "--rps"),
    "two origins of traffic": (f"{FIXED} --rps 9 --traffic x.csv", "Both a traffic", "--traffic"),
    "traffic scaled to nothing": (f"{SCALED} --traffic-scale 0", "--traffic-scale:", "above 0"),
    "burstiness": (f"{SCALED} --burstiness 0.5", "--burstiness:", "Give 1 (Poisson"),
    "count and minimum": ("estimate --count 2 --min 1", "fixed count", "--count, or --min"),
    "count and target": ("estimate --count 2 --target 9", "fixed count", "--count, or --min"),
    "no count": ("estimate", "number of instances is not given", "--count 2"),
    "minimum alone": ("estimate --min 2", "--max is missing", "Add --max 10"),
    "maximum alone": ("estimate --max 2", "--min is missing", "Add --min 2"),
    "target of nothing": ("estimate --min 1 --max 4 --target 0 --rps 20", "no rate", "above 0"),
    "target of nothing in recommend": (f"{ASK} --target 0", "no rate", "above 0"),
    "room to scale and no target": ("estimate --min 1 --max 4 --rps 9", "no target", "--target"),
    "p99 without capacity": (f"{FIXED} --rps 5 --p99 300ms", "needs both", "--service-time"),
    "p99 without traffic": (f"{FIXED} {ABLE} --p99 300ms", "needs both", "--traffic"),
    "half a capacity": (f"{FIXED} --service-time 45ms", "Half of a capacity", "--concurrency"),
    "two capacities": (f"{FIXED} {ABLE} --capacity c.csv", "Both a capacity", "--capacity, or"),
    "no workers": (f"{FIXED} --service-time 4ms --concurrency 0", "outside 1", "at the same time"),
    "unknown law": (f"{FIXED} {ABLE} --service-law zipf", "'zipf' is not known", "lognormal"),
    "unknown routing": (f"{FIXED} --routing nearest", "'nearest' is not known", "random"),
    "unknown window": (f"{ASK} --slo-window week", "'week' is not known", "day, hour, horizon"),
    "unknown treatment of gaps": (f"{SCALED} --gaps fill", "'fill' is not known", "exclude"),
    "unknown duplicates": (f"{SCALED} --duplicates max", "'max' is not known", "sum"),
    "timeout of nothing": (f"{ASK} --timeout 0s", "fails everything", "60s"),
    "month of nothing": (f"{FIXED} --hours-per-month 0", "not a month", "720"),
    "month of a year": (f"{FIXED} --hours-per-month 8760", "not a month", "720"),
    "month in words": (f"{FIXED} --hours-per-month many", "not a month", "720"),
    "payload without traffic": (f"{FIXED} --payload-in 20KB", "without traffic", "--rps"),
    "volume beside an NVMe disk": (
        f"{FIXED} --instance-type ml.g5.xlarge --volume-gb 30",
        "brings its own NVMe disk",
        "Leave --volume-gb out",
    ),
    "capture without payloads": (f"{FIXED} --rps 5 --data-capture 10%", "size", "--payload-in"),
    "capture of nothing": (f"{CAPTURED} --data-capture 0%", "captures nothing", "1% to 100%"),
    "capture of half a percent": (f"{CAPTURED} --data-capture 0.5%", "whole percents", "Round"),
    "capture without percent sign": (f"{CAPTURED} --data-capture 10", "no percent sign", "10%"),
    "unknown encoding": (
        f"{CAPTURED} --data-capture 1% --capture-encoding zip",
        "'zip' is not known",
        "json, base64",
    ),
    "retention of nothing": (
        f"{CAPTURED} --data-capture 1% --capture-retention 0s",
        "--capture-retention:",
        "90d",
    ),
    "files without end": (
        f"{CAPTURED} --data-capture 1% --capture-files-per-hour inf",
        "no rate of files",
        "at most 3600",
    ),
    "capture as the whole bill": (
        f"{CAPTURED} --data-capture 1% --capture-part 100%",
        "--capture-part:",
        "below 100%",
    ),
    "how to capture, but nothing to": (
        f"{CAPTURED} --capture-retention 30d",
        "changes nothing without --data-capture",
        "Add --data-capture",
    ),
    "no deployments": (f"{FIXED} --deployments-per-month 0", "no number", "above 0"),
    "how to deploy, but never": (
        f"{FIXED} --deployment canary",
        "changes nothing without --deployments-per-month",
        "Add --deployments-per-month",
    ),
    "unknown deployment": (f"{DEPLOYED} --deployment magic", "'magic' is not known", "canary"),
    "step too large": (
        f"{DEPLOYED} --deployment linear --deployment-step 60%",
        "--deployment-step:",
        "10% to 50%",
    ),
    "steps all at once": (f"{DEPLOYED} --deployment-step 20%", "has no steps", "linear"),
    "wait of two hours": (f"{DEPLOYED} --deployment-wait 2h", "an hour at most", "3600s"),
    "update longer than a working day": (
        f"{DEPLOYED} --deployment linear --deployment-step 10% --deployment-wait 1h",
        "more than 8 h",
        "larger --deployment-step",
    ),
    "windows without a zone": (
        f'{FIXED} --non-prod "mon-fri 08:00-20:00"',
        "--non-prod: ",
        "Europe/Berlin, or UTC",
    ),
    "windows that are none": (f"{FIXED} --non-prod 8-20", "'8-20' is no window", "mon-fri 08:00"),
    "a way without windows": (
        f"{FIXED} --non-prod-way minimum",
        "changes nothing without --non-prod",
        "Add --non-prod",
    ),
    "a tail without windows": (
        f"{FIXED} --non-prod-tail 5min",
        "changes nothing without --non-prod",
        "Add --non-prod",
    ),
    "an unknown way to turn off": (
        f"{FIXED} {NIGHTS} --non-prod-way stop",
        "'stop' is not known",
        "delete, minimum, scale",
    ),
    "a tail of days": (f"{FIXED} {NIGHTS} --non-prod-tail 2d", "172800 s", "25min"),
    "releases at night": (
        f"{DEPLOYED} {NIGHTS}",
        "--deployments-per-month is not priced together",
        "without it",
    ),
    "a timetable for what is off": (
        f"{ASK} {NIGHTS} --schedule UTC",
        "--schedule is not priced together",
        "each without",
    ),
    "losing an instance of what is off": (
        f"{FIXED} {NIGHTS} --survive instance",
        "--survive is not priced together",
        "each without",
    ),
    "other kinds of what is off": (
        f"{FIXED} --rps 5 {NIGHTS} --compare-kinds",
        "not priced together",
        "each without",
    ),
    "a shadow of what is off": (f"{FIXED} {NIGHTS} --shadow-count 1", "not priced", "without it"),
    "a schedule besides": (
        f'{SCALED} {NIGHTS} --scheduled-action "cron(0 8 ? * MON-FRI *) min=3"',
        "--scheduled-action is not priced together",
        "--non-prod-way minimum",
    ),
    "to size what answers outside": (
        f"{ASK} {NIGHTS} --non-prod-way minimum",
        "for the windows alone",
        "all ways are shown",
    ),
    "shadow of nothing": (f"{FIXED} --shadow-count -1", "--shadow-count:", "1 or more"),
    "discount of everything": (f"{FIXED} --savings-plan-discount 1", "no discount", "0.31"),
    "discount in words": (f"{FIXED} --savings-plan-discount big", "no discount", "31%"),
    "plan without a curve": (
        "estimate --min 1 --max 4 --savings-plan-discount 0.31",
        "without traffic",
        "--traffic",
    ),
    "volume too large": (f"{FIXED} --volume-gb 513", "outside 1 to 512", "within"),
    "several types": (
        f"{FIXED} --instance-type ml.m5.large --instance-type ml.m5.xlarge",
        "cannot share one capacity given by flags",
        "--capacity FILE with a row for each",
    ),
    "recommend without SLO": (f"recommend --rps 2 {ABLE}", "No latency objective", "--p99"),
    "recommend without traffic": (f"recommend --p99 1s {ABLE}", "No traffic", "--traffic"),
    "recommend without capacity": ("recommend --p99 1s --rps 2", "one instance can", "--capacity"),
    "floor of nothing": (f"{ASK} --min-instances 0", "below 1", "1 or more"),
    "maximum below the floor": (f"{ASK} --max 2 --min-instances 3", "floor", "--max"),
    "html": (f"{FIXED} -f html", "no format 'html'", "table, json, csv, markdown, tfvars"),
    "yaml from recommend": (f"{ASK} -f yaml", "no format 'yaml'", "table, json, csv, markdown"),
    "tfvars from prices": ("prices show -f tfvars", "no format", "table, json, csv, markdown"),
    "csv from traffic": ("traffic show x.csv -f csv", "no format", "table, json, markdown"),
    "rename without tfvars": (f"{FIXED} --tfvars-map a=b", "changes nothing", "-f tfvars"),
    "rename of nothing": (f"{FIXED} -f tfvars --tfvars-map a=b", "no variable 'a'", "Use one of"),
    "unknown flag": (f"{FIXED} --coun 3", "No such option", "--count"),
    "unknown flag like no other": (f"{FIXED} --xyzzy", "No such option", "--help"),
    "unknown command": ("estimat", "No such command 'estimat'", "Did you mean estimate"),
    "misspelt command": ("recommand", "No such command 'recommand'", "Did you mean recommend"),
    "unknown command like no other": ("xyzzy", "No such command", "prices, recommend, schema"),
    "flag without value": ("estimate --count", "--count:", "--help"),
    "count in words": ("estimate --count two", "'two' is no whole number", "estimate --help"),
    "a word too much": ("estimate --count 2 please", "please", "--help"),
    "schema of nothing": ("schema", "NAME:", "smcost schema recommend"),
    "trace of nothing": ("traffic show", "FILE:", "smcost traffic show week.csv"),
    "synthetic trace of nothing": ("traffic synth", "--rps:", "smcost traffic synth --rps 40"),
    "rate with a unit": (f"{SCALED} --target 600/min", "'600/min' is no number", "digits alone"),
    "rate with a unit and equals": (f"{FIXED} --rps=5/s", "--rps: '5/s' is no number", "digits"),
    "table into a file of variables": (
        f"{FIXED} -f table -o x.tfvars",
        "nothing that Terraform",
        "-f tfvars",
    ),
    "schema of the unknown": ("schema plot", "no document 'plot'", "estimate, recommend"),
    "fleet of everybody": (f"estimate --count {10**23}", "No account has", "at most 1000000"),
    "maximum of everybody": (f"{ASK} --max 2000000", "--max: No account has", "at most"),
    "floor of everybody": (f"{ASK} --min-instances 2000000", "--min-instances:", "at most"),
    "target next to nothing": (f"{ASK} --target 1e-300", "next to nothing", "0.01 or more"),
    "traffic scaled to everything": (
        f"{SCALED} --traffic-scale 1e300",
        "--traffic-scale:",
        "1e+06",
    ),
    "endless duration": (f"{FIXED} --startup-time 1e400s", "too large", "45ms"),
    "endless size": (f"{FIXED} --rps 2 --payload-in 1e999KB", "too large", "20KB"),
    "next to no month": (f"{FIXED} --hours-per-month 1e-400", "not a month", "from 1 to 744"),
    "trace of a geological age": ("traffic synth --rps 1 --days 100000000", "--days:", "at most"),
    "negative seed": ("traffic synth --rps 3 --seed -1", "--seed:", "0 or more"),
    "trace of no day": ("traffic synth --rps 3 --days 0", "0 days", "1 day or more"),
    "negative weekend": ("traffic synth --rps 3 --weekend -1", "no factor", "0 or more"),
}

PRICES = {
    "unknown type": (f"{FIXED} --instance-type ml.m5.xlrge", "'ml.m5.xlrge'", "ml.m5.xlarge"),
    "type without prefix": (f"{FIXED} --instance-type m5.xlarge", "'m5.xlarge'", "ml.m5.xlarge"),
    "type that cannot host": (f"{FIXED} --instance-type ml.t3.medium", "no valid endpoint", "ml."),
    "unknown region": (f"{FIXED} --region us-est-1", "no known AWS region", "us-east-1"),
    "unknown region shown": ("prices show --region mars-north-1", "no known AWS region", "Nearest"),
    "unknown type shown": ("prices show --instance-type ml.q1.large", "ml.q1.large", "--prices"),
    "region without storage rate": (
        f"{FIXED} --region eu-central-1 --volume-gb 30",
        "No rate storage_gb_month is known in eu-central-1",
        "--rates FILE",
    ),
}


def refused(outcome, exit_code, cause, remedy):
    assert outcome.exit_code == exit_code, outcome.stderr
    assert outcome.stdout == ""
    said = outcome.refusal
    assert cause in said[0]
    assert remedy in said[1]


@pytest.mark.parametrize(("line", "cause", "remedy"), USAGE.values(), ids=USAGE)
def test_a_flag_that_makes_no_sense_is_refused_with_its_remedy(smcost, line, cause, remedy):
    refused(smcost(line), 2, cause, remedy)


@pytest.mark.parametrize(("line", "cause", "remedy"), PRICES.values(), ids=PRICES)
def test_what_has_no_price_is_refused_with_the_nearest_names(smcost, line, cause, remedy):
    refused(smcost(line), 4, cause, remedy)


@pytest.mark.parametrize("flag", FLAGS)
@pytest.mark.parametrize("command", [FIXED, ASK], ids=["estimate", "recommend"])
def test_a_promised_flag_is_refused_by_name(smcost, command, flag):
    refused(smcost(f"{command} {flag} 1"), 2, f"{flag} is not in this version", FLAGS[flag])
    refused(smcost(f"{command} {flag}=1"), 2, f"{flag} is not in this version", FLAGS[flag])


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_promised_command_is_refused_by_name(smcost, words):
    named = f"smcost {' '.join(words)} is not in this version"
    refused(smcost(*words, "x"), 2, named, COMMANDS[words].split()[0])


def test_a_seed_is_refused_where_nothing_is_random(smcost):
    refused(smcost("estimate --count 2 --seed 7"), 2, "nothing is random", "Leave it out")


def test_least_outstanding_routing_is_known(smcost):
    outcome = smcost(f"{SCALED} {ABLE} --routing least-outstanding -f json")
    assert outcome.document["configuration"]["routing_strategy"] == "LEAST_OUTSTANDING_REQUESTS"


def test_the_help_of_a_promised_flag_is_not_refused(smcost):
    assert smcost("estimate --exact --help").exit_code in (0, 2)
    assert smcost("estimate --help").exit_code == 0


def test_tfvars_without_a_target_may_not_lose_the_bounds(smcost):
    refused = smcost("estimate --min 1 --max 4 -f tfvars")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "--target" in refused.stderr
    assert "a minimum below the maximum is lost" in refused.stderr


def test_a_bad_renaming_is_refused_before_anything_is_read(smcost):
    refused = smcost("estimate --count 2 --traffic no-such.csv -f tfvars --tfvars-map nonsense=x")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "nonsense" in refused.stderr
