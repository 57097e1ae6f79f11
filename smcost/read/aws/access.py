"""Calls to AWS through boto3: with its retries, its credentials, time limits, and errors as ours.

A call that is answered with an HTML page, with half an answer or with nothing comes back from boto3
as an empty answer without an error; here it is an error, since "no price" and "no answer" are not
the same.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from smcost import __version__
from smcost.errors import AwsError
from smcost.read.aws.operations import Operation

if TYPE_CHECKING:
    import boto3
    from botocore.client import BaseClient

CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 30
#: botocore's standard mode: exponential backoff with jitter, on throttling and passing faults.
MOST_ATTEMPTS = 5


class Aws:
    """One account and region to read from.

    Parameters
    ----------
    region
        Where the endpoint is; operations that answer elsewhere go there by themselves.
    profile
        Of the AWS configuration; ``None``: whatever boto3 finds.
    """

    def __init__(self, *, region: str, profile: str | None = None) -> None:
        self.region = region
        self._profile = profile
        self._session: boto3.Session | None = None
        self._clients: dict[tuple[str, str], BaseClient] = {}

    def ask(self, operation: Operation, **parameters: object) -> dict[str, Any]:
        """One call and its answer, without the transport's part.

        Raises
        ------
        AwsError
            The call failed after boto3's retries, or the answer is empty.
        """
        # botocore does not compare an answer's length with what was announced, so a connection
        # that broke looks like an empty answer, and is worth a second try.
        answer = self._call(operation, parameters) or self._call(operation, parameters)
        if not answer:
            raise self.refused(
                operation,
                "The answer is empty, cut off or not one of AWS's, twice",
                "Run the command once more; if it stays, look at proxy and AWS_ENDPOINT_URL",
            )
        return answer

    def pages(
        self,
        operation: Operation,
        key: str,
        beside: Callable[[dict[str, Any]], None] = lambda _: None,
        /,
        **parameters: object,
    ) -> Iterator[Any]:
        """Every entry of the list ``key``, page after page; an empty page does not end it.

        ``beside`` is given every page, for what stands in it beside the list.

        Raises
        ------
        AwsError
            As :meth:`ask`; or a page has no such list, or names itself as the next one.
        """
        seen: set[str] = set()
        asked = dict(parameters)
        while True:
            answer = self.ask(operation, **asked)
            entries = answer.get(key)
            if not isinstance(entries, list):
                raise self.refused(
                    operation,
                    f"The answer has no {key}",
                    "Look at proxy and AWS_ENDPOINT_URL: something else may have answered",
                )
            beside(answer)
            yield from entries
            token = answer.get(operation.token)
            if not token:
                return
            if token in seen:
                raise self.refused(
                    operation,
                    "The same page was announced as the next one twice",
                    "Run the command once more; if it stays, report it to AWS",
                )
            seen.add(token)
            asked[operation.token] = token

    @staticmethod
    def refused(operation: Operation, cause: str, remedy: str) -> AwsError:
        """The error for an answer that came but makes no sense, with the call as its place."""
        from smcost.read.aws.failures import place
        from smcost.read.masking import masked

        return AwsError(masked(cause), remedy=remedy, place=place(operation))

    def _call(self, operation: Operation, parameters: dict[str, object]) -> dict[str, Any]:
        """One call without the transport's part of the answer."""
        from botocore.parsers import ResponseParserError

        from smcost.read.aws.failures import MISREAD, RAISED, failure, while_parsing

        try:
            method = getattr(self._client(operation), operation.method)
            answer: dict[str, Any] = dict(method(**parameters))
        except RAISED as error:
            raise failure(error, operation) from error
        except MISREAD as error:
            if not while_parsing(error):
                raise
            raise failure(ResponseParserError(str(error)), operation) from error
        answer.pop("ResponseMetadata", None)
        return answer

    def _client(self, operation: Operation) -> "BaseClient":
        key = (operation.service, operation.region or self.region)
        if key not in self._clients:
            self._clients[key] = self._connect(*key)
        return self._clients[key]

    def _connect(self, service: str, region: str) -> "BaseClient":
        import boto3
        from botocore.config import Config

        config = Config(
            connect_timeout=CONNECT_TIMEOUT_S,
            read_timeout=READ_TIMEOUT_S,
            retries={"mode": "standard", "total_max_attempts": MOST_ATTEMPTS},
            user_agent_extra=f"smcost/{__version__}",
        )
        if self._session is None:
            self._session = boto3.Session(profile_name=self._profile)
        client: BaseClient = self._session.client(service, region_name=region, config=config)
        return client
