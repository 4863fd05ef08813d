"""Start Attest on one machine: migrate, then one web server and one worker, ended together.

``python -m cms.launch`` is what ``make run`` calls; ``--demo`` loads the demo clinic first. In production a process manager
starts the same two commands, see ``docs/operating.md``.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import django
from django.core.management import call_command

# How both processes keep memory that is free. Python's large objects: one pool of the C library for all threads together, and
# what is large has pages of its own, which go back when it is freed. By default each thread has a pool, and what is large has a
# place in it after the first of its size: a process that once wrote a long answer in every thread keeps all of that for ever.
# With limits of 128 KiB lists would take a quarter longer: what they need would go back after each. The web server has an
# allocator of its own (jemalloc): one pool, too, and what was free for a second goes back. Without this a process that sent
# long answers to many clients at once keeps a hundred megabytes; giving back at once doubles what a long answer costs.
MEMORY = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "262144",
    "MALLOC_TRIM_THRESHOLD_": "1048576",
    "_RJEM_MALLOC_CONF": "narenas:1,dirty_decay_ms:1000,muzzy_decay_ms:0",
}
# How often the two processes are looked at. Unit: seconds.
LOOK_INTERVAL_SECONDS = 0.5
# Threads of one web process that answer; those that wait for a change (`CHANGES_WAITERS`) come on top.
READER_THREADS = 4
# How long they may take to end by themselves. Unit: seconds.
STOP_SECONDS = 10


def main() -> int:
    """Prepare, start both processes, wait until one ends or somebody interrupts; the exit code says which."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--demo", action="store_true", help="load the demo clinic first")
    wanted = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.dev")
    django.setup()
    from django.conf import settings

    if _is_taken(settings.PORT):
        _say(f"Port {settings.PORT} is taken. Choose another, for example: PORT={settings.PORT + 1} make demo")
        return 1
    _say("Bringing the database up to date …")
    call_command("migrate", verbosity=0)
    if wanted.demo:
        call_command("demo")
    processes = [
        _start(*_web_command(settings.PORT, READER_THREADS + settings.CHANGES_WAITERS)),
        _start(sys.executable, "manage.py", "worker"),
    ]
    _say(f"Attest answers at {settings.PUBLIC_BASE_URL}/ (Ctrl+C ends it)")
    return _watch(processes)


def _web_command(port: int, threads: int) -> list[str]:
    granian = Path(sys.executable).parent / "granian"
    return [
        str(granian),
        "--interface",
        "wsgi",
        "--host",
        os.environ.get("HOST", "127.0.0.1"),
        "--port",
        str(port),
        "--workers",
        os.environ.get("WEB_WORKERS", "2"),
        "--blocking-threads",
        str(threads),
        # Ten minutes, the longest there is: whoever comes after a pause need not wait for a connection to the database.
        "--blocking-threads-idle-timeout",
        "600",
        "--no-ws",
        # Its warning is that there are more threads than cores: some of them only wait.
        "--log-level",
        "error",
        "cms.wsgi:application",
    ]


def _start(*command: str) -> subprocess.Popen[bytes]:
    # Their own process group: an interrupt reaches this process first, which then ends them in order.
    return subprocess.Popen(command, env={**MEMORY, **os.environ}, start_new_session=True)  # noqa: S603 - the commands above


def _watch(processes: list[subprocess.Popen[bytes]]) -> int:
    stopping: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _frame: stopping.append(received))
    while not stopping and all(process.poll() is None for process in processes):
        time.sleep(LOOK_INTERVAL_SECONDS)
    ended = next((process.returncode for process in processes if process.returncode is not None), None)
    for process in processes:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
    if stopping:
        return 0
    _say("One of the two processes ended, so both did. Its last lines are above.")
    return ended or 1


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
