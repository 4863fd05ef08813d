"""Keys of the content API: made, found, revoked.

A key reads ``attest_<prefix>_<secret>``: the prefix names it in lists, the secret is 256 random bits and is shown once, when
it is made. A key never outlives its maker's rights: it works only while that person is active and may still make keys.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import DatabaseError, connection, transaction
from django.db.models import Q
from django.utils import timezone
from wagtail.log_actions import log

from cms.api.models import ApiKey, Scope

_ADD_PERMISSION = "api.add_apikey"
# How exact the time of last use is. Unit: seconds. More would be a write for every read.
_LAST_USE_SECONDS = 60
_FORM = re.compile(r"attest_([0-9a-f]{8})_([0-9a-f]{64})", re.ASCII)


def issue(
    name: str, scopes: Iterable[str], *, owner: Any = None, expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """A new key and its whole text, which cannot be had again.

    ``owner`` is a user, or ``None`` for a key made on the server's command line. Raises ``ValueError`` for a scope that does
    not exist, and for no scope at all.
    """
    wanted = sorted(set(scopes))
    if not wanted or not set(wanted) <= set(Scope.values):
        raise ValueError(f"Scopes are one or more of: {', '.join(Scope.values)}.")
    prefix, secret = secrets.token_hex(4), secrets.token_hex(32)
    key = ApiKey.objects.create(
        name=name,
        owner=owner,
        prefix=prefix,
        secret_digest=_digest_of(secret),
        scopes=wanted,
        created_at=timezone.now(),
        expires_at=expires_at,
    )
    log(instance=key, action="wagtail.create", user=owner)
    return key, f"attest_{prefix}_{secret}"


def revoke(key: ApiKey, *, user: Any = None) -> None:
    """End ``key`` at once; a key that has ended stays as it is."""
    if ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=timezone.now()):
        log(instance=key, action="attest.key.revoked", user=user)


def find(text: str) -> ApiKey | None:
    """The working key that ``text`` is; ``None`` for everything else, in one query at most."""
    matched = _FORM.fullmatch(text)
    if matched is None:
        return None
    prefix, secret = matched.groups()
    key = working(timezone.now()).filter(prefix=prefix).first()
    if key is None or not hmac.compare_digest(key.secret_digest, _digest_of(secret)):
        return None
    return key


def working(now: datetime) -> Any:
    """Keys that open something at ``now``: not revoked, not expired, and their maker may still make keys."""
    makers = get_user_model().objects.with_perm(_ADD_PERMISSION, backend="django.contrib.auth.backends.ModelBackend")
    return ApiKey.objects.filter(
        Q(owner__isnull=True) | Q(owner__in=makers),
        Q(expires_at__isnull=True) | Q(expires_at__gt=now),
        revoked_at__isnull=True,
    )


def note_use(key: ApiKey) -> None:
    """Write down that ``key`` is in use, once a minute, and only if nobody has to wait for it.

    A read must not wait for a writer: SQLite has one lock for all of them. What cannot be written now is written later.
    """
    now = timezone.now()
    if key.last_used_at is not None and now - key.last_used_at < timedelta(seconds=_LAST_USE_SECONDS):
        return
    try:
        with _without_waiting(), transaction.atomic():
            ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    except DatabaseError:
        return


class _without_waiting:  # noqa: N801 - reads as a verb where it is used
    """The database gives up at once on a lock that somebody else holds."""

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


def _digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
