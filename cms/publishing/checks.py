"""System checks: Attest does not start on a Wagtail whose actions it cannot widen, or on a plain database backend."""

from typing import Any

from django.conf import settings
from django.core import checks

from cms.publishing import denied, widening


def widened_names_exist(app_configs: Any, **options: Any) -> list[checks.CheckMessage]:
    """Every name of Wagtail's that is widened must exist."""
    found: list[checks.CheckMessage] = []
    for name in widening.missing_names():
        found.append(checks.Error(f"Wagtail has no {name}: the gate would be bypassed.", id="publishing.E001"))
    for name in denied.missing_names():
        message = f"Wagtail has no {name}: refused attempts would leave no trace."
        found.append(checks.Error(message, id="publishing.E003"))
    return found


def database_captures(app_configs: Any, **options: Any) -> list[checks.CheckMessage]:
    """Every database must be one that lets the ledger record before a commit."""
    return [
        checks.Error(
            f"Database “{alias}” uses {database['ENGINE']}, which never asks the ledger.",
            hint="Use cms.publishing.backends.sqlite3 or cms.publishing.backends.postgresql.",
            id="publishing.E002",
        )
        for alias, database in settings.DATABASES.items()
        if not database["ENGINE"].startswith("cms.publishing.backends.")
    ]


def register() -> None:
    """Register both checks."""
    checks.register(widened_names_exist)
    checks.register(database_captures)
