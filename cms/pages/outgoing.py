"""Requests that leave this machine: the one client for whatever an editor or a consumer gave the address of.

Such an address can point anywhere, also at what only this machine reaches: a database, a neighbour, the cloud's own service
at 169.254.169.254. So every address that a name resolves to is checked against the ranges that are not the public internet,
and the connection goes to the very address that was checked: asked again, a name may answer otherwise. No redirect is
followed here; who wants to follow one asks again, and the next address is checked like the first. Proxies that the
environment names are not used, since they would resolve the name a second time.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Literal
from urllib.parse import SplitResult, quote, urlsplit

from django.conf import settings

Reason = Literal["forbidden", "unknown_host", "unresolved", "unreachable", "timeout", "tls", "protocol", "too_large"]
_PORTS = {"https": 443, "http": 80}
_MAX_ADDRESS_LENGTH = 2000
# Not the public internet. Source: IANA's registries of special-purpose addresses for IPv4 and IPv6 (RFC 6890 and its heirs).
_SPECIAL_V4 = tuple(
    IPv4Network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
        *("192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24"),
        *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    )
)
# In IPv6 only what is given out to networks (2000::/3) is public, and of that not these; 6to4 is looked into below.
_GLOBAL_V6 = IPv6Network("2000::/3")
_SPECIAL_V6 = tuple(
    IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2620:4f:8000::/48", "3fff::/20", "3ffe::/16")
)
# Where an IPv4 address sits inside an IPv6 one: the range, and how many bits follow it.
_EMBEDDED = (
    *((IPv6Network("::ffff:0:0/96"), 0), (IPv6Network("::/96"), 0), (IPv6Network("::ffff:0:0:0/96"), 0)),
    *((IPv6Network("64:ff9b::/96"), 0), (IPv6Network("2002::/16"), 80)),
)


class OutgoingFailed(Exception):
    """Nothing came back, or nothing was sent. ``reason`` is all that is told, so that an answer gives away no network."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


@dataclass(frozen=True)
class Answer:
    """What came back: ``headers`` by name in lower case, ``body`` up to the size that was asked for."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def ask(
    method: str,
    address: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    https_only: bool = False,
    connect_seconds: float = 5,
    total_seconds: float = 15,
    max_body_bytes: int = 65_536,
    cut_body: bool = False,
) -> Answer:
    """One request to ``address`` and its answer, whatever its status; redirects are answers too.

    ``connect_seconds`` bounds the look-up of the name and, once more, the connection with its handshake; ``total_seconds`` all
    that follows. An answer longer than ``max_body_bytes`` fails, unless ``cut_body`` says that its beginning is enough.

    Raises ``OutgoingFailed``.
    """
    parts = _require_address(address, https_only=https_only)
    host = _ascii_host(parts)
    port = parts.port or _PORTS[parts.scheme]
    target = _reachable(host, port, is_named=_is_named(host, port), within=connect_seconds)
    sent = {"User-Agent": settings.OUTGOING_USER_AGENT, "Accept": "*/*", "Connection": "close", **(headers or {})}
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + (
        f"?{quote(parts.query, safe='/%:@!$&()*+,;=~-._?')}" if parts.query else ""
    )
    connection = http.client.HTTPConnection(host, port)
    # Connected by hand, to the address that was checked; it must never connect by itself.
    connection.auto_open = 0
    connection.default_port = _PORTS[parts.scheme]
    with _told_uniformly():
        connection.sock = _connected(target, parts.scheme, host, connect_seconds)
    try:
        with _told_uniformly(), _deadline(connection.sock, total_seconds):
            connection.request(method, path, body=body, headers=sent)
            answer = connection.getresponse()
            read = b"" if method == "HEAD" else answer.read(max_body_bytes + 1)
            if answer.length and len(read) <= max_body_bytes:
                raise http.client.IncompleteRead(read, answer.length)
            found = {name.lower(): value for name, value in answer.getheaders()}
    finally:
        connection.close()
    if len(read) > max_body_bytes and not cut_body:
        raise OutgoingFailed("too_large")
    return Answer(answer.status, found, read[:max_body_bytes])


def is_public_address(text: str) -> bool:
    """Whether the IP address ``text`` is one of the public internet. What is no IP address at all is not."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return all(_is_public(inner) for inner in _unpacked(address))


def _require_address(address: str, *, https_only: bool) -> SplitResult:
    """The parts of a web address that may be asked; no other port than the scheme's own, and no name or password in it."""
    if len(address) > _MAX_ADDRESS_LENGTH or any(ord(character) <= 0x20 or character == "\\" for character in address):
        raise OutgoingFailed("forbidden")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise OutgoingFailed("forbidden") from None
    schemes = {"https"} if https_only else set(_PORTS)
    if parts.scheme not in schemes or not parts.hostname or "@" in parts.netloc:
        raise OutgoingFailed("forbidden")
    if port is not None and port not in _PORTS.values() and not _is_named(_ascii_host(parts), port):
        raise OutgoingFailed("forbidden")
    return parts


def _ascii_host(parts: SplitResult) -> str:
    """The host as it is looked up: letters of other alphabets, and digits in disguise, by the rules of IDNA."""
    host = parts.hostname or ""
    if ":" in host:
        return host
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise OutgoingFailed("unknown_host") from None


def _is_named(host: str, port: int) -> bool:
    """Whether the operator allowed this host and port by name, wherever it resolves to."""
    shown = f"[{host}]" if ":" in host else host
    return f"{shown}:{port}" in settings.OUTGOING_ALLOWED_HOSTS


def _reachable(host: str, port: int, *, is_named: bool, within: float) -> tuple[str, int]:
    """The first address of ``host``, when every one of its addresses may be asked."""
    found = _resolved(host, port, within)
    if not found:
        raise OutgoingFailed("unknown_host")
    if not is_named and not all(is_public_address(text) for text in found):
        raise OutgoingFailed("forbidden")
    return found[0], port


def resolve(host: str, port: int) -> list[str]:
    """Every IP address of ``host``, as the system's resolver gives them. Raises ``OutgoingFailed`` when it gives none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        is_unknown = error.errno in {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
        raise OutgoingFailed("unknown_host" if is_unknown else "unresolved") from None
    except (OSError, UnicodeError):
        raise OutgoingFailed("unresolved") from None
    return list(dict.fromkeys(str(address[0]) for *_rest, address in found))


def _resolved(host: str, port: int, within: float) -> list[str]:
    """As ``resolve``, within so many seconds: the system's resolver takes as long as it likes and cannot be stopped."""
    found: list[list[str] | OutgoingFailed] = []

    def look_up() -> None:
        try:
            found.append(resolve(host, port))
        except OutgoingFailed as failure:
            found.append(failure)

    thread = threading.Thread(target=look_up, name="resolve", daemon=True)
    thread.start()
    thread.join(within)
    if not found:
        raise OutgoingFailed("timeout" if thread.is_alive() else "unresolved")
    if isinstance(found[0], OutgoingFailed):
        raise found[0]
    return found[0]


def _connected(target: tuple[str, int], scheme: str, host: str, within: float) -> socket.socket:
    plain = socket.create_connection(target, timeout=within)
    if scheme == "http":
        return plain
    try:
        with _deadline(plain, within):
            return _tls().wrap_socket(plain, server_hostname=host)
    except BaseException:
        plain.close()
        raise


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


@contextmanager
def _deadline(sock: socket.socket, seconds: float) -> Iterator[None]:
    """End the conversation after so many seconds: a time-out of the socket begins anew with every byte that drips in."""
    is_over = threading.Event()

    def end() -> None:
        is_over.set()
        try:
            # The plain one: shutting TLS down in another thread would pull its state from under the reader.
            socket.socket.shutdown(sock, socket.SHUT_RDWR)
        except OSError:
            return

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        sock.settimeout(seconds)
        yield
    except (OSError, ValueError, http.client.HTTPException):
        if is_over.is_set():
            raise OutgoingFailed("timeout") from None
        raise
    finally:
        timer.cancel()
    if is_over.is_set():
        raise OutgoingFailed("timeout")


@contextmanager
def _told_uniformly() -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise OutgoingFailed("timeout") from None
    except ssl.SSLError:
        raise OutgoingFailed("tls") from None
    except OSError:
        raise OutgoingFailed("unreachable") from None
    except (http.client.HTTPException, ValueError):
        raise OutgoingFailed("protocol") from None


def _unpacked(address: IPv4Address | IPv6Address) -> Iterator[IPv4Address | IPv6Address]:
    """The address, or every IPv4 address that it carries inside."""
    inner: list[IPv4Address | IPv6Address] = [
        IPv4Address((int(address) >> shift) & 0xFFFFFFFF)
        for network, shift in _EMBEDDED
        if isinstance(address, IPv6Address) and address in network
    ]
    yield from inner or [address]


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_V4)
    return address in _GLOBAL_V6 and not any(address in network for network in _SPECIAL_V6)
