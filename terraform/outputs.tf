output "endpoint_name" {
  description = "Name to call with InvokeEndpoint."
  value       = aws_sagemaker_endpoint.ep.name
}

output "endpoint_arn" {
  description = "ARN of the endpoint."
  value       = aws_sagemaker_endpoint.ep.arn
}

output "endpoint_configuration_name" {
  description = "Name of the configuration now in force; every change brings a new one."
  value       = aws_sagemaker_endpoint_configuration.cfg.name
}

output "model_name" {
  description = "Name of the model, which follows its content."
  value       = aws_sagemaker_model.model.name
}

output "variant_name" {
  description = "Name of the production variant."
  value       = var.variant_name
}

output "autoscaling_resource_id" {
  description = "Resource ID of the scalable target; null for a fleet of fixed size."
  value       = one(concat(aws_appautoscaling_target.variant, aws_appautoscaling_target.scheduled)[*].resource_id)
}
