"""Doors to AWS itself. boto3 is imported only when a client is made."""
