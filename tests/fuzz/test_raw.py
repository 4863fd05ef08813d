"""Requests that no description would lead to: any bytes as path and query, any method, any header, tiny and huge."""

from urllib.parse import quote_from_bytes

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cms.api.description import described
from tests.factories import Clinic
from tests.fuzz.civility import EXAMPLES, Application, applications, ask, assert_civil

# A third of all requests, shared among four tests and two applications.
EACH = max(10, EXAMPLES // 3 // 6)
PATHS = [
    path.replace("{slug}", "sleeping-better").replace("{id}", "76282ae2-56e0-54d2-8d7a-3b27a14af3cd").encode()
    for path in (*described()["paths"], "/api", "/api/", "/api/v1/", "/api/v1/openapi.json", "/api/v1/docs")
]
NAMES = sorted(
    {name.encode() for name in described()["components"]["parameters"]} | {b"token", b"since", b"as_of", b"key"}
)
HEADERS = [
    "HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "HTTP_ACCEPT_LANGUAGE", "HTTP_AUTHORIZATION", "HTTP_COOKIE", "HTTP_EXPECT",
    "HTTP_FORWARDED", "HTTP_HOST", "HTTP_IF_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_NONE_MATCH", "HTTP_IF_RANGE",
    "HTTP_IF_UNMODIFIED_SINCE", "HTTP_ORIGIN", "HTTP_RANGE", "HTTP_REFERER", "HTTP_USER_AGENT", "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO", "HTTP_X_HTTP_METHOD_OVERRIDE", "HTTP_X_REQUESTED_WITH", "CONTENT_TYPE",
    "CONTENT_LENGTH", "SERVER_PORT",
]  # fmt: skip
METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "get", "X" * 300]
SPECIAL = [
    b"",
    b"\0", b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"..", b"%", b"%00", b"%2e%2e%2f", b"\r\nX-Evil: 1", b"'", b'"', b"{{7*7}}",
    b"\xe2\x80\xae",
    b"9" * 400, b"-1", b"1e309", b"NaN", b"\\", b"(", b"[" * 50, b"a" * 3900, b"a," * 1900, b"\xf0\x9f\x98\x80" * 60,
    b"true", b"9999-12-31T23:59:59-23:59", b"0001-01-01T00:00:00+23:59", b"title,body,seo.json_ld", b"*", b"sleep", b"body",
]  # fmt: skip
bits = st.one_of(st.sampled_from(SPECIAL), st.binary(max_size=60), st.text(max_size=40).map(lambda text: text.encode()))
pairs = st.lists(st.tuples(st.one_of(st.sampled_from(NAMES), bits), bits), max_size=5)
header = st.one_of(
    bits.map(lambda value: value.decode("latin-1")),
    st.sampled_from(
        [
            "*",
            '"x"',
            "bytes=0-1",
            "Bearer x",
            "application/json",
            "text/html;q=0.1",
            "localhost",
            "evil.example",
            "x" * 9000,
        ]
    ),
)
fuzzed = settings(
    max_examples=EACH,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def both() -> dict[str, Application]:
    return applications()


@pytest.mark.parametrize("application", ["django", "front"])
def test_no_path_breaks_anything(clinic: Clinic, both: dict[str, Application], application: str) -> None:
    @fuzzed
    @given(start=st.sampled_from([b"/api/v1/", b"/api/", *(path + b"/" for path in PATHS)]), rest=bits, end=bits)
    def no_path_breaks_anything(start: bytes, rest: bytes, end: bytes) -> None:
        assert_civil(ask(both[application], start + rest + end))

    no_path_breaks_anything()


@pytest.mark.parametrize("application", ["django", "front"])
def test_no_query_breaks_anything(clinic: Clinic, both: dict[str, Application], application: str) -> None:
    @fuzzed
    @given(path=st.sampled_from(PATHS), given_pairs=pairs, quoted=st.booleans(), rest=bits)
    def no_query_breaks_anything(
        path: bytes, given_pairs: list[tuple[bytes, bytes]], quoted: bool, rest: bytes
    ) -> None:
        written = [
            (quote_from_bytes(a).encode(), quote_from_bytes(b).encode()) if quoted else (a, b) for a, b in given_pairs
        ]
        query = b"&".join(name + b"=" + value for name, value in written) + (b"" if quoted else rest)
        assert_civil(ask(both[application], path, query))

    no_query_breaks_anything()


@pytest.mark.parametrize("application", ["django", "front"])
def test_no_method_header_or_body_breaks_anything(
    clinic: Clinic, both: dict[str, Application], application: str
) -> None:
    @fuzzed
    @given(
        path=st.sampled_from(PATHS),
        method=st.sampled_from(METHODS),
        headers=st.dictionaries(st.sampled_from(HEADERS), header, max_size=5),
        body=bits,
    )
    def nothing_breaks(path: bytes, method: str, headers: dict[str, str], body: bytes) -> None:
        answer = ask(both[application], path, b"", method, headers, body)
        assert_civil(answer, method=method)
        # Nobody here has a key, so there is none to be too weak.
        assert answer.status_code != 403

    nothing_breaks()
