# No provider block: region, credentials and default tags belong to the caller.
terraform {
  # A validation block may look at another variable since 1.9.
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
    }
  }
}
