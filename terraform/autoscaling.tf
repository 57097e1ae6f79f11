locals {
  autoscaled = var.autoscaling_target_value != null
  on_cpu     = var.autoscaling_metric == "CPUUtilization"
  policy_suffix = {
    SageMakerVariantInvocationsPerInstance                   = "invocations-per-instance"
    SageMakerVariantConcurrentRequestsPerModelHighResolution = "concurrent-requests"
    CPUUtilization                                           = "cpu-utilization"
  }[var.autoscaling_metric]
}

# SageMaker refuses another instance type while a scalable target is attached to the variant. A change
# here replaces the target and its policy: both go before the endpoint is updated and return after it.
resource "terraform_data" "scaled_instance_type" {
  input = var.instance_type
}

resource "aws_appautoscaling_target" "variant" {
  count = local.autoscaled ? 1 : 0

  service_namespace  = "sagemaker"
  scalable_dimension = "sagemaker:variant:DesiredInstanceCount"
  resource_id        = "endpoint/${aws_sagemaker_endpoint.ep.name}/variant/${var.variant_name}"
  min_capacity       = coalesce(var.autoscaling_min_capacity, var.instance_count)
  max_capacity       = coalesce(var.autoscaling_max_capacity, var.instance_count)

  lifecycle {
    replace_triggered_by = [terraform_data.scaled_instance_type]

    # min_capacity and max_capacity stay managed: ignoring them would turn a new recommendation into
    # a plan without changes. Whoever adds aws_appautoscaling_scheduled_action must add
    # ignore_changes = [min_capacity, max_capacity], because scheduled actions rewrite both.
  }
}

resource "aws_appautoscaling_policy" "invocations" {
  count = local.autoscaled ? 1 : 0

  name               = "${var.name}-${local.policy_suffix}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.variant[0].service_namespace
  scalable_dimension = aws_appautoscaling_target.variant[0].scalable_dimension
  resource_id        = aws_appautoscaling_target.variant[0].resource_id

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
    replace_triggered_by = [terraform_data.scaled_instance_type]
  }
}
