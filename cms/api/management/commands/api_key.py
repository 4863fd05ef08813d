"""``manage.py api_key``: keys for deployment scripts, made and ended without the desk."""

import argparse
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from cms.api import keys
from cms.api.models import ApiKey, Scope


class Command(BaseCommand):
    """Make, list and revoke API keys."""

    help = "API keys: create (prints the key, once), list, revoke."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """One word says what to do."""
        actions = parser.add_subparsers(dest="action", required=True)
        create = actions.add_parser("create", help="print a new key; nothing else can show it again")
        create.add_argument("--name", required=True, help="which program uses it, and where")
        create.add_argument("--scope", required=True, action="append", choices=Scope.values, help="may be given again")
        create.add_argument(
            "--expires", type=_moment, help="a date or a time of ISO 8601, in UTC unless it says otherwise"
        )
        actions.add_parser("list", help="what keys there are")
        actions.add_parser("revoke", help="end a key at once").add_argument(
            "prefix", help="the eight digits after attest_"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it."""
        getattr(self, f"_{options['action']}")(**options)

    def _create(self, *, name: str, scope: list[str], expires: datetime | None, **options: Any) -> None:
        if not 0 < len(name) <= 100:
            raise CommandError("A name has 1 to 100 characters.")
        if expires is not None and expires <= timezone.now():
            raise CommandError("--expires: choose a time that is still to come.")
        _key, text = keys.issue(name, scope, expires_at=expires)
        self.stdout.write(text)

    def _list(self, **options: Any) -> None:
        working = set(keys.working(timezone.now()).values_list("pk", flat=True))
        for key in ApiKey.objects.all():
            state = "active" if key.pk in working else "revoked" if key.revoked_at else "ended"
            used = key.last_used_at.isoformat(timespec="seconds") if key.last_used_at else "never"
            refused = "never refused"
            if key.last_refused_at:
                at = key.last_refused_at.isoformat(timespec="seconds")
                refused = f"refused {key.refused_count} times, last {at} ({key.get_last_refusal_display()})"
            scopes = ",".join(key.scopes)
            self.stdout.write(f"{key.prefix}  {state:8} {scopes}  last used {used}  {refused}  {key.name}")

    def _revoke(self, *, prefix: str, **options: Any) -> None:
        key = ApiKey.objects.filter(prefix=prefix, revoked_at__isnull=True).first()
        if key is None:
            raise CommandError(f"No key that is not revoked begins with attest_{prefix}_.")
        keys.revoke(key)
        self.stdout.write(f"Revoked: {key}")


def _moment(text: str) -> datetime:
    try:
        moment = parse_datetime(text)
        if moment is None and (day := parse_date(text)):
            moment = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - made aware below
    except ValueError:
        moment = None
    if moment is None:
        raise argparse.ArgumentTypeError("a date (2027-01-31) or a time (2027-01-31T12:00:00Z)")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
