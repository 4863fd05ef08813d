"""Who asks: ``wrk`` when it is there, else sockets of our own, which cost so much themselves that ratios shrink.

Each round asks one server a list of addresses in turn, over connections that stay open, as many at a time as there are
connections, and says that it takes gzip, as browsers and libraries do. ``wrk`` runs a short Lua script so that headers and
addresses can change from request to request.
"""

import json
import multiprocessing
import re
import selectors
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_LUA = """
local requests, at = {}, 0
function init(args)
  for line in io.lines(args[1]) do
    local path, etag = line:match("^(.-)\\t(.*)$")
    local headers = {}
    for name, value in pairs(wrk.headers) do headers[name] = value end
    headers["Accept-Encoding"] = "gzip"
    if etag ~= "" then headers["If-None-Match"] = etag end
    requests[#requests + 1] = wrk.format("GET", path, headers)
  end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
function done(summary, latency, all)
  local errors = summary.errors
  io.write(string.format('RESULT {"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "refused": %d, "broken": %d}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
"""
# What every server is told that the client takes; the script above says the same.
ACCEPTED = "gzip"
# Processes of our own client: one would be slower than what it measures.
_OWN_PROCESSES = 2


@dataclass(frozen=True)
class Round:
    """What one round saw. Units: answers in a second, milliseconds; ``failed`` counts errors and answers above 399."""

    per_second: float
    p50: float
    p99: float
    failed: int


Request = tuple[str, str]
"""A path with its query string, and an ETag to send as ``If-None-Match``, or an empty text."""


def name() -> str:
    """Which client asks, for the report."""
    if not _wrk():
        return "a client of Python's own sockets"
    said = subprocess.run([_wrk(), "-v"], capture_output=True, text=True, check=False)
    found = re.search(r"wrk [\w.]*\d\.\d+\.\d+", said.stdout + said.stderr)
    return found.group() if found else "wrk"


def is_compressing() -> bool:
    """Whether the client costs so much itself that every ratio comes out smaller than it is."""
    return not _wrk()


def ask(port: int, requests: Sequence[Request], *, connections: int, seconds: float) -> Round:
    """Ask the server at ``port`` of this machine for ``seconds`` and say what was seen."""
    if _wrk():
        return _ask_with_wrk(port, requests, connections, seconds)
    return _ask_with_sockets(port, requests, connections, seconds)


def _wrk() -> str:
    return shutil.which("wrk") or ""


def _ask_with_wrk(port: int, requests: Sequence[Request], connections: int, seconds: float) -> Round:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        script, paths = Path(folder) / "requests.lua", Path(folder) / "requests.txt"
        script.write_text(_LUA)
        paths.write_text("".join(f"{path}\t{etag}\n" for path, etag in requests))
        # wrk counts whole seconds.
        options = ["-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "20s", "-s", str(script)]
        command = [_wrk(), *options, f"http://127.0.0.1:{port}/", "--", str(paths)]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = json.loads(said.split("RESULT ", 1)[1])
    return Round(
        found["requests"] / (found["microseconds"] / 1e6),
        found["p50"] / 1000,
        found["p99"] / 1000,
        found["refused"] + found["broken"],
    )


def _ask_with_sockets(port: int, requests: Sequence[Request], connections: int, seconds: float) -> Round:
    context = multiprocessing.get_context("spawn")
    share = max(1, connections // _OWN_PROCESSES)
    with context.Pool(_OWN_PROCESSES) as pool:
        shares = pool.starmap(_ask_from_one_process, [(port, list(requests), share, seconds)] * _OWN_PROCESSES)
    times = sorted(seen for its_times, _failed in shares for seen in its_times)
    percentiles = statistics.quantiles(times, n=100) if len(times) > 1 else [0.0] * 99
    failed = sum(its_failed for _times, its_failed in shares)
    return Round(len(times) / seconds, percentiles[49] * 1000, percentiles[98] * 1000, failed)


def _ask_from_one_process(
    port: int, requests: Sequence[Request], connections: int, seconds: float
) -> tuple[list[float], int]:
    """Seconds that each answer took, and how many failed."""
    ready = [_bytes_of(port, request) for request in requests]
    times, failed, at = [], 0, 0
    started: dict[socket.socket, float] = {}
    received: dict[socket.socket, bytearray] = {}
    selector = selectors.DefaultSelector()
    end = time.perf_counter() + seconds

    def send(connection: socket.socket) -> None:
        nonlocal at
        received[connection] = bytearray()
        started[connection] = time.perf_counter()
        connection.sendall(ready[at % len(ready)])
        at += 1

    for _number in range(connections):
        connection = socket.create_connection(("127.0.0.1", port), timeout=20)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, selectors.EVENT_READ)
        send(connection)
    while time.perf_counter() < end:
        for key, _events in selector.select(timeout=1):
            connection = key.fileobj
            assert isinstance(connection, socket.socket)
            part = connection.recv(1 << 18)
            answer = received[connection]
            answer += part
            if part and not _is_whole(answer):
                continue
            times.append(time.perf_counter() - started[connection])
            failed += not part or int(answer[9:12]) >= 400
            if part:
                send(connection)
            else:
                selector.unregister(connection)
    for key in list(selector.get_map().values()):
        key.fileobj.close()  # type: ignore[union-attr]  # only sockets are registered
    return times, failed


def _bytes_of(port: int, request: Request) -> bytes:
    path, etag = request
    condition = f"If-None-Match: {etag}\r\n" if etag else ""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Encoding: {ACCEPTED}\r\n{condition}\r\n".encode()


def _is_whole(answer: bytearray) -> bool:
    """Whether the answer has ended: by its length, by its last chunk, or because it has no body."""
    head, separator, body = bytes(answer).partition(b"\r\n\r\n")
    if not separator:
        return False
    if answer[9:12] in (b"304", b"204"):
        return True
    length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
    return len(body) >= int(length.group(1)) if length else body.endswith(b"0\r\n\r\n")
