variable "name" {
  description = "Stem of every resource name; the longest suffix added takes 31 of SageMaker's 63 characters."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9](-*[a-zA-Z0-9])*$", var.name))
    error_message = "The name must be letters, digits and inner hyphens, as SageMaker wants it."
  }

  validation {
    condition     = length(var.name) <= 32
    error_message = "The name must have at most 32 characters: with its suffixes it may reach SageMaker's 63."
  }
}

variable "sm_role_arn" {
  description = "ARN of the role SageMaker assumes to read the model and the image."
  type        = string
  nullable    = false
}

variable "image_uri" {
  description = "Address of the inference container image in ECR."
  type        = string
  nullable    = false
}

variable "model_data_s3" {
  description = "S3 address of the model archive (model.tar.gz)."
  type        = string
  nullable    = false
}

variable "env" {
  description = "Environment variables of the container."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "variant_name" {
  description = "Name of the production variant; autoscaling and dashboards refer to it."
  type        = string
  default     = "AllTraffic"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9](-*[a-zA-Z0-9])*$", var.variant_name)) && length(var.variant_name) <= 63
    error_message = "The variant name must be at most 63 letters, digits and inner hyphens."
  }
}

variable "instance_type" {
  description = "Instance type of the variant, such as ml.m5.xlarge."
  type        = string
  default     = "ml.m5.xlarge"
  nullable    = false

  validation {
    condition     = startswith(var.instance_type, "ml.")
    error_message = "The instance type must begin with \"ml.\": SageMaker does not take EC2 names."
  }
}

variable "instance_count" {
  # Any change of the endpoint configuration (instance type, image, routing, volume, this count)
  # resets the live fleet to this number, whatever autoscaling had reached. It must carry the traffic
  # of the moment of deployment, so it is never below the minimum.
  description = "Initial number of instances; every change of the endpoint configuration resets the live count to it."
  type        = number
  default     = 2
  nullable    = false

  validation {
    condition     = var.instance_count >= 1 && floor(var.instance_count) == var.instance_count
    error_message = "The instance count must be a whole number of 1 or more."
  }

  validation {
    condition     = coalesce(var.autoscaling_min_capacity, var.instance_count) <= var.instance_count
    error_message = "The instance count must not be below autoscaling_min_capacity."
  }

  validation {
    condition     = coalesce(var.autoscaling_max_capacity, var.instance_count) >= var.instance_count
    error_message = "The instance count must not be above autoscaling_max_capacity."
  }
}

variable "routing_strategy" {
  description = "How SageMaker spreads invocations over instances: RANDOM or LEAST_OUTSTANDING_REQUESTS."
  type        = string
  default     = "RANDOM"
  nullable    = false

  validation {
    condition     = contains(["RANDOM", "LEAST_OUTSTANDING_REQUESTS"], var.routing_strategy)
    error_message = "The routing strategy must be RANDOM or LEAST_OUTSTANDING_REQUESTS."
  }
}

variable "volume_size_in_gb" {
  description = "Storage volume of each instance in GB; null for SageMaker's choice. Types with local NVMe storage take none."
  type        = number
  default     = null

  validation {
    condition     = coalesce(var.volume_size_in_gb, 1) >= 1 && coalesce(var.volume_size_in_gb, 1) <= 512
    error_message = "The volume size must be between 1 and 512 GB."
  }

  validation {
    condition     = floor(coalesce(var.volume_size_in_gb, 1)) == coalesce(var.volume_size_in_gb, 1)
    error_message = "The volume size must be a whole number of GB."
  }
}

variable "autoscaling_metric" {
  # CPUUtilization goes from 0 to 100 for each vCPU: 70 % of 4 vCPU is a target value of 280.
  description = "What autoscaling tracks: a predefined metric type of SageMaker variants, or CPUUtilization."
  type        = string
  default     = "SageMakerVariantInvocationsPerInstance"
  nullable    = false

  validation {
    condition = contains([
      "SageMakerVariantInvocationsPerInstance",
      "SageMakerVariantConcurrentRequestsPerModelHighResolution",
      "CPUUtilization",
    ], var.autoscaling_metric)
    error_message = "The autoscaling metric must be SageMakerVariantInvocationsPerInstance, SageMakerVariantConcurrentRequestsPerModelHighResolution or CPUUtilization."
  }
}

variable "autoscaling_target_value" {
  description = "Value of the metric that autoscaling aims at, by default invocations per instance per minute; null for a fleet of fixed size."
  type        = number
  default     = null

  validation {
    condition     = coalesce(var.autoscaling_target_value, 1) > 0
    error_message = "The autoscaling target value must be above 0."
  }
}

variable "autoscaling_min_capacity" {
  description = "Fewest instances autoscaling may leave; null for instance_count. Unused without a target value."
  type        = number
  default     = null

  validation {
    condition     = coalesce(var.autoscaling_min_capacity, 1) >= 1
    error_message = "The autoscaling minimum must be 1 or more, the floor of a real-time variant."
  }

  validation {
    condition     = floor(coalesce(var.autoscaling_min_capacity, 1)) == coalesce(var.autoscaling_min_capacity, 1)
    error_message = "The autoscaling minimum must be a whole number."
  }
}

variable "autoscaling_max_capacity" {
  description = "Most instances autoscaling may start; null for instance_count. Unused without a target value."
  type        = number
  default     = null

  validation {
    condition     = coalesce(var.autoscaling_max_capacity, var.autoscaling_min_capacity, 1) >= coalesce(var.autoscaling_min_capacity, 1)
    error_message = "The autoscaling maximum must not be below autoscaling_min_capacity."
  }

  validation {
    condition     = floor(coalesce(var.autoscaling_max_capacity, 1)) == coalesce(var.autoscaling_max_capacity, 1)
    error_message = "The autoscaling maximum must be a whole number."
  }
}

variable "autoscaling_schedule" {
  # Cron is read in the time zone; null leaves a bound as it is. Until the first of them runs the bounds
  # above hold: the largest minimum of the schedule is safe there at whatever hour it is deployed.
  description = "Scheduled actions beside the target value: new bounds at certain times."
  type = list(object({
    name         = string
    schedule     = string
    timezone     = optional(string, "UTC")
    min_capacity = optional(number)
    max_capacity = optional(number)
  }))
  default  = []
  nullable = false

  validation {
    condition     = length(var.autoscaling_schedule) == 0 || var.autoscaling_target_value != null
    error_message = "Scheduled actions need an autoscaling target value."
  }

  validation {
    condition     = length(distinct(var.autoscaling_schedule[*].name)) == length(var.autoscaling_schedule)
    error_message = "Every scheduled action needs a name of its own."
  }

  validation {
    condition     = alltrue([for action in var.autoscaling_schedule : action.min_capacity != null || action.max_capacity != null])
    error_message = "Every scheduled action must set min_capacity, max_capacity or both."
  }

  validation {
    condition = alltrue([
      for action in var.autoscaling_schedule :
      coalesce(action.min_capacity, 1) >= 1 && coalesce(action.min_capacity, 1) <= coalesce(action.max_capacity, var.autoscaling_max_capacity, var.instance_count)
    ])
    error_message = "A scheduled minimum must be 1 or more, and not above the maximum."
  }

  validation {
    condition     = alltrue([for action in var.autoscaling_schedule : coalesce(action.min_capacity, 1) <= var.instance_count])
    error_message = "The instance count must not be below a scheduled minimum: a deployment resets the fleet to it at whatever hour."
  }
}

variable "scale_in_cooldown" {
  description = "Seconds after a scale-in before the next one may begin."
  type        = number
  default     = 300
  nullable    = false

  validation {
    condition     = var.scale_in_cooldown >= 0 && floor(var.scale_in_cooldown) == var.scale_in_cooldown
    error_message = "The scale-in cooldown must be a whole number of seconds, 0 or more."
  }
}

variable "scale_out_cooldown" {
  description = "Seconds after a scale-out before the next one may begin."
  type        = number
  default     = 300
  nullable    = false

  validation {
    condition     = var.scale_out_cooldown >= 0 && floor(var.scale_out_cooldown) == var.scale_out_cooldown
    error_message = "The scale-out cooldown must be a whole number of seconds, 0 or more."
  }
}
