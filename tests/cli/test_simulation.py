"""--budget and --seed: where formulas may not decide, requests are simulated."""

ABLE = "--service-time 500ms --concurrency 2 --instance-type ml.m5.xlarge"
ASK = f"recommend --traffic trace.csv {ABLE}"


def rush(write_trace):
    write_trace("trace.csv", [30] * 200 + [450] * 12 + [30] * 200)


def test_a_small_trace_is_simulated_and_the_output_says_so(smcost, write_trace):
    rush(write_trace)
    found = smcost(f"{ASK} --p99 3s -f json")
    assert found.exit_code == 0
    latency = found.document["latency"]
    assert latency["method"] == "simulated"
    low_ms, high_ms = latency["p99_ci_ms"]
    assert low_ms < latency["p99_ms"] < high_ms
    assert "method: simulated, p99 of the horizon" in smcost(f"{ASK} --p99 3s").stdout


def test_a_budget_of_nothing_leaves_the_formulas_alone(smcost, write_trace):
    rush(write_trace)
    latency = smcost(f"{ASK} --p99 3s --budget 0s -f json").document["latency"]
    assert (latency["method"], latency["p99_ci_ms"]) == ("screened", None)


def test_a_seed_gives_the_same_digits_and_another_others(smcost, write_trace):
    rush(write_trace)
    one, again, other = (
        smcost(f"{ASK} --p99 3s -f json --seed {seed}").document["latency"] for seed in (1, 1, 2)
    )
    assert one == again
    assert one["p99_ms"] != other["p99_ms"]


def test_a_bare_budget_and_a_negative_seed_are_refused(smcost, write_trace):
    rush(write_trace)
    for flag in ("--budget 60", "--seed -1"):
        refused = smcost(f"{ASK} --p99 3s {flag}")
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert flag.split()[0] in refused.refusal[0]


def test_estimate_says_whether_the_slo_holds(smcost, write_trace):
    rush(write_trace)
    line = "estimate --traffic trace.csv --service-time 500ms --concurrency 2 --p99 3s"
    for count, held in ((1, False), (4, True)):
        document = smcost(f"{line} --count {count} -f json").document
        assert document["meets_slo"] is held
    assert "The SLO does not hold" in smcost(f"{line} --count 1").stdout
    assert smcost("estimate --count 1 -f json").document["meets_slo"] is None


def test_the_window_counts_without_an_slo(smcost, write_trace):
    rush(write_trace)
    line = "estimate --traffic trace.csv --service-time 500ms --concurrency 2 --count 2 -f json"
    day, hour = (smcost(f"{line} --slo-window {window}").document for window in ("day", "hour"))
    assert hour["latency"]["worst_window_p95_ms"] > day["latency"]["worst_window_p95_ms"]


def test_a_spike_with_a_part_too_many_is_refused(smcost):
    refused = smcost("traffic synth --rps 3 --spike 1h:2:5min:4")
    assert (refused.exit_code, refused.stdout) == (2, "")


def test_a_full_disk_behind_stdout_is_an_output_error(smcost, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sys.stdout.write", full, raising=False)
    assert smcost("estimate --count 2").exit_code == 6


def test_a_link_is_written_through(smcost, alone):
    (alone / "real.txt").write_text("old")
    (alone / "link.txt").symlink_to(alone / "real.txt")
    assert smcost("estimate --count 2 -o link.txt").exit_code == 0
    assert (alone / "link.txt").is_symlink()
    assert "fixed" in (alone / "real.txt").read_text()


CONFIGURED = "estimate --traffic trace.csv --service-time 500ms --concurrency 2 --count 4"


def test_estimate_replays_every_request_on_demand(smcost, write_trace):
    rush(write_trace)
    screened = smcost(f"{CONFIGURED} -f json").document["latency"]
    exact = smcost(f"{CONFIGURED} --exact -f json").document["latency"]
    assert (screened["method"], exact["method"]) == ("screened", "simulated")
    low_ms, high_ms = exact["p99_ci_ms"]
    assert low_ms < exact["p99_ms"] < high_ms
    assert abs(exact["p99_ms"] / screened["p99_ms"] - 1) < 0.05
    assert "simulation " in smcost(f"{CONFIGURED} --exact").stdout


def test_a_seed_without_a_simulation_is_refused_and_with_one_counts(smcost, write_trace):
    rush(write_trace)
    assert "nothing is random" in smcost(f"{CONFIGURED} --seed 3").refusal[0]
    one, other = (
        smcost(f"{CONFIGURED} --exact --seed {seed} -f json").document["latency"]["p99_ms"]
        for seed in (1, 2)
    )
    assert one != other


def test_bursts_make_it_slower_and_are_an_assumption(smcost, write_trace):
    rush(write_trace)
    calm, bursty = (
        smcost(f"{CONFIGURED} --exact {flag} -f json").document
        for flag in ("--burstiness 1", "--burstiness 5")
    )
    assert bursty["latency"]["p99_ms"] > calm["latency"]["p99_ms"]
    [said] = [
        entry for entry in bursty["assumptions"] if entry["name"] == "arrivals within a minute"
    ]
    assert "dispersion of 5" in said["value"]
    assert said["source"] == "flag --burstiness"


def logged(alone, seconds_apart):
    """Two hours of a request every second, or all of them bunched at the start of a minute."""
    rows = [
        f"2024-01-01T{minute // 60:02}:{minute % 60:02}:{number * seconds_apart:09.6f}Z"
        for minute in range(120)
        for number in range(60)
    ]
    (alone / "requests.csv").write_text("\n".join(["timestamp", *rows]) + "\n")


def test_logged_requests_are_replayed_as_they_came(smcost, alone):
    line = (
        "estimate --traffic requests.csv --requests --service-time 500ms --concurrency 2 --count 1 "
        "--service-cv 0 -f json"
    )
    logged(alone, 1.0)
    even = smcost(line).document
    logged(alone, 0.1)
    bunched = smcost(line).document
    # A request a second on two workers of half a second each: nobody waits.
    assert 500 <= even["latency"]["p99_ms"] <= 504  # Within a bin of the histogram.
    # Ten a second for six seconds: the last of 60 waits 30 services less the 5.9 s it came later.
    assert bunched["latency"]["p99_ms"] > 8_000
    assert bunched["latency"]["method"] == "simulated"
    assert "As logged".lower() in {entry["value"] for entry in bunched["assumptions"]}


def test_logged_requests_say_how_bursty_they_are(smcost, alone):
    logged(alone, 1.0)
    assert smcost("traffic show requests.csv --requests -f json").document["dispersion_per_s"] == 0
    logged(alone, 0.1)
    shown = smcost("traffic show requests.csv --requests -f json").document
    assert shown["dispersion_per_s"] > 5
    assert "index of dispersion" in smcost("traffic show requests.csv --requests").stdout
    refused = smcost(
        "estimate --traffic requests.csv --requests --service-time 500ms --concurrency 2 --count 1 "
        "--burstiness 2"
    )
    assert "say how bursty they are" in refused.refusal[0]


def test_sensitivity_is_in_the_json_and_explained_on_demand(smcost, write_trace):
    rush(write_trace)
    rows = smcost(f"{ASK} --p99 3s -f json").document["sensitivity"]
    assert {row["factor"] for row in rows} == {
        *("startup_time", "burstiness", "routing", "service_variability"),
    }
    assert "If an assumption were another" in smcost(f"{ASK} --p99 3s --explain").stdout
    assert "If an assumption were another" not in smcost(f"{ASK} --p99 3s").stdout


def test_without_compiled_kernels_the_answer_is_the_same(smcost, write_trace, monkeypatch):
    rush(write_trace)
    compiled = smcost(f"{ASK} --p99 3s -f json").document
    monkeypatch.setenv("SMCOST_NO_KERNELS", "1")
    plain = smcost(f"{ASK} --p99 3s -f json").document
    for key in ("recommendation", "latency", "cost", "curve", "windows", "alternatives"):
        assert plain[key] == compiled[key]


def test_every_request_is_simulated_however_small_the_budget(smcost, write_trace):
    rush(write_trace)
    latency = smcost(f"{ASK} --p99 3s --budget 0s --exact -f json").document["latency"]
    assert latency["method"] == "simulated"


def test_a_log_that_is_scaled_keeps_its_bursts_as_measured(smcost, alone):
    logged(alone, 0.1)
    line = (
        "estimate --traffic requests.csv --requests --service-time 100ms --concurrency 2 --count 1 "
        "--service-cv 0 -f json"
    )
    once, twice = (smcost(f"{line} --traffic-scale {scale}").document for scale in (1, 2))
    assert twice["latency"]["method"] == "simulated"
    assert twice["latency"]["p99_ms"] > once["latency"]["p99_ms"]
    [said] = [
        entry["value"] for entry in twice["assumptions"] if entry["name"].startswith("arrivals")
    ]
    assert "as measured in the log" in said


def test_too_much_for_one_minute_is_refused_with_its_remedy(smcost):
    refused = smcost(
        "estimate --rps 100000 --count 5000 --service-time 10ms --concurrency 8 --exact"
    )
    assert refused.exit_code == 2
    assert "too much to replay" in refused.refusal[0]
