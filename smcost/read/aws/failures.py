"""Whatever boto3 raises, as one sentence of cause and one of remedy.

BotoCoreError and ClientError share no base, and a malformed endpoint address is a ValueError:
``RAISED`` holds all three.
"""

import os
import ssl
import traceback
from pathlib import Path

from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import URLSchemeUnknown

from smcost.errors import AwsDeniedError, AwsError
from smcost.read.aws.operations import Operation
from smcost.read.masking import masked

RAISED = (BotoCoreError, ClientError, ResponseParserError, ValueError)
#: What botocore's parser trips over where an answer is not of the shape it expects.
MISREAD = (AttributeError, TypeError, LookupError)

_SIGN_IN = "Sign in again (aws sso login, or renew the keys) and run the command once more"
_LATER = "Wait a minute and run the command once more"
_NETWORK = "Look at network, proxy (HTTPS_PROXY) and AWS_ENDPOINT_URL, or work --offline from files"
_WRONG_ADDRESS = "The address of the service is wrong"
_ADDRESS = "Correct AWS_ENDPOINT_URL"
_EXPIRED = "The credentials have expired"
_REFUSED_KEY = "AWS does not accept the credentials"
_NEW_KEY = "Look at the access key and its secret, and at the clock of this machine"

#: Error code -> cause and remedy, of those whose own message adds nothing.
_CODES = {
    "ExpiredToken": (_EXPIRED, _SIGN_IN),
    "ExpiredTokenException": (_EXPIRED, _SIGN_IN),
    "RequestExpired": ("The request was too old when it arrived", "Set the clock of this machine"),
    "UnrecognizedClientException": (_REFUSED_KEY, _NEW_KEY),
    "InvalidClientTokenId": (_REFUSED_KEY, _NEW_KEY),
    "InvalidSignatureException": (_REFUSED_KEY, _NEW_KEY),
    "SignatureDoesNotMatch": (_REFUSED_KEY, _NEW_KEY),
    "IncompleteSignature": (_REFUSED_KEY, _NEW_KEY),
    "MissingAuthenticationToken": (_REFUSED_KEY, _NEW_KEY),
    "OptInRequired": (
        "The account has not enabled the service in this region",
        "Enable it, or name another --region",
    ),
    "SubscriptionRequiredException": (
        "The account is not subscribed to the service",
        "Finish the registration of the account",
    ),
}
_THROTTLED = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "LimitExceededFault",
    "RequestThrottled",
    "SlowDown",
}
_DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "AuthorizationError",
    "NotAuthorized",
}
_SERVER_ERROR = 500
#: Exception -> cause and remedy; the first that fits, so the narrower stand first.
_RAISED: tuple[tuple[type[Exception], str, str], ...] = (
    (
        boto.NoCredentialsError,
        "No AWS credentials are found",
        "Run aws configure or aws sso login, set AWS_PROFILE, or name one with --profile",
    ),
    (
        boto.PartialCredentialsError,
        "Only half of the AWS credentials is set",
        "Set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither",
    ),
    (
        boto.ProfileNotFound,
        "The profile is in neither ~/.aws/config nor ~/.aws/credentials",
        "Give --profile one that aws configure list-profiles prints",
    ),
    (boto.SSOError, "The single sign-on session cannot be used", "Run aws sso login"),
    (boto.TokenRetrievalError, "The single sign-on token cannot be had", "Run aws sso login"),
    (boto.LoginError, "The sign-in session cannot be used", "Run aws login"),
    (
        boto.CredentialRetrievalError,
        "The credentials cannot be had from where the profile says",
        "Run the credential_process or assume the role by hand to see why, or sign in again",
    ),
    (boto.MetadataRetrievalError, "The credentials of this machine's role cannot be had", _LATER),
    (boto.NoRegionError, "No region is set", "Name one with --region"),
    (boto.InvalidRegionError, "This is no region name", "Write --region as us-east-1"),
    (
        boto.ParamValidationError,
        "AWS's own model of the call refuses what was asked",
        "Look at the names given",
    ),
    (boto.ConfigParseError, "The AWS configuration file cannot be read", "Correct it"),
    (boto.SSLError, "The certificate of the other side is not accepted",
     "Behind a proxy that looks into TLS, set AWS_CA_BUNDLE to its certificate"),
    (boto.ProxyConnectionError, "The proxy cannot be reached", "Look at HTTPS_PROXY and NO_PROXY"),
    (boto.ConnectTimeoutError, "The connection was not made in time", _NETWORK),
    (boto.ReadTimeoutError, "No answer came in time", _LATER),
    (boto.EndpointConnectionError, "The service cannot be reached", _NETWORK),
    (boto.ConnectionClosedError, "The connection broke before the answer was whole", _LATER),
    (boto.ResponseStreamingError, "The connection broke before the answer was whole", _LATER),
    (boto.IncompleteReadError, "The connection broke before the answer was whole", _LATER),
    (boto.HTTPClientError, "The service cannot be spoken to", _NETWORK),
    (ResponseParserError, "The answer is not of the form that AWS documents",
     "Look at proxy and AWS_ENDPOINT_URL: something other than AWS may have answered"),
    (boto.InvalidEndpointConfigurationError, _WRONG_ADDRESS, _ADDRESS),
    (boto.UnknownEndpointError, "The service has no address in this region",
     "Look at --region"),
)  # fmt: skip


def failure(error: Exception, operation: Operation) -> AwsError:
    """Say what went wrong with a call, and what to do about it."""
    if isinstance(error, ClientError):
        return _refused_by_aws(error, operation)
    if isinstance(error, boto.HTTPClientError | boto.ConnectionError) and (
        wrong := _setting(error)
    ):
        return AwsError(wrong[0], remedy=wrong[1], place=place(operation))
    for kind, cause, remedy in _RAISED:
        if isinstance(error, kind):
            return AwsError(cause, remedy=remedy, place=place(operation))
    said = masked(str(error)) or type(error).__name__
    remedy = "Look at AWS_ENDPOINT_URL" if isinstance(error, ValueError) else _NETWORK
    return AwsError(f"The call failed ({said})", remedy=remedy, place=place(operation))


def _setting(error: Exception) -> tuple[str, str] | None:
    """Cause and remedy where a setting, which botocore tells as a fault of HTTP, is wrong."""
    if isinstance(getattr(error, "kwargs", {}).get("error"), URLSchemeUnknown):
        return _WRONG_ADDRESS, _ADDRESS
    bundle = os.environ.get("AWS_CA_BUNDLE")
    try:
        if bundle:
            ssl.create_default_context(cafile=bundle)
    except OSError as unread:
        return (
            f"The certificates of AWS_CA_BUNDLE cannot be read ({unread.strerror or unread})",
            "Correct the path in AWS_CA_BUNDLE, or unset it",
        )
    return None


def while_parsing(error: BaseException) -> bool:
    """Whether an error arose in botocore's reading of an answer, not in a call of ours."""
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and Path(frames[-1].filename).name == "parsers.py"


def place(operation: Operation) -> str:
    """``sagemaker DescribeEndpoint``, the place of every error of a call."""
    return f"{operation.service} {operation.name}"


def _refused_by_aws(error: ClientError, operation: Operation) -> AwsError:
    answer = error.response.get("Error", {})
    code, message = str(answer.get("Code", "")), masked(str(answer.get("Message", "")))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    said = f": {message}" if message else ""
    if code in _CODES:
        cause, remedy = _CODES[code]
    elif code in _THROTTLED:
        cause, remedy = "AWS throttles the calls, after several tries", _LATER
    elif code in _DENIED:
        cause = f"The credentials may not call {operation.action}"
        remedy = "Have it allowed; the same command with --show-iam prints the policy it needs"
        return AwsDeniedError(cause, remedy=remedy, place=place(operation))
    elif status >= _SERVER_ERROR or code.isdigit():
        cause, remedy = f"AWS failed by itself ({code or status}), after several tries", _LATER
    else:
        cause = f"AWS refuses the call with {code or status}{said}"
        remedy = "Look at the names and the region given"
    return AwsError(cause, remedy=remedy, place=place(operation))
