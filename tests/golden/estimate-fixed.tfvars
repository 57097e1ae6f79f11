# smcost 0.1.0 estimate, us-east-1
# traffic: none
# price: Hosting, as of 2026; Price List bulk file (read in public code)
# cost per month of 720 h, USD: expected 331.20, floor 331.20, ceiling 331.20
# warnings: none
instance_type            = "ml.m5.xlarge"
instance_count           = 2
autoscaling_min_capacity = 2
autoscaling_max_capacity = 2
autoscaling_target_value = null
scale_in_cooldown        = 300
scale_out_cooldown       = 300
routing_strategy         = "RANDOM"
