"""Files from AWS's public price lists over HTTPS: no credentials, whole or not at all.

urllib3, which boto3 brings along, does connections, TLS and time limits. A broken connection is
taken up where it broke if the server says by its ETag that the file is still the same, and from the
start if not; a bounded number of times.
"""

import os
import re
import ssl
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

from smcost import __version__
from smcost.errors import AwsError, OutputError, UsageError

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

AWS_ADDRESS = "https://pricing.us-east-1.amazonaws.com"
#: Another address with the same files, for tests and mirrors.
ADDRESS_VARIABLE = "SMCOST_PRICE_LIST_URL"

CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 30.0
MOST_TRIES = 5
_PAUSE_S = 0.5
_CHUNK_BYTES = 2**16
_PATH = re.compile(r"/[\w./-]+")
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_NETWORK = "Look at network and proxy (HTTPS_PROXY), or take --source api"
_LATER = "Wait a minute and run the command once more, or take --source api"
_OTHER_THAN_AWS = "Look at the proxy: something other than AWS may have answered"
_PASSING = frozenset({408, 429, 500, 502, 503, 504})

#: Called with the bytes had so far and, where the server says it, the bytes there are.
Progress = Callable[[int, int | None], None]


class _Broken(Exception):  # noqa: N818  (no error yet: there are tries left)
    """This try did not bring the file to its end."""


class _Unreachable(_Broken):
    """This try did not even reach the server."""


@dataclass(slots=True)
class _Had:
    """What of the file is on disk, and of which version."""

    file: IO[bytes]
    done_bytes: int = 0
    total_bytes: int | None = None
    etag: str = ""

    def begin_again(self) -> None:
        self.file.seek(0)
        self.file.truncate()
        self.done_bytes, self.total_bytes, self.etag = 0, None, ""


class Downloader:
    """Brings files from one address.

    Parameters
    ----------
    address
        ``https://host``, or ``http://`` on this machine; ``None``: what SMCOST_PRICE_LIST_URL
        says, else AWS's.
    read_timeout_s
        How long the server may be silent. [s]
    pause_s
        Before the second try, doubled before each further one. [s]

    Raises
    ------
    UsageError
        The address is none of these.
    """

    def __init__(
        self,
        address: str | None = None,
        *,
        read_timeout_s: float = READ_TIMEOUT_S,
        pause_s: float = _PAUSE_S,
    ) -> None:
        self.address = _checked(address or os.environ.get(ADDRESS_VARIABLE) or AWS_ADDRESS)
        self._read_timeout_s = read_timeout_s
        self._pause_s = pause_s
        self._connections: PoolManager | None = None

    def __call__(self, path: str, target: Path, progress: Progress) -> None:
        """Bring the file at ``path`` of the address into ``target``, whole.

        Raises
        ------
        AwsError
            It is not there, something else answered, or it did not come whole in several tries.
        OutputError
            ``target`` cannot be written.
        """
        if not _PATH.fullmatch(path):
            raise AwsError(
                f"The index names {path!r} as the place of a file",
                remedy=_OTHER_THAN_AWS,
                place=self.address,
            )
        try:
            with target.open("wb") as file:
                self._bring(self.address + path, _Had(file=file), progress)
        except OSError as error:
            raise OutputError(
                f"The file cannot be written ({error.strerror or error})",
                remedy="Make room in the folder for temporary files, or set TMPDIR to another",
                place=str(target),
            ) from error

    def _bring(self, url: str, had: _Had, progress: Progress) -> None:
        for number in range(1, MOST_TRIES + 1):
            try:
                self._try(url, had, progress)
            except _Broken as broken:
                if number == MOST_TRIES:
                    raise _given_up(broken, url) from broken
                time.sleep(self._pause_s * 2 ** (number - 1))
            else:
                return

    def _try(self, url: str, had: _Had, progress: Progress) -> None:
        from urllib3 import exceptions as http

        try:
            response = self._ask(url, had)
            try:
                _check(response, had, url)
                for chunk in response.stream(_CHUNK_BYTES, decode_content=False):
                    had.file.write(chunk)
                    had.done_bytes += len(chunk)
                    progress(had.done_bytes, had.total_bytes)
            finally:
                response.close()
        except http.SSLError as error:
            raise _untrusted(error, url) from error
        except http.ReadTimeoutError as error:
            raise _Broken(f"nothing came for {self._read_timeout_s:g} s") from error
        except (http.NewConnectionError, http.ConnectTimeoutError, http.ProxyError) as error:
            raise _Unreachable(_said(error)) from error
        except http.HTTPError as error:
            raise _Broken(_said(error)) from error
        if had.total_bytes is not None and had.done_bytes != had.total_bytes:
            raise _Broken(f"{had.done_bytes:,} of {had.total_bytes:,} bytes came")

    def _ask(self, url: str, had: _Had) -> "BaseHTTPResponse":
        from urllib3 import Timeout

        headers = {"Accept-Encoding": "identity", "User-Agent": f"smcost/{__version__}"}
        if had.done_bytes and had.etag:
            headers |= {"Range": f"bytes={had.done_bytes}-", "If-Range": had.etag}
        else:
            had.begin_again()
        return self._manager().request(
            "GET",
            url,
            headers=headers,
            preload_content=False,
            redirect=False,
            retries=False,
            timeout=Timeout(connect=CONNECT_TIMEOUT_S, read=self._read_timeout_s),
        )

    def _manager(self) -> "PoolManager":
        if self._connections is None:
            self._connections = _connect(self.address)
        return self._connections


def _given_up(broken: _Broken, url: str) -> AwsError:
    if isinstance(broken, _Unreachable):
        cause, remedy = "The server cannot be reached", _NETWORK
    else:
        cause, remedy = "The file did not come whole", _LATER
    return AwsError(f"{cause} in {MOST_TRIES} tries ({broken})", remedy=remedy, place=url)


def _connect(address: str) -> "PoolManager":
    from urllib.request import getproxies, proxy_bypass

    from urllib3 import PoolManager, ProxyManager

    parts = urlsplit(address)
    trust = _trust() if parts.scheme == "https" else None
    proxy = getproxies().get(parts.scheme)
    if not proxy or proxy_bypass(parts.hostname or ""):
        return PoolManager(ssl_context=trust)
    at = _split(proxy)
    if at is None or at.scheme not in ("http", "https"):
        variable = f"{parts.scheme.upper()}_PROXY"
        raise UsageError(
            f"The proxy in {variable} is not written as http://host:port or https://host:port",
            remedy=f"Correct {variable}, or unset it",
        )
    headers = {}
    if at.username:
        # urllib3's make_headers knows Latin-1 only.
        who = f"{unquote(at.username)}:{unquote(at.password or '')}".encode()
        headers["proxy-authorization"] = f"Basic {b64encode(who).decode()}"
    return ProxyManager(proxy, ssl_context=trust, proxy_headers=headers)


def _trust() -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE") or None)
    except OSError as error:
        raise UsageError(
            f"The certificates of AWS_CA_BUNDLE cannot be read ({error.strerror or error})",
            remedy="Correct the path in AWS_CA_BUNDLE, or unset it",
        ) from error


def _untrusted(error: Exception, url: str) -> AwsError:
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        cause = "The certificate of the other side is not accepted"
        remedy = "Behind a proxy that looks into TLS, set AWS_CA_BUNDLE to its certificate"
    else:
        cause, remedy = f"No TLS connection can be made ({_said(error)})", _OTHER_THAN_AWS
    return AwsError(cause, remedy=remedy, place=url)


def _split(address: str) -> SplitResult | None:
    """The parts of an address that has a host and, if any, a port that is one."""
    try:
        parts = urlsplit(address)
        return parts if parts.hostname and parts.port != 0 else None
    except ValueError:
        return None


def _allowed(address: str) -> bool:
    parts = _split(address)
    if parts is None or parts.query or parts.fragment or parts.username or parts.password:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


def _checked(address: str) -> str:
    if not _allowed(address):
        raise UsageError(
            "The address of the price list is neither https:// nor http:// on this machine, "
            "or has more than host and path",
            remedy=f"Correct {ADDRESS_VARIABLE}, or unset it to take AWS's",
        )
    return address.rstrip("/")


def _check(response: "BaseHTTPResponse", had: _Had, url: str) -> None:
    """Refuse what is no file, and set ``had`` to what this answer begins with."""
    status = response.status
    if status in _PASSING:
        raise _Broken(f"the server answered {status}")
    if status == 416:
        had.begin_again()
        raise _Broken("the file became shorter while it came")
    if status not in (200, 206):
        remedy = "Look at the region" if status in (403, 404) else _OTHER_THAN_AWS
        raise AwsError(f"The server answered {status} and sends no file", remedy=remedy, place=url)
    if "html" in response.headers.get("Content-Type", ""):
        raise AwsError("The server answered with an HTML page", remedy=_OTHER_THAN_AWS, place=url)
    if status == 206:
        _continue(response, had)
        return
    had.begin_again()
    length = response.headers.get("Content-Length", "")
    had.total_bytes = int(length) if length.isascii() and length.isdigit() else None
    etag = response.headers.get("ETag", "")
    # A weak ETag promises the same meaning, not the same bytes.
    had.etag = "" if etag.startswith("W/") else etag


def _continue(response: "BaseHTTPResponse", had: _Had) -> None:
    found = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
    total = None if found is None or found[2] == "*" else int(found[2])
    if found is None or int(found[1]) != had.done_bytes or total not in (None, had.total_bytes):
        had.begin_again()
        raise _Broken("the server sent another part than was asked for")


def _said(error: Exception) -> str:
    """What urllib3 says, without the pool and addresses of objects that it says it with."""
    text = re.sub(r"<[^>]*>:? ?|HTTPS?Connection(Pool)?\([^)]*\):? ?", "", str(error))
    return " ".join(text.split()).rstrip(".") or type(error).__name__
