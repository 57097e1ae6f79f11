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
