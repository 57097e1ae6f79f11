"""Cost and autoscaling minimum of SageMaker real-time endpoints."""

__version__ = "0.1.0"
