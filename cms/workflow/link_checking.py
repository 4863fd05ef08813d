"""The link checker: asks addresses outside, slowly and politely, and keeps what came back.

One host is asked one thing at a time, with a pause between; a good address once a day, one that fails sooner. A link counts as
dead only when three answers over at least a day said that it is gone: sites are down for an hour, and some turn programs away
that they would let a reader through. What turns us away or breaks is “could not be checked”, however long it lasts.
"""

import datetime
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urldefrag, urljoin, urlsplit

from django.conf import settings
from django.utils import timezone

from cms.pages.outgoing import Answer, OutgoingFailed, ask
from cms.workflow.link_records import ExternalAddress, LinkHost, LinkState

Kind = Literal["good", "moved", "missing", "unclear"]
# When an address counts as dead: so many answers that it is gone, over at least this time.
DEAD_AFTER_COUNT = 3
DEAD_AFTER = datetime.timedelta(hours=24)
_ASK_GOOD_AGAIN = datetime.timedelta(hours=24)
_ASK_FAILING_AGAIN = datetime.timedelta(hours=8)
# The longest wait that a server may ask for.
_LONGEST_WAIT = datetime.timedelta(days=7)
# How much earlier or later than its time an address is asked, so that not all fall due together. Unit: share.
_JITTER = 0.1
# How long a worker may hold a host's turn before another takes it for lost: longer than all requests of one look.
_TURN = datetime.timedelta(minutes=5)
_MAX_HOPS = 3
_GONE = {404, 410}
_FOR_GOOD = {301, 308}
_ELSEWHERE = {301, 302, 303, 307, 308}
# Redirecting is what they are for: where they lead is the publisher's, who turns programs away.
_RESOLVERS = {"doi.org", "dx.doi.org"}


@dataclass(frozen=True)
class Seen:
    """What one look at an address brought. ``reason`` when no status says it; ``wait`` when the server asked for one."""

    kind: Kind
    status: int | None = None
    reason: str = ""
    moved_to: str = ""
    wait: datetime.timedelta | None = None


def ask_due(*, limit: int = 5, clock: Callable[[], datetime.datetime] = timezone.now) -> int:
    """Ask up to ``limit`` addresses whose time has come, each of another host; how many were asked."""
    now = clock()
    due = ExternalAddress.objects.filter(ask_at__lte=now, host__free_at__lte=now).order_by("-is_wanted", "ask_at", "pk")
    chosen: dict[str, ExternalAddress] = {}
    # One host may have hundreds that are due: of these only the first counts, and the look goes no further than this.
    for address in due[: 100 * limit]:
        if len(chosen) < limit:
            chosen.setdefault(address.host_id, address)
    asked = 0
    for address in chosen.values():
        if _take_turn(address.host_id, clock()):
            try:
                keep(address, look_at(address.address), clock())
                asked += 1
            finally:
                pause = datetime.timedelta(seconds=settings.LINK_CHECKER_PAUSE_SECONDS)
                LinkHost.objects.filter(pk=address.host_id).update(free_at=clock() + pause)
    return asked


def want(address_id: int) -> bool:
    """Have the worker ask this address as soon as its host is free; ``False`` when there is no such address."""
    wanted = ExternalAddress.objects.filter(pk=address_id).update(is_wanted=True, ask_at=timezone.now())
    return bool(wanted)


def look_at(address: str) -> Seen:
    """Ask ``address`` and, where it leads elsewhere, up to three more; each is checked before it is asked."""
    current, moved_to, is_for_good = address, "", True
    for _hop in range(_MAX_HOPS + 1):
        try:
            answer = _asked(current)
        except OutgoingFailed as failure:
            # A name that nobody knows any more is gone; everything else may be ours, or pass.
            return Seen("missing" if failure.reason == "unknown_host" else "unclear", reason=failure.reason)
        if answer.status not in _ELSEWHERE:
            return _judge(answer, moved_to)
        if urlsplit(current).hostname in _RESOLVERS:
            return Seen("good", answer.status)
        target = _target_of(answer, current)
        if not target:
            return Seen("unclear", answer.status, "protocol")
        # Only as far as every step was for good: behind a passing one, the old address is the right one to link to.
        is_for_good = is_for_good and answer.status in _FOR_GOOD
        moved_to = target if is_for_good else moved_to
        current = target
    return Seen("unclear", reason="redirects")


def keep(address: ExternalAddress, seen: Seen, now: datetime.datetime) -> None:
    """Write down what was seen of ``address``, and when it will be asked again."""
    if seen.kind in {"good", "moved"}:
        address.state = LinkState.GOOD if seen.kind == "good" else LinkState.REDIRECTS
        address.failing_since = address.missing_since = None
        address.missing_count = 0
    else:
        address.failing_since = address.failing_since or now
        if seen.kind == "missing":
            address.missing_since = address.missing_since or now
            address.missing_count = min(address.missing_count + 1, 1000)
        address.state = _failing_state(address, seen, now)
    address.status, address.reason, address.redirects_to = seen.status, seen.reason, seen.moved_to
    address.asked_at, address.is_wanted = now, False
    address.ask_at = now + _wait(address.state, seen)
    changed = ("state", "status", "reason", "redirects_to", "asked_at", "failing_since", "missing_since")
    # By key and never by saving: an address that no page uses any more is gone, and stays so.
    ExternalAddress.objects.filter(pk=address.pk).update(
        **{name: getattr(address, name) for name in (*changed, "missing_count", "is_wanted", "ask_at")}
    )


def _take_turn(host: str, now: datetime.datetime) -> bool:
    """Whether the turn at ``host`` is ours; of two workers the database lets one have it."""
    return bool(LinkHost.objects.filter(pk=host, free_at__lte=now).update(free_at=now + _TURN))


def _asked(address: str) -> Answer:
    """HEAD, and where that is not answered well, the first bytes by GET: some servers know only GET, or say 404 to the other."""
    answer = ask("HEAD", address, connect_seconds=5, total_seconds=10)
    if answer.status < 400:
        return answer
    return ask("GET", address, headers={"Range": "bytes=0-1023"}, total_seconds=10, max_body_bytes=1024, cut_body=True)


def _judge(answer: Answer, moved_to: str) -> Seen:
    if 200 <= answer.status < 300 or answer.status == 416:  # 416: there, but shorter than the piece that was asked for.
        return Seen("moved" if moved_to else "good", answer.status, moved_to=moved_to)
    if answer.status in _GONE:
        return Seen("missing", answer.status)
    return Seen("unclear", answer.status, wait=_wished_wait(answer))


def _wished_wait(answer: Answer) -> datetime.timedelta | None:
    """What Retry-After says in seconds; a date there is left alone."""
    text = answer.headers.get("retry-after", "")
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        return None
    return min(datetime.timedelta(seconds=int(text)), _LONGEST_WAIT)


def _target_of(answer: Answer, current: str) -> str:
    try:
        target = urldefrag(urljoin(current, answer.headers.get("location", "").strip()))[0]
    except ValueError:
        return ""
    is_new = target != current and len(target) <= 2000 and target.isprintable()
    return target if is_new and urlsplit(target).scheme in {"http", "https"} else ""


def _failing_state(address: ExternalAddress, seen: Seen, now: datetime.datetime) -> str:
    """What is dead stays so until a good answer comes; it takes an answer that says so to become dead."""
    is_long = address.missing_since is not None and now - address.missing_since >= DEAD_AFTER
    is_proven = seen.kind == "missing" and is_long and address.missing_count >= DEAD_AFTER_COUNT
    if is_proven or address.state == LinkState.DEAD:
        return LinkState.DEAD
    return LinkState.FAILING if address.missing_count else LinkState.UNCLEAR


def _wait(state: LinkState | str, seen: Seen) -> datetime.timedelta:
    """How long until an address is asked again; what is dead or turns us away is not asked more often than what is good."""
    usual = _ASK_FAILING_AGAIN if state == LinkState.FAILING else _ASK_GOOD_AGAIN
    usual *= 1 + random.uniform(-_JITTER, _JITTER)  # noqa: S311 - spreads requests, guards nothing
    return max(usual, seen.wait or usual)
