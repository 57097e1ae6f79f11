locals {
  autoscaled = var.autoscaling_target_value != null
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

  name               = "${var.name}-invocations-per-instance"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.variant[0].service_namespace
  scalable_dimension = aws_appautoscaling_target.variant[0].scalable_dimension
  resource_id        = aws_appautoscaling_target.variant[0].resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = var.autoscaling_target_value
    scale_in_cooldown  = var.scale_in_cooldown
    scale_out_cooldown = var.scale_out_cooldown

    predefined_metric_specification {
      predefined_metric_type = "SageMakerVariantInvocationsPerInstance"
    }
  }

  lifecycle {
    replace_triggered_by = [terraform_data.scaled_instance_type]
  }
}
