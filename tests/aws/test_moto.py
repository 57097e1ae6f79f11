"""What moto keeps is read by the same calls."""

import boto3

from smcost.read.aws.operations import DESCRIBE_ENDPOINT_CONFIG


def test_an_endpoint_configuration_is_read_back(moto_aws, access):
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": "churn",
        "InitialInstanceCount": 2,
        "InstanceType": "ml.m5.xlarge",
    }
    sagemaker = boto3.client("sagemaker", region_name="eu-west-1")
    image = {"Image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/churn:1"}
    role = "arn:aws:iam::123456789012:role/sagemaker"
    sagemaker.create_model(ModelName="churn", PrimaryContainer=image, ExecutionRoleArn=role)
    sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant])
    answer = access.ask(DESCRIBE_ENDPOINT_CONFIG, EndpointConfigName="c")
    [found] = answer["ProductionVariants"]
    assert {**found, **variant} == found
