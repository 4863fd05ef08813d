"""Writes beside a read: a read must not wait for a writer, and SQLite has one lock for all of them."""

from typing import Any

from django.db import connection


class without_waiting:  # noqa: N801 - reads as a verb where it is used
    """Inside, the database gives up at once on a lock that somebody else holds."""

    def __enter__(self) -> None:
        self.before: Any = None
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA busy_timeout")
                self.before = cursor.fetchone()[0]
                cursor.execute("PRAGMA busy_timeout = 0")
            elif connection.vendor == "postgresql":
                cursor.execute("SHOW lock_timeout")
                self.before = cursor.fetchone()[0]
                cursor.execute("SET lock_timeout = '20ms'")

    def __exit__(self, *error: Any) -> None:
        if connection.vendor == "sqlite":
            statement, values = f"PRAGMA busy_timeout = {int(self.before)}", []
        else:
            statement, values = "SELECT set_config('lock_timeout', %s, false)", [self.before]
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
