"""What the public sees beside documents: settings, menus, redirects, addresses of sites, and what editors teach the search.

They have no entries, because nobody approves a telephone number. Answers that show them are kept by caches all the same, so
each change of these tables advances ``Clock.facts``. The database does it, by triggers: an import or a bulk update sends no
signal, and a cache that was not told serves what is wrong for ever. Triggers are put back after each migration, because
SQLite changes a table by making it anew, and forgets them.
"""

from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

# By name: the ledger does not import content apps.
MODELS = (
    *("home.ClinicSettings", "home.Navigation", "wagtailredirects.Redirect", "wagtailcore.Site"),
    *("search.Synonym", "search.Promotion", "search.PromotedPage", "search.Notice"),
)
_EVENTS = ("INSERT", "UPDATE", "DELETE")
_ADVANCE = "UPDATE publishing_clock SET facts = facts + 1 WHERE id = 1"
_FUNCTION = f"""
    CREATE OR REPLACE FUNCTION advance_facts() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        {_ADVANCE};
        RETURN NULL;
    END $$
"""


def watch_tables(using: str = DEFAULT_DB_ALIAS, **_signal: Any) -> None:
    """Put the triggers on every table of ``MODELS`` that is there; a receiver of ``post_migrate``."""
    connection = connections[using]
    present = set(connection.introspection.table_names())
    if "publishing_clock" not in present:
        return
    tables = [apps.get_model(label)._meta.db_table for label in MODELS]
    with connection.cursor() as cursor:
        for statement in _statements(connection, [table for table in tables if table in present]):
            cursor.execute(statement)


def _statements(connection: BaseDatabaseWrapper, tables: list[str]) -> list[str]:
    if connection.vendor == "postgresql":
        events = " OR ".join(_EVENTS)
        return [
            _FUNCTION,
            *(
                f"CREATE OR REPLACE TRIGGER facts_{table} AFTER {events} ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION advance_facts()"
                for table in tables
            ),
        ]
    return [
        f"CREATE TRIGGER IF NOT EXISTS facts_{table}_{event.lower()} AFTER {event} ON {table} BEGIN {_ADVANCE}; END"
        for table in tables
        for event in _EVENTS
    ]
