# smcost 0.1.0 estimate, us-east-1: p99 <= 300 ms in every day (UTC), failures allowed 0.1%
# traffic: synthetic, mean 30 rps, peak 90 rps; 2024-01-01 00:00 to 2024-01-02 00:00 UTC
# capacity: flag --service-time and flag --concurrency: 4 workers x 45 ms (lognormal, cv 0.5), busy all the time at 5,333 invocations/min
# price: Hosting, as of 2026; Price List bulk file (read in public code)
# cost per month of 720 h, USD: expected 719.69, floor 365.70, ceiling 1,724.10
# warnings: rate_inferred
instance_type            = "ml.m5.xlarge"
instance_count           = 9
autoscaling_min_capacity = 2
autoscaling_max_capacity = 10
autoscaling_target_value = 600
scale_in_cooldown        = 300
scale_out_cooldown       = 300
routing_strategy         = "RANDOM"
volume_size_in_gb        = 30
