"""The servers that are compared, each started as ``make run`` starts Attest: Granian, the same flags, two processes."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cms import launch

WORKERS = 2
# As `make run` with its default settings: for readers, and for those who wait for a change.
THREADS = launch.READER_THREADS + 4
DJANGO_FACTORY = "django.core.wsgi:get_wsgi_application"
# How long a server may take until it answers. Unit: seconds.
START_SECONDS = 90
# What Python reads at the start of each of them.
_DEPLOYED = Path(__file__).resolve().parent / "deployed"
_OUT_OF_THE_WAY = {
    "RATE_LIMIT_KEY": "0",
    "RATE_LIMIT_SEARCH": "0",
    "RATE_LIMIT_READ": "0",
    "LOG_LEVEL": "ERROR",
    "DEBUG": "0",
    "WEB_WORKERS": str(WORKERS),
}


@dataclass(frozen=True)
class Answer:
    """One answer to one request: status, headers with small letters, body."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


@dataclass
class Server:
    """A running server."""

    name: str
    port: int
    process: "subprocess.Popen[bytes]"

    def get(self, path: str, **headers: str) -> Answer:
        """Ask once, outside of any measurement."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return Answer(response.status, _small(response.headers), response.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, _small(error.headers), error.read())

    def memory_mib(self) -> list[float]:
        """Resident memory of each web process; empty where the system does not tell."""
        return [_resident_mib(process) for process in _children(self.process.pid)]


def environment(database_url: str, folder: Path, settings: str, **more: str) -> dict[str, str]:
    """What a process needs to work on ``database_url``, with rate limits out of the way."""
    return {
        **os.environ,
        **_OUT_OF_THE_WAY,
        "DATABASE_URL": database_url,
        "VAR_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": settings,
        **more,
    }


def deployed(environ: dict[str, str]) -> dict[str, str]:
    """``environ`` for a process that lacks what only developers install, as in production."""
    paths = [str(_DEPLOYED), *filter(None, [environ.get("PYTHONPATH")])]
    return {**environ, "PYTHONPATH": os.pathsep.join(paths)}


@contextlib.contextmanager
def running(name: str, target: str, environ: dict[str, str], *, ready_path: str) -> Iterator[Server]:
    """A server for ``target``, from when it answers ``ready_path`` until the block ends."""
    port = _free_port()
    os.environ["WEB_WORKERS"] = str(WORKERS)
    command = [*launch._web_command(port, THREADS)[:-1], *(["--factory"] if target == DJANGO_FACTORY else []), target]
    process = subprocess.Popen(
        command,
        env={**launch.MEMORY, **deployed(environ)},
        start_new_session=True,
    )
    server = Server(name, port, process)
    try:
        _wait_for(server, ready_path)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait_for(server: Server, path: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    said = "nothing"
    while time.monotonic() < deadline and server.process.poll() is None:
        with contextlib.suppress(OSError):
            answer = server.get(path)
            if answer.status == 200:
                return
            said = f"{answer.status} {answer.body[:300]!r}"
        time.sleep(0.2)
    raise RuntimeError(f"The server “{server.name}” does not answer {path}; the last it said was {said}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _small(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _children(parent: int) -> list[int]:
    """Web processes of the server ``parent``; Python's own tracker of resources is none of them."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError):
            status = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(status[1]) == parent and b"resource_tracker" not in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return sorted(found)


def _resident_mib(process: int) -> float:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0
