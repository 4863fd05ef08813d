"""A small web server on loopback that keeps every request it gets: a trap, or a site that answers as a test says."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = tuple[int, dict[str, str], bytes]


@dataclass
class Site:
    """What it was asked (method, path, headers), and what it answers by path; 200 and a few words otherwise."""

    port: int
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    replies: dict[str, Reply | Callable[[str], Reply]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Host and port, as ``OUTGOING_ALLOWED_HOSTS`` names them."""
        return f"127.0.0.1:{self.port}"

    def address(self, path: str = "/") -> str:
        return f"http://{self.name}{path}"

    def lines(self) -> list[str]:
        return [f"{method} {path}" for method, path, _headers in self.asked]


@contextmanager
def serve() -> Iterator[Site]:
    """A running ``Site``; it ends with the block."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            site.asked.append((self.command, self.path, dict(self.headers)))
            reply: Any = site.replies.get(self.path, (200, {}, b"words"))
            status, headers, body = reply(self.command) if callable(reply) else reply
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_HEAD = do_POST = answer

        def log_message(self, *args: Any) -> None:
            """Tests are quiet."""

    with listening(Handler) as port:
        site = Site(port)
        yield site


@contextmanager
def listening(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    """The port on loopback at which ``handler`` answers; it ends with the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
