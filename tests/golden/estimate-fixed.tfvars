# smcost estimate, us-east-1, per month of 720 h: expected 331.20 USD, floor 331.20, ceiling 331.20
instance_type            = "ml.m5.xlarge"
instance_count           = 2
autoscaling_min_capacity = 2
autoscaling_max_capacity = 2
autoscaling_target_value = null
scale_in_cooldown        = 300
scale_out_cooldown       = 300
routing_strategy         = "RANDOM"
