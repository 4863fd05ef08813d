"""Connections end with their thread.

Each thread has its own connection, and a web server ends threads that have nothing to do. Django then leaves the connection to
Python's collector of garbage, because its wrapper refers to itself, and the collector may not come by for hours: one quiet
minute after the other the database would have more connections of threads that are gone, until it takes no more.
"""

import threading
from typing import Any
from weakref import WeakKeyDictionary


class _Closing:
    """Closes a connection when nobody refers to this any more; it refers to nothing that refers to it, so that is at once."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __del__(self) -> None:
        self._connection.close()


class _Own(threading.local):
    """What goes when a thread ends."""

    def __init__(self) -> None:
        self.connections: WeakKeyDictionary[Any, _Closing] = WeakKeyDictionary()


_own = _Own()


class ThreadEndMixin:
    """A database connection that is closed when the thread that opened it ends."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """As Django's; the connection is remembered by this thread."""
        connection = super().get_new_connection(conn_params)  # type: ignore[misc]  # the mixin completes a Django connection
        _own.connections[self] = _Closing(connection)
        return connection
