locals {
  autoscaled = var.autoscaling_target_value != null
  scheduled  = local.autoscaled && length(var.autoscaling_schedule) > 0
  on_cpu     = var.autoscaling_metric == "CPUUtilization"
  policy_suffix = {
    SageMakerVariantInvocationsPerInstance                   = "invocations-per-instance"
    SageMakerVariantConcurrentRequestsPerModelHighResolution = "concurrent-requests"
    CPUUtilization                                           = "cpu-utilization"
  }[var.autoscaling_metric]

  target = one(concat(aws_appautoscaling_target.variant, aws_appautoscaling_target.scheduled))
}

# SageMaker refuses another instance type while a scalable target is attached to the variant. A change
# here replaces the target and its policy: both go before the endpoint is updated and return after it.
resource "terraform_data" "scaled_instance_type" {
  input = var.instance_type
}

# Which of the two targets below there is, and the bounds a scheduled one begins with, which are ignored
# there: a change replaces it, and what hangs on it goes and returns with it.
resource "terraform_data" "scheduled_target" {
  input = local.scheduled ? [var.autoscaling_min_capacity, var.autoscaling_max_capacity] : null
}

# One of two, since ignore_changes takes no condition: scheduled actions rewrite both bounds of a target,
# which would be a difference in every plan; without them a new minimum must not be ignored. To AWS they
# are the same: depends_on makes Terraform destroy the one before it creates the other, either way.
resource "aws_appautoscaling_target" "variant" {
  count = local.autoscaled && !local.scheduled ? 1 : 0

  service_namespace  = "sagemaker"
  scalable_dimension = "sagemaker:variant:DesiredInstanceCount"
  resource_id        = "endpoint/${aws_sagemaker_endpoint.ep.name}/variant/${var.variant_name}"
  min_capacity       = coalesce(var.autoscaling_min_capacity, var.instance_count)
  max_capacity       = coalesce(var.autoscaling_max_capacity, var.instance_count)

  lifecycle {
    replace_triggered_by = [terraform_data.scaled_instance_type]
  }
}

resource "aws_appautoscaling_target" "scheduled" {
  count      = local.scheduled ? 1 : 0
  depends_on = [aws_appautoscaling_target.variant]

  service_namespace  = "sagemaker"
  scalable_dimension = "sagemaker:variant:DesiredInstanceCount"
  resource_id        = "endpoint/${aws_sagemaker_endpoint.ep.name}/variant/${var.variant_name}"
  min_capacity       = coalesce(var.autoscaling_min_capacity, var.instance_count)
  max_capacity       = coalesce(var.autoscaling_max_capacity, var.instance_count)

  lifecycle {
    ignore_changes       = [min_capacity, max_capacity]
    replace_triggered_by = [terraform_data.scaled_instance_type, terraform_data.scheduled_target]
  }
}

resource "aws_appautoscaling_scheduled_action" "variant" {
  for_each = local.scheduled ? { for action in var.autoscaling_schedule : action.name => action } : {}

  name               = each.key
  service_namespace  = local.target.service_namespace
  scalable_dimension = local.target.scalable_dimension
  resource_id        = local.target.resource_id
  schedule           = each.value.schedule
  timezone           = each.value.timezone

  scalable_target_action {
    min_capacity = each.value.min_capacity
    max_capacity = each.value.max_capacity
  }

  lifecycle {
    replace_triggered_by = [terraform_data.scaled_instance_type, terraform_data.scheduled_target]
  }
}

resource "aws_appautoscaling_policy" "invocations" {
  count = local.autoscaled ? 1 : 0

  name               = "${var.name}-${local.policy_suffix}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = local.target.service_namespace
  scalable_dimension = local.target.scalable_dimension
  resource_id        = local.target.resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = var.autoscaling_target_value
    scale_in_cooldown  = var.scale_in_cooldown
    scale_out_cooldown = var.scale_out_cooldown

    dynamic "predefined_metric_specification" {
      for_each = local.on_cpu ? [] : [var.autoscaling_metric]

      content {
        predefined_metric_type = predefined_metric_specification.value
      }
    }

    # No predefined metric type: the instances publish it, once a minute, from 0 to 100 x vCPU.
    dynamic "customized_metric_specification" {
      for_each = local.on_cpu ? [var.autoscaling_metric] : []

      content {
        namespace   = "/aws/sagemaker/Endpoints"
        metric_name = customized_metric_specification.value
        statistic   = "Average"

        dimensions {
          name  = "EndpointName"
          value = aws_sagemaker_endpoint.ep.name
        }

        dimensions {
          name  = "VariantName"
          value = var.variant_name
        }
      }
    }
  }

  lifecycle {
    replace_triggered_by = [terraform_data.scaled_instance_type, terraform_data.scheduled_target]
  }
}
