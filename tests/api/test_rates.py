"""Limits: who is counted with whom, what is told, and that everything works again afterwards."""

import time
from typing import Any

import pytest
from django.db import OperationalError

from cms.api import keys, rates
from tests.api.conftest import Reader

TINY = {"key": (4, 2), "search": (2, 1), "read": (3, 10)}


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1_000_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Clock:
    """Tiny limits, nothing counted yet, and time that stands still."""
    settings.RATE_LIMITS = TINY
    rates._limiter.cache_clear()
    rates._unreachable_until.clear()
    rates._network_of.cache_clear()
    clock = Clock()
    monkeypatch.setattr(time, "time", clock)
    return clock


def statuses(api: Reader, address: str, times: int, **headers: str) -> list[int]:
    return [api.get(address, **headers).status_code for _ in range(times)]


def test_what_is_left_is_told_and_then_refused(api: Reader, clock: Clock) -> None:
    answers = [api.get("/articles") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert {answer.headers["RateLimit-Policy"] for answer in answers} == {'"read";q=3;w=10'}
    assert [answer.headers["RateLimit"] for answer in answers] == [
        '"read";r=2;t=10', '"read";r=1;t=10', '"read";r=0;t=10', '"read";r=0;t=10',
    ]  # fmt: skip
    refused = answers[-1]
    assert refused.headers["Retry-After"] == "10"
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.headers["Cache-Control"] == "no-store"
    assert refused.json()["status"] == 429
    assert all("Retry-After" not in answer.headers for answer in answers[:3])


def test_who_waits_as_told_is_served_again(api: Reader, clock: Clock) -> None:
    refused = [api.get("/search?q=sleep") for _ in range(3)][-1]
    assert refused.status_code == 429

    clock.now += int(refused.headers["Retry-After"])

    assert statuses(api, "/search?q=sleep", 3) == [200, 200, 429]


@pytest.mark.parametrize(
    "address", ["/search?q=sleep", "/search/?q=sleep", "/articles?q=sleep", "/pages?limit=1&q=sleep"]
)
def test_whatever_searches_counts_as_search(api: Reader, clock: Clock, address: str) -> None:
    assert statuses(api, address, 3) == [200, 200, 429]
    assert api.get("/articles").status_code == 200


def test_an_answer_of_any_kind_counts(api: Reader, clock: Clock) -> None:
    assert statuses(api, "/articles/nothing", 2) == [404, 404]
    assert api.client.post("/api/v1/articles").status_code == 405
    assert statuses(api, "/openapi.json", 1) == [429]


def test_head_is_told_the_limit_too(api: Reader, clock: Clock) -> None:
    answers = [api.client.head("/api/v1/articles") for _ in range(4)]

    assert [(answer.status_code, answer.content) for answer in answers] == [(200, b"")] * 3 + [(429, b"")]
    assert answers[-1].headers["Retry-After"] == "10"


def test_a_key_is_counted_by_itself(api: Reader, clock: Clock) -> None:
    one, other = (keys.issue("Website", ["content:read"])[1] for _ in range(2))

    for text in (one, other):
        assert statuses(api, "/search?q=sleep", 5, Authorization=f"Bearer {text}") == [200, 200, 200, 200, 429]
    assert statuses(api, "/search?q=sleep", 1) == [200]


def test_a_key_is_told_its_own_limit(api: Reader, clock: Clock) -> None:
    _key, text = keys.issue("Website", ["content:read"])

    response = api.get("/articles", Authorization=f"Bearer {text}")

    assert response.headers["RateLimit-Policy"] == '"key";q=4;w=2'
    assert response.headers["RateLimit"] == '"key";r=3;t=2'


def test_wrong_keys_are_counted_by_address_and_use_up_nobody_elses(api: Reader, clock: Clock) -> None:
    key, text = keys.issue("Website", ["content:read"])
    wrong = f"Bearer attest_{key.prefix}_{'0' * 64}"

    assert statuses(api, "/articles", 4, Authorization=wrong) == [401, 401, 401, 429]
    assert statuses(api, "/articles", 1, Authorization=f"Bearer {text}") == [200]


def test_addresses_are_counted_apart(api: Reader, clock: Clock) -> None:
    def ask(address: str, forwarded: str = "") -> int:
        return api.client.get(
            "/api/v1/articles", REMOTE_ADDR=address, headers={"X-Forwarded-For": forwarded}
        ).status_code

    assert [ask("192.0.2.1") for _ in range(4)] == [200, 200, 200, 429]
    assert ask("192.0.2.2") == 200
    assert ask("192.0.2.1", forwarded="203.0.113.9") == 429


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "client"),
    [
        (0, "192.0.2.1", "203.0.113.9", "192.0.2.1"),
        (1, "192.0.2.1", "203.0.113.9", "203.0.113.9"),
        (1, "192.0.2.1", "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "192.0.2.1", "6.6.6.6, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "192.0.2.1", "203.0.113.9", "203.0.113.9"),
        (1, "192.0.2.1", "", "192.0.2.1"),
        (1, "192.0.2.1", "nonsense", "192.0.2.1"),
        (1, "192.0.2.1", " , ,", "192.0.2.1"),
        (0, "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        (0, "2001:db8:1:2:ffff::1", "", "2001:db8:1:2::/64"),
        (0, "::ffff:192.0.2.1", "", "192.0.2.1"),
        (0, "fe80::1%eth0", "", ""),
        (0, "", "", ""),
        (0, "unix:", "", ""),
    ],
)
def test_only_what_trusted_proxies_wrote_is_believed(
    settings: Any, clock: Clock, proxies: int, remote: str, forwarded: str, client: str
) -> None:
    settings.TRUSTED_PROXIES = proxies

    assert rates.client_address(remote, forwarded) == client


def test_no_limit_means_no_headers(api: Reader, clock: Clock, settings: Any) -> None:
    settings.RATE_LIMITS = {"read": (0, 10)}

    answers = [api.get("/articles") for _ in range(5)]

    assert {answer.status_code for answer in answers} == {200}
    assert not any("RateLimit" in answer.headers or "RateLimit-Policy" in answer.headers for answer in answers)


def test_a_storage_that_cannot_be_reached_does_not_end_the_limits(clock: Clock, settings: Any) -> None:
    settings.RATE_LIMIT_STORAGE = "memory://?broken"
    broken = rates._limiter("memory://?broken")

    def fail(*args: Any, **options: Any) -> bool:
        raise rates.StorageError(OSError("connection refused"))

    broken.hit = fail  # type: ignore[method-assign]

    ruled = [rates.count("anonymous", "192.0.2.1", "read").is_admitted for _ in range(4)]

    assert ruled == [True, True, True, False]


def test_a_database_that_fails_while_a_key_is_looked_up_is_a_problem(
    api: Reader, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(text: str) -> None:
        raise OperationalError("a secret of the server")

    monkeypatch.setattr(keys, "presented", fail)
    api.client.raise_request_exception = False

    response = api.get("/articles", Authorization="Bearer x")

    assert response.status_code == 503
    assert response.headers["Content-Type"] == "application/problem+json"
    assert b"secret" not in response.content


def test_the_desk_is_not_counted(api: Reader, clock: Clock) -> None:
    assert {api.client.get("/admin/login/").status_code for _ in range(8)} == {200}


def test_a_plain_read_is_counted_in_no_time(settings: Any) -> None:
    settings.RATE_LIMITS = {"read": (1_000_000, 10)}
    best = min(_microseconds_of_a_count() for _ in range(5))

    assert best < 60  # about 10 on a quiet machine; what is held to here is the order of magnitude


def _microseconds_of_a_count() -> float:
    started = time.perf_counter()
    for _ in range(500):
        rates.count("anonymous", rates.client_address("192.0.2.1"), rates.subject_of("/api/v1/articles", "limit=3"))
    return (time.perf_counter() - started) / 500 * 1e6
