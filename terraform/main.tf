locals {
  # Every argument of a model forces a new one, and a model has no name_prefix. Its name therefore
  # follows its content: the replacement can stand beside the original until the endpoint has moved.
  model_content = jsonencode([var.image_uri, var.model_data_s3, var.env, var.sm_role_arn])
  model_hash    = substr(sha256(local.model_content), 0, 8)
}

resource "aws_sagemaker_model" "model" {
  name               = "${var.name}-model-${local.model_hash}"
  execution_role_arn = var.sm_role_arn

  primary_container {
    image          = var.image_uri
    model_data_url = var.model_data_s3
    environment    = var.env
  }

  # Inherited from the configuration below in any case; written down so that nobody is surprised.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_sagemaker_endpoint_configuration" "cfg" {
  # A configuration cannot be changed, only replaced. Under a fixed name the replacement is called
  # what the original was called, the endpoint sees no change and keeps running the old instances.
  name_prefix = "${var.name}-cfg-"

  production_variants {
    variant_name           = var.variant_name
    model_name             = aws_sagemaker_model.model.name
    initial_instance_count = var.instance_count
    instance_type          = var.instance_type
    volume_size_in_gb      = var.volume_size_in_gb

    routing_config {
      routing_strategy = var.routing_strategy
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_sagemaker_endpoint" "ep" {
  name                 = "${var.name}-endpoint"
  endpoint_config_name = aws_sagemaker_endpoint_configuration.cfg.name
}
