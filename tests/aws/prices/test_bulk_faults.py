"""The public bulk files over HTTP that breaks, lies, hangs or answers with something else."""

import base64
import json
import ssl
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from smcost.errors import AwsError, OutputError, PriceError, UsageError
from smcost.read.price_list_bulk import pull_from_bulk
from smcost.read.price_list_download import AWS_ADDRESS, MOST_TRIES, Downloader

REGION = "eu-west-1"
INDEX = "/offers/v1.0/aws/AmazonSageMaker/current/region_index.json"
FILE = f"/offers/v1.0/aws/AmazonSageMaker/20260925000313/{REGION}/index.json"
PLANS = f"/savingsPlan/v1.0/aws/AWSMachineLearningSavingsPlans/20260925000313/{REGION}/index.json"


@pytest.fixture
def served(bulk_server, price_list):
    """The bulk server with a whole price list; the file of the region is some 40 kB."""
    bulk_server.files = price_list.files()
    return bulk_server


@pytest.fixture
def pull(hasty):
    return lambda **changes: pull_from_bulk(REGION, fetch=hasty(), **changes)


@pytest.fixture
def tls_server(served, tmp_path):
    """The same server behind TLS, with a certificate that only ``bundle`` vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "smcost test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    bundle, chain = tmp_path / "bundle.pem", tmp_path / "chain.pem"
    bundle.write_bytes(certificate.public_bytes(Encoding.PEM))
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    chain.write_bytes(secret + bundle.read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    served.listener.socket = context.wrap_socket(served.listener.socket, server_side=True)
    served.url = served.url.replace("http://", "https://")
    served.bundle = bundle
    return served


def refusal(pull, kind=AwsError, **changes):
    with pytest.raises(kind) as caught:
        pull(**changes)
    error = caught.value
    for sentence in (error.cause, error.remedy):
        assert sentence
        assert not sentence.endswith(".")
        assert "\n" not in sentence
        assert "0x" not in sentence
    return error


def cut(handler, bulk, *, at=9_000, **changes):
    """Break off in the middle, after having promised the whole."""
    handler.send(bulk.files[handler.path], until=at, **changes)


def answer(handler, _bulk, *, data=b"", **changes):
    handler.send(data, **changes)


def hang(handler, _bulk):
    time.sleep(0.8)
    handler.close_connection = True


def drop(handler, _bulk):
    handler.close_connection = True


def test_a_broken_connection_is_taken_up_where_it_broke(served, pull):
    whole = pull()
    served.asked.clear()
    served.faults[FILE] = [cut, partial(cut, at=20_000)]
    assert pull() == whole
    assert served.ranges(FILE) == [None, "bytes=9000-", "bytes=20000-"]
    conditions = [h.get("If-Range") for path, h in served.asked if path == FILE]
    assert conditions == [None, '"a"', '"a"']


def test_a_file_that_changed_in_between_is_had_from_the_start(served, pull):
    whole = pull()
    served.asked.clear()
    old = b'{"offerCode": "AmazonSageMaker", "products": {"old"' + b" " * 30_000
    served.faults[FILE] = [partial(answer, data=old, etag='"old"', until=9_000)]
    assert pull() == whole
    assert served.ranges(FILE) == [None, "bytes=9000-"]


@pytest.mark.parametrize("etag", ["", 'W/"weak"'], ids=["no ETag", "weak ETag"])
def test_a_file_that_cannot_be_told_is_had_from_the_start(served, pull, etag):
    whole = pull()
    served.asked.clear()
    served.faults[FILE] = [partial(cut, etag=etag)]
    assert pull() == whole
    assert served.ranges(FILE) == [None, None]


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(partial(answer, status=416), id="no such range"),
        pytest.param(
            partial(answer, data=b"x" * 40, status=206, range="bytes 0-39/40"), id="another range"
        ),
        pytest.param(partial(answer, data=b"x" * 40, status=206, range=""), id="no range said"),
    ],
)
def test_a_wrong_part_is_not_joined_on(served, pull, fault):
    whole = pull()
    served.asked.clear()
    served.faults[FILE] = [cut, fault]
    assert pull() == whole
    assert served.ranges(FILE) == [None, "bytes=9000-", None]


@pytest.mark.parametrize("fault", [hang, drop, partial(answer, status=503)],
                         ids=["hangs", "closes", "503"])  # fmt: skip
def test_a_passing_fault_is_waited_out(served, pull, fault):
    whole = pull()
    served.faults[FILE] = [fault]
    served.faults[INDEX] = [fault]
    assert pull() == whole


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        pytest.param(hang, "nothing came for 0.4 s", id="hangs"),
        pytest.param(drop, "Remote end closed connection", id="closes"),
        pytest.param(partial(answer, status=503), "the server answered 503", id="503"),
        pytest.param(partial(cut, at=50, etag=""), "IncompleteRead", id="breaks off"),
        pytest.param(
            partial(answer, data=b"{}", length=9_999, etag=""), "IncompleteRead", id="too short"
        ),
    ],
)
def test_a_fault_that_stays_ends_after_a_few_tries(served, pull, fault, said):
    served.faults[FILE] = [fault] * 99
    error = refusal(pull)
    assert error.cause.startswith(f"The file did not come whole in {MOST_TRIES} tries (")
    assert said in error.cause
    assert error.place == served.url + FILE
    assert len(served.ranges(FILE)) == MOST_TRIES


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        pytest.param(partial(answer, status=404), "The server answered 404", id="404"),
        pytest.param(partial(answer, status=403), "The server answered 403", id="403"),
        pytest.param(
            partial(answer, status=302, headers={"Location": "http://127.0.0.1:9/"}),
            "The server answered 302",
            id="sent elsewhere",
        ),
        pytest.param(
            partial(answer, data=b"<html>Welcome</html>", kind="text/html; charset=utf-8"),
            "The server answered with an HTML page",
            id="HTML",
        ),
    ],
)
def test_what_is_no_file_is_an_error_at_once(served, pull, fault, cause):
    served.faults[FILE] = [fault]
    error = refusal(pull)
    assert error.cause.startswith(cause)
    assert error.place == served.url + FILE


@pytest.mark.parametrize("path", [INDEX, FILE, PLANS])
@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", b"{}", b"[]", b"null", b'{"offerCode": "AmazonSageMaker", "prod', b"a,b\n1,2"],
)
def test_what_is_no_price_list_is_an_error(served, pull, path, content):
    """A page may come as application/octet-stream, and a shorter length may be a lie."""
    served.files[path] = content
    assert refusal(pull).place == path


@pytest.mark.parametrize("path", [FILE, PLANS])
def test_a_file_must_be_whole_to_its_end(served, pull, path):
    content = served.files[path]
    for spoilt in (content[:-1], content[: len(content) // 2], content + b"}", content + content):
        served.files[path] = spoilt
        error = refusal(pull)
        assert error.cause.startswith("This is no whole price list of AWS (")
        assert error.place == path


@pytest.mark.parametrize("path", [FILE.replace("json", "csv"), PLANS.replace("json", "csv")])
def test_a_csv_must_be_whole_too(served, pull, path):
    content = served.files[path].rstrip(b"\n")
    for spoilt in (content[:-1], content[:-30], content[:300]):
        served.files[path] = spoilt
        assert refusal(pull, form="csv").place == path


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("AmazonSageMaker", "AmazonEC2"), "is of 'AmazonEC2', and one of 'AmazonSageMaker'"),
        ((REGION, "us-east-1"), "is of us-east-1, and one of eu-west-1 was announced"),
        (
            ("2026-09-25T00:03:13Z", "2026-09-24T00:03:13Z"),
            "is of 2026-09-24T00:03:13Z, older than was announced (2026-09-25T00:03:13Z)",
        ),
    ],
    ids=["another offer", "another region", "an older file"],
)
@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_file_must_be_what_the_index_announces(served, pull, change, said, form):
    path = FILE.replace("json", form)
    old, new = (text.encode() for text in change)
    served.files[path] = served.files[path].replace(old, new)
    error = refusal(pull, form=form)
    assert said in error.cause
    assert error.place == path


def test_the_savings_plans_must_be_of_the_region_too(served, pull):
    served.files[PLANS] = served.files[PLANS].replace(b'"eu-west-1"', b'"eu-west-2"')
    assert "is of eu-west-2" in refusal(pull).cause


def test_a_newer_file_than_announced_is_welcome(served, pull):
    served.files[FILE] = served.files[FILE].replace(b"2026-09-25", b"2026-09-26")
    assert pull().published == "2026-09-26"


def test_a_region_that_the_list_lacks_names_the_nearest(served, hasty):
    with pytest.raises(PriceError, match="has no region 'eu-west-9'") as caught:
        pull_from_bulk("eu-west-9", fetch=hasty())
    assert caught.value.remedy == "Nearest are eu-west-1"


def test_a_region_without_savings_plans_has_none(served, pull):
    index = PLANS.replace(f"20260925000313/{REGION}/index", "current/region_index")
    served.files[index] = json.dumps({"publicationDate": "2026-09-25", "regions": []}).encode()
    assert pull().savings == ()


@pytest.mark.parametrize("path", ["https://elsewhere.example/index.json", "index.json", "/a b"])
def test_the_index_cannot_send_elsewhere(served, pull, path):
    served.files[INDEX] = served.files[INDEX].replace(FILE.encode(), path.encode())
    error = refusal(pull)
    assert error.cause.startswith("The index names ")
    assert len(served.asked) == 1


def test_progress_adds_up_over_the_files(served, pull):
    seen = []
    pull(progress=lambda done, total: seen.append((done, total)))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert all(done <= total for done, total in seen)
    fetched = {path for path, _ in served.asked}
    assert seen[-1][0] == sum(len(served.files[path]) for path in fetched)


def test_a_length_that_is_not_said_is_no_fault(served, pull):
    whole = pull()
    served.faults[FILE] = [
        lambda handler, bulk: handler.send(bulk.files[FILE], length="", until=10**9)
    ]
    totals = []
    assert pull(progress=lambda _done, total: totals.append(total)) == whole
    assert None in totals


def test_nothing_is_left_behind(served, pull, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    pull()
    served.faults[FILE] = [cut] * 99
    refusal(pull)
    assert list(tmp_path.iterdir()) == []


def test_no_room_for_the_file_is_said(served, hasty, tmp_path):
    with pytest.raises(OutputError, match="cannot be written"):
        hasty()(INDEX, tmp_path / "missing" / "file", lambda _done, _total: None)


def test_nobody_listens(hasty, aws_environment):
    fetch = hasty("http://127.0.0.1:9")
    error = refusal(lambda: pull_from_bulk(REGION, fetch=fetch))
    assert error.cause.startswith(f"The server cannot be reached in {MOST_TRIES} tries (")
    assert error.cause.endswith("Connection refused)")
    assert "HTTPS_PROXY" in error.remedy
    assert error.place.startswith("http://127.0.0.1:9/")


@pytest.mark.parametrize(
    "address",
    [
        "http://pricing.us-east-1.amazonaws.com",
        "http://127.0.0.1.example.com",
        "ftp://127.0.0.1",
        "https://user:secret@host",
        "https://host/?key=1",
        "https://",
        "127.0.0.1:80",
        "http://[::1",
        "http://127.0.0.1:notaport",
    ],
)
def test_only_https_or_this_machine_is_asked(address, monkeypatch):
    monkeypatch.setenv("SMCOST_PRICE_LIST_URL", address)
    with pytest.raises(UsageError) as caught:
        Downloader()
    assert "SMCOST_PRICE_LIST_URL" in caught.value.remedy
    assert "secret" not in str(caught.value)


def test_the_address_is_awss_if_nothing_else_is_said(monkeypatch):
    monkeypatch.delenv("SMCOST_PRICE_LIST_URL", raising=False)
    assert Downloader().address == AWS_ADDRESS
    monkeypatch.setenv("SMCOST_PRICE_LIST_URL", "https://mirror.example/aws/")
    assert Downloader().address == "https://mirror.example/aws"


def test_a_proxy_is_used_but_not_for_this_machine(served, pull, monkeypatch, hasty):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert pull().hosting
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("NO_PROXY", "")
    assert refusal(pull).cause.startswith("The server cannot be reached")


def test_a_proxy_that_wants_a_password_is_told_it(served, monkeypatch, hasty):
    """Over plain HTTP a proxy is asked for the whole address; so this server can be one."""
    there = "http://localhost:9"
    served.files = {f"{there}{path}": content for path, content in served.files.items()}
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("http_proxy", served.url.replace("://", "://me:p%40ss@"))
    assert pull_from_bulk(REGION, fetch=hasty(there)).hosting
    said = {headers.get("proxy-authorization") for _, headers in served.asked}
    assert said == {f"Basic {base64.b64encode(b'me:p@ss').decode()}"}


def test_a_password_of_any_script_is_told(served, monkeypatch, hasty):
    there = "http://localhost:9"
    served.files = {f"{there}{path}": content for path, content in served.files.items()}
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("http_proxy", served.url.replace("://", "://bob:%E2%82%AC@"))
    assert pull_from_bulk(REGION, fetch=hasty(there)).hosting
    said = {headers.get("proxy-authorization") for _, headers in served.asked}
    assert said == {f"Basic {base64.b64encode('bob:€'.encode()).decode()}"}


@pytest.mark.parametrize(
    "proxy",
    ["127.0.0.1:3128", "socks5://127.0.0.1:1", "http://me:secret@h:notaport", "http://[::1"],
)
def test_a_proxy_that_is_none_is_refused_before_any_try(hasty, monkeypatch, aws_environment, proxy):
    monkeypatch.setenv("https_proxy", proxy)
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("NO_PROXY", "")
    fetch = hasty("https://mirror.example")
    error = refusal(lambda: pull_from_bulk(REGION, fetch=fetch), UsageError)
    assert "HTTPS_PROXY" in error.remedy
    assert "secret" not in str(error)


def test_a_server_that_speaks_no_tls_is_no_aws(served, hasty):
    fetch = hasty(served.url.replace("http://", "https://"))
    error = refusal(lambda: pull_from_bulk(REGION, fetch=fetch))
    assert error.cause.startswith("No TLS connection can be made (")


def test_a_certificate_nobody_vouches_for_is_refused(tls_server, hasty, monkeypatch):
    fetch = hasty(tls_server.url)
    error = refusal(lambda: pull_from_bulk(REGION, fetch=fetch))
    assert error.cause == "The certificate of the other side is not accepted"
    assert tls_server.asked == []
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tls_server.bundle))
    assert pull_from_bulk(REGION, fetch=hasty(tls_server.url)).hosting


@pytest.mark.parametrize("bundle", ["missing.pem", "empty.pem"])
def test_a_bundle_that_cannot_be_read_is_a_setting_to_correct(hasty, monkeypatch, tmp_path, bundle):
    (tmp_path / "empty.pem").write_text("")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / bundle))
    error = refusal(lambda: pull_from_bulk(REGION, fetch=hasty("https://127.0.0.1:9")), UsageError)
    assert "AWS_CA_BUNDLE" in error.cause
