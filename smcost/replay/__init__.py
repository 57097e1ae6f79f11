"""Traffic x capacity x variant -> counts over time, latency, billed instance-hours."""
