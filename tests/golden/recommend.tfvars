# smcost 0.1.0 recommend, us-east-1: p95 <= 150 ms and p99 <= 300 ms in every day (UTC), failures allowed 0.1%
# traffic: trace.csv, step 60 s, 6,294,828 invocations; 2024-01-01 00:00 to 2024-01-03 00:00 UTC
# capacity: flag --service-time and flag --concurrency: 4 workers x 45 ms (lognormal, cv 0.5), busy all the time at 5,333 invocations/min
# price: Hosting, as of 2026; Price List bulk file (read in public code)
# cost per month of 720 h, USD: expected 319.42, floor 165.60, ceiling 1,821.60
# warnings: traffic_gaps, suspected_outage, short_horizon, current_differs, single_instance, deploy_resets_count
instance_type            = "ml.m5.xlarge"
instance_count           = 3
autoscaling_min_capacity = 1
autoscaling_max_capacity = 11
autoscaling_target_value = 1600
scale_in_cooldown        = 300
scale_out_cooldown       = 300
routing_strategy         = "RANDOM"
