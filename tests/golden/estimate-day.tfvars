# smcost estimate, us-east-1, per month of 720 h: expected 719.69 USD, floor 365.70, ceiling 1,724.10
instance_type            = "ml.m5.xlarge"
instance_count           = 9
autoscaling_min_capacity = 2
autoscaling_max_capacity = 10
autoscaling_target_value = 600
scale_in_cooldown        = 300
scale_out_cooldown       = 300
routing_strategy         = "RANDOM"
