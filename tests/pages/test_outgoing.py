"""The client for requests that leave the machine: what it refuses to reach, and what it does with answers."""

import socket
import threading

import pytest

from cms.pages import outgoing
from cms.pages.outgoing import OutgoingFailed, ask, is_public_address
from tests import loopback

LOCAL = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "127.0.0.1.",
    "127.8.9.10",
    "\N{FULLWIDTH DIGIT ONE}27.0.0.1",
    "127。0。0。1",
    "0.0.0.0",
    "0",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[2002:7f00:1::]",
]
INSIDE = [
    "169.254.169.254",
    "0xa9fea9fe",
    "[::ffff:169.254.169.254]",
    "[64:ff9b::a9fe:a9fe]",
    "[2002:a9fe:a9fe::1]",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "172.16.0.1",
    "172.31.255.254",
    "192.168.1.1",
    "192.0.2.1",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.1",
    "255.255.255.255",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[ff02::1]",
    "[2001::1]",
    "[2001:db8::1]",
    "[64:ff9b:1::1]",
]


@pytest.fixture
def trap():
    with loopback.serve() as site:
        yield site


@pytest.fixture
def dials(monkeypatch):
    """Every connection that is tried, whatever comes of it."""
    tried = []
    connect = socket.create_connection

    def dial(target, *args, **options):
        tried.append(target[0])
        return connect(target, *args, **options)

    monkeypatch.setattr(socket, "create_connection", dial)
    return tried


def resolver(monkeypatch, names):
    """Names that resolve as a test says; no real look-up."""

    def look_up(host, port, *args, **options):
        if host not in names:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        family = {True: socket.AF_INET6, False: socket.AF_INET}
        return [(family[":" in text], socket.SOCK_STREAM, 6, "", (text, port)) for text in names[host]]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def failure_of(address, **options):
    with pytest.raises(OutgoingFailed) as caught:
        ask("GET", address, **options)
    return caught.value.reason


# --- What is not reached ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", [*LOCAL, *INSIDE])
def test_address_inside_is_never_dialled(scheme, host, trap, dials):
    reason = failure_of(f"{scheme}://{host}/")

    assert reason in {"forbidden", "unknown_host", "unresolved"}
    assert (dials, trap.asked) == ([], [])


@pytest.mark.parametrize("host", LOCAL)
def test_the_trap_at_its_own_port_stays_silent(host, trap, dials):
    reason = failure_of(f"http://{host}:{trap.port}/")

    assert reason == "forbidden"
    assert (dials, trap.asked) == ([], [])


@pytest.mark.parametrize(
    "answers",
    [
        ["127.0.0.1"],
        ["169.254.169.254"],
        ["10.1.2.3"],
        ["100.100.100.200"],
        ["fd00::1"],
        ["fe80::1%eth0"],
        ["::ffff:10.0.0.1"],
        # One good address among bad ones proves nothing: which one is dialled would be the name's to choose.
        ["93.184.215.14", "127.0.0.1"],
        ["2606:4700::1111", "::1"],
    ],
)
def test_name_that_resolves_inside_is_never_dialled(answers, trap, dials, monkeypatch):
    resolver(monkeypatch, {"rebind.example.org": answers})

    reason = failure_of("http://rebind.example.org/")

    assert reason == "forbidden"
    assert (dials, trap.asked) == ([], [])


def test_the_address_that_was_checked_is_the_one_that_is_dialled(monkeypatch):
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])
    looked_up, dialled = [], []

    def look_up(host, port, *args, **options):
        looked_up.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, port)) for text in next(answers)]

    def dial(target, *args, **options):
        dialled.append(target)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", dial)

    reason = failure_of("https://rebind.example.org/")

    assert reason == "unreachable"
    assert (looked_up, dialled) == (["rebind.example.org"], [("93.184.215.14", 443)])


@pytest.mark.parametrize(
    "address",
    [
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "//example.org/",
        "example.org",
        "",
        "http://",
        "http:///path",
        "http://user@example.org/",
        "http://user:word@example.org/",
        "http://@example.org/",
        "http://example.org:22/",
        "http://example.org:8080/",
        "http://example.org:99999/",
        "http://example.org:-80/",
        "http://example.org:port/",
        "http://[::1/",
        "http://example.org/\r\nX-Injected: yes",
        "http://example.org\\@127.0.0.1/",
        "http://exam ple.org/",
        "http://example.org/\x00",
        f"http://example.org/{'a' * 2000}",
    ],
)
def test_address_of_another_kind_is_refused_unasked(address, dials, monkeypatch):
    resolver(monkeypatch, {"example.org": ["93.184.215.14"]})

    reason = failure_of(address)

    assert reason == "forbidden"
    assert dials == []


def test_plain_http_is_refused_where_only_https_is_wanted(dials, monkeypatch):
    resolver(monkeypatch, {"example.org": ["93.184.215.14"]})

    reason = failure_of("http://example.org/", https_only=True)

    assert reason == "forbidden"
    assert dials == []


@pytest.mark.parametrize(
    "text", ["8.8.8.8", "93.184.215.14", "2606:4700:4700::1111", "64:ff9b::808:808", "2002:808:808::"]
)
def test_address_of_the_public_internet_is_public(text):
    assert is_public_address(text) is True


@pytest.mark.parametrize(
    "text", ["", "example.org", "1.2.3", "0x7f.1", "::ffff:127.0.0.1", "2002:a00:1::", "fe80::1%eth0"]
)
def test_anything_else_is_not(text):
    assert is_public_address(text) is False


def test_unknown_name_and_resolver_that_is_away_are_told_apart(monkeypatch):
    def away(*args, **options):
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    resolver(monkeypatch, {})
    assert failure_of("http://nowhere.example/") == "unknown_host"
    monkeypatch.setattr(socket, "getaddrinfo", away)
    assert failure_of("http://nowhere.example/") == "unresolved"


def test_look_up_that_does_not_end_is_left(monkeypatch):
    done = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: [] if done.wait(30) else [])

    reason = failure_of("http://slow.example/", connect_seconds=0.05)
    done.set()

    assert reason == "timeout"


# --- What the operator allows ----------------------------------------------------------------------------------------


def test_host_that_is_named_is_reached_at_its_port(trap, settings):
    settings.OUTGOING_ALLOWED_HOSTS = [trap.name]
    settings.OUTGOING_USER_AGENT = "Attest (+https://clinic.example/)"
    trap.replies["/there"] = (200, {"X-Word": "yes"}, b"hello")

    answer = ask("GET", trap.address("/there"), headers={"Range": "bytes=0-9"})

    assert (answer.status, answer.headers["x-word"], answer.body) == (200, "yes", b"hello")
    assert trap.lines() == ["GET /there"]
    sent = trap.asked[0][2]
    assert (sent["User-Agent"], sent["Host"], sent["Range"]) == (
        "Attest (+https://clinic.example/)",
        trap.name,
        "bytes=0-9",
    )


def test_host_that_is_named_opens_no_other_port_and_no_other_name(trap, dials, settings):
    settings.OUTGOING_ALLOWED_HOSTS = [trap.name]

    reasons = [failure_of(f"http://localhost:{trap.port}/"), failure_of("http://127.0.0.1/")]

    assert reasons == ["forbidden", "forbidden"]
    assert (dials, trap.asked) == ([], [])


# --- Answers ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def site(trap, settings):
    settings.OUTGOING_ALLOWED_HOSTS = [trap.name]
    return trap


def test_body_is_sent(site):
    answer = ask("POST", site.address("/hook"), body=b"{}", headers={"Content-Type": "application/json"})

    assert answer.status == 200
    assert site.lines() == ["POST /hook"]
    assert site.asked[0][2]["Content-Length"] == "2"


def test_redirect_is_an_answer_and_is_not_followed(site):
    site.replies["/old"] = (302, {"Location": "http://169.254.169.254/"}, b"")

    answer = ask("GET", site.address("/old"))

    assert (answer.status, answer.headers["location"]) == (302, "http://169.254.169.254/")
    assert site.lines() == ["GET /old"]


def test_long_answer_fails_or_is_cut(site):
    site.replies["/long"] = (200, {}, b"x" * 5000)

    assert failure_of(site.address("/long"), max_body_bytes=1000) == "too_large"
    assert ask("GET", site.address("/long"), max_body_bytes=1000, cut_body=True).body == b"x" * 1000
    assert ask("GET", site.address("/long"), max_body_bytes=5000).body == b"x" * 5000


@pytest.mark.parametrize("path", ["/a b?q=1 2".replace(" ", "%20"), "/Ménière?q=é", "/%C3%A9"])
def test_path_is_sent_in_ascii(site, path):
    ask("GET", site.address(path))

    assert site.lines()[0].isascii()
    assert "%25" not in site.lines()[0]


def raw_server(*pieces, hold=None):
    """A server for one connection that sends these bytes and then holds the line until ``hold`` is set."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run():
        connection, _ = listener.accept()
        connection.recv(65_536)
        for piece in pieces:
            connection.sendall(piece)
        if hold:
            hold.wait(30)
        connection.close()
        listener.close()

    threading.Thread(target=run, daemon=True).start()
    return f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize(
    "pieces",
    [
        [],
        [b"HTTP/1.1 200 OK\r\n"],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfew"],
        [b"HTTP/1.1 200 OK\r\n\r\nfew"],
    ],
    ids=["nothing", "half a head", "half a body", "a body without end"],
)
def test_answer_that_stops_half_way_ends_in_time(pieces, settings):
    hold = threading.Event()
    name = raw_server(*pieces, hold=hold)
    settings.OUTGOING_ALLOWED_HOSTS = [name]

    reason = failure_of(f"http://{name}/", total_seconds=0.2)
    hold.set()

    assert reason == "timeout"


@pytest.mark.parametrize(
    ("pieces", "reason"),
    [
        ([b"SSH-2.0-OpenSSH\r\n"], "protocol"),
        ([b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"], "protocol"),
        ([b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000], "protocol"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfew"], "protocol"),
    ],
)
def test_answer_that_is_none_is_told_uniformly(pieces, reason, settings):
    name = raw_server(*pieces)
    settings.OUTGOING_ALLOWED_HOSTS = [name]

    assert failure_of(f"http://{name}/") == reason


def test_port_without_a_server_is_unreachable(settings):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        name = f"127.0.0.1:{listener.getsockname()[1]}"
    settings.OUTGOING_ALLOWED_HOSTS = [name]

    assert failure_of(f"http://{name}/") == "unreachable"


def test_https_needs_a_certificate(site):
    assert failure_of(f"https://{site.name}/") in {"tls", "unreachable"}
    assert site.asked == []


def test_proxy_of_the_environment_is_not_used(site, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")

    assert ask("GET", site.address("/")).status == 200


def test_no_reason_tells_an_address():
    failure = OutgoingFailed("forbidden")

    assert str(failure) == "forbidden"
    assert vars(failure) == {"reason": "forbidden"}


def test_every_special_range_is_denied():
    for network in (*outgoing._SPECIAL_V4, *outgoing._SPECIAL_V6):
        assert not is_public_address(str(network[0]))
        assert not is_public_address(str(network[-1]))
