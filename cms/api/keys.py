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
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.db import DatabaseError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from wagtail.log_actions import log

from cms.api.models import ApiKey, Refusal, Scope
from cms.api.waiting_for_nobody import without_waiting

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


class Presented(NamedTuple):
    """What a text that came as a key is: ``key`` when its beginning names one, ``refusal`` unless that key opens something."""

    key: ApiKey | None
    refusal: Refusal | None


def presented(text: str) -> Presented:
    """What ``text`` is, in one query at most; neither a key nor a reason for what names no key at all."""
    matched = _FORM.fullmatch(text)
    if matched is None:
        return Presented(None, None)
    prefix, secret = matched.groups()
    now = timezone.now()
    is_working = Exists(working(now).filter(pk=OuterRef("pk")))
    key = ApiKey.objects.filter(prefix=prefix).annotate(is_working=is_working).first()
    if key is None:
        return Presented(None, None)
    if not hmac.compare_digest(key.secret_digest, _digest_of(secret)):
        return Presented(key, Refusal.SECRET)
    return Presented(key, None if key.is_working else _end_of(key, now))


def _end_of(key: ApiKey, now: datetime) -> Refusal:
    """Why a key with the right secret opens nothing."""
    if key.revoked_at:
        return Refusal.REVOKED
    return Refusal.EXPIRED if key.expires_at and key.expires_at <= now else Refusal.SUSPENDED


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

    What cannot be written now is written later.
    """
    now = timezone.now()
    if key.last_used_at is not None and now - key.last_used_at < timedelta(seconds=_LAST_USE_SECONDS):
        return
    try:
        with without_waiting(), transaction.atomic():
            ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    except DatabaseError:
        return


def _digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
