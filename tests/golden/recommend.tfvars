# smcost recommend, us-east-1: p95 <= 150 ms and p99 <= 300 ms in every day (UTC); expected 319.42 USD per month of 720 h
instance_type            = "ml.m5.xlarge"
instance_count           = 3
autoscaling_min_capacity = 1
autoscaling_max_capacity = 11
autoscaling_target_value = 1600
scale_in_cooldown        = 300
scale_out_cooldown       = 300
routing_strategy         = "RANDOM"
