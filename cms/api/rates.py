"""How often one client may ask: counted in windows, told in the headers ``RateLimit-Policy`` and ``RateLimit``.

50 a second with bursts of 100 is written as 100 in 2 seconds: one window says both, and clients can read it in one header. A
window begins with a client's first request, so that whoever waits as told is served: a sliding one cannot promise that.
Everything here takes plain texts, so that whatever stands in front of Django can count too; a plain read costs about 8
microseconds. Counts are kept in this process unless ``RATE_LIMIT_STORAGE`` names a Redis server; while that cannot be
reached, this process counts alone.
"""

import math
import time
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, Literal

from django.conf import settings
from limits import RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

Client = Literal["key", "anonymous"]
Subject = Literal["read", "search"]
# How long this process counts alone before it asks a storage again that could not be reached. Unit: seconds.
_RETRY_STORAGE_SECONDS = 5
_OWN_STORAGE = "memory://"
# How long a request waits for a storage elsewhere. Unit: seconds. Redis answers in less than a thousandth of one.
_STORAGE_SECONDS = 0.25
# No address is longer, and what is remembered of foreign texts has to end somewhere. Unit: characters.
_MAX_ADDRESS_LENGTH = 64
_unreachable_until: dict[str, float] = {}


@dataclass(frozen=True)
class Ruling:
    """Whether a request is taken; ``headers`` belong to its answer either way, and name ``Retry-After`` when it is not."""

    is_admitted: bool
    headers: dict[str, str] = field(default_factory=dict)


_UNLIMITED = Ruling(is_admitted=True)


def count(client: Client, name: str, subject: Subject) -> Ruling:
    """Count one request, and rule on it.

    ``name`` is who asks: the prefix of a working key, or what ``client_address`` gives. Keys have one limit for whatever they
    ask for; anonymous clients have one for search and one for everything else.
    """
    policy = "key" if client == "key" else subject
    quota, window_seconds = settings.RATE_LIMITS.get(policy, (0, 0))
    if not quota:
        return _UNLIMITED
    item = _item(policy, quota, window_seconds)
    is_admitted, remaining, reset_seconds = _hit(item, name)
    headers = {
        "RateLimit-Policy": f'"{policy}";q={quota};w={window_seconds}',
        "RateLimit": f'"{policy}";r={remaining};t={reset_seconds}',
    }
    if not is_admitted:
        headers["Retry-After"] = str(max(1, reset_seconds))
    return Ruling(is_admitted, headers)


def subject_of(path: str, query_string: str) -> Subject:
    """What a request asks for: ``search`` for whatever searches in texts, lists with ``q`` included."""
    if path.startswith("/api/v1/search") or query_string.startswith("q=") or "&q=" in query_string:
        return "search"
    return "read"


def client_address(remote: str, forwarded_for: str = "") -> str:
    """Who asks, by address: ``remote`` is where the connection comes from, ``forwarded_for`` the header X-Forwarded-For.

    The header is believed as far as ``TRUSTED_PROXIES`` of our own have written it: each adds one address at its end. The
    last 64 bits of IPv6 are the client's to choose, so they are left out. What is no address at all counts as one client.
    """
    trusted = settings.TRUSTED_PROXIES
    if trusted and forwarded_for:
        hops = [hop.strip() for hop in forwarded_for.split(",") if hop.strip()]
        named = _network_of(hops[-min(trusted, len(hops))][:_MAX_ADDRESS_LENGTH]) if hops else ""
        if named:
            return named
    return _network_of(remote[:_MAX_ADDRESS_LENGTH])


@lru_cache(maxsize=4096)
def _network_of(text: str) -> str:
    try:
        address = ip_address(text.strip("[]"))
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ip_network((address.packed, 64), strict=False)) if not address.scope_id else ""
    return str(address)


@lru_cache(maxsize=32)
def _item(policy: str, quota: int, window_seconds: int) -> RateLimitItemPerSecond:
    return RateLimitItemPerSecond(quota, window_seconds, f"attest-{policy}")


@lru_cache(maxsize=4)
def _limiter(address: str) -> FixedWindowRateLimiter:
    options: dict[str, Any] = {}
    if address.startswith("redis"):
        options = {"socket_connect_timeout": _STORAGE_SECONDS, "socket_timeout": _STORAGE_SECONDS}
    return FixedWindowRateLimiter(storage_from_string(address, wrap_exceptions=True, **options))


def _hit(item: RateLimitItemPerSecond, name: str) -> tuple[bool, int, int]:
    """Whether the request is within its limit, how many more are, and in how many seconds there are more."""
    address = settings.RATE_LIMIT_STORAGE
    if _unreachable_until and _unreachable_until.get(address, 0) > time.monotonic():
        address = _OWN_STORAGE
    try:
        return _hit_at(address, item, name)
    except StorageError:
        _unreachable_until[address] = time.monotonic() + _RETRY_STORAGE_SECONDS
        return _hit_at(_OWN_STORAGE, item, name)


def _hit_at(address: str, item: RateLimitItemPerSecond, name: str) -> tuple[bool, int, int]:
    limiter = _limiter(address)
    is_admitted = limiter.hit(item, name)
    reset_at, remaining = limiter.get_window_stats(item, name)
    return is_admitted, int(remaining), max(0, math.ceil(reset_at - time.time()))
