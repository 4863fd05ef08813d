"""The worker: one process beside the web processes that does what must happen at a time, not at a request.

Two workers may run at once: each due page is claimed with a lock. The worker lives through a database that is away for a
while, and says so instead of ending. Reminders, mails and chores have a thread of their own, and so have links: a mail server
or a site that is slow to answer must not make a page late.
"""

import datetime
import logging
import os
import signal
import socket
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from cms.publishing import card_references, chores, reminders, scheduling
from cms.publishing.models import Heartbeat
from cms.workflow import due, link_checking, link_gathering, mailing, unconfirmed

logger = logging.getLogger("attest.worker")

# How often the worker asks which reviews are overdue: it is told by the day.
REMIND_EVERY = datetime.timedelta(minutes=10)
# How long the thread of links sleeps at first, and when it found nothing to do. Unit: seconds.
_LINKS_INTERVAL_SECONDS = 30


class Command(BaseCommand):
    """Run the schedule until told to stop."""

    help = "Run the schedule: publish and expire pages at their time. Ends on SIGTERM or SIGINT."

    def add_arguments(self, parser: Any) -> None:
        """``--once`` is for tests and cron."""
        parser.add_argument("--once", action="store_true", help="Look at the schedule once, then end.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, sleep, look again."""
        stop = threading.Event()
        if not options["once"]:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stop.set())
            logger.info("Worker started; it looks at the schedule every %s s", settings.WORKER_INTERVAL_SECONDS)
        if not options["once"]:
            threading.Thread(target=_keep_mailing, args=(stop,), name="mail", daemon=True).start()
            threading.Thread(target=_keep_links, args=(stop,), name="links", daemon=True).start()
        name = f"{socket.gethostname()}:{os.getpid()}"[:60]
        while not stop.is_set():
            close_old_connections()
            try:
                scheduling.run_due(timezone.now())
                card_references.prepare_all()
                Heartbeat.objects.update_or_create(name=name, defaults={"at": timezone.now()})
                Heartbeat.objects.filter(at__lt=timezone.now() - datetime.timedelta(days=1)).delete()
            except DatabaseError:
                logger.exception("The database did not answer; trying again in %s s", settings.WORKER_INTERVAL_SECONDS)
            if options["once"]:
                _look_after_links()
                _mail(with_reminders=True)
                chores.Round().do_due()
                return
            stop.wait(settings.WORKER_INTERVAL_SECONDS)
        Heartbeat.objects.filter(name=name).delete()


def _keep_mailing(stop: threading.Event) -> None:
    """Mail what is due, and do the chores, until told to stop."""
    reminded_at: datetime.datetime | None = None
    chores_of_worker = chores.Round()
    while not stop.is_set():
        close_old_connections()
        now = timezone.now()
        is_time = reminded_at is None or now - reminded_at >= REMIND_EVERY
        if _mail(with_reminders=is_time) and is_time:
            reminded_at = now
        chores_of_worker.do_due()
        stop.wait(settings.WORKER_INTERVAL_SECONDS)
    connection.close()


def _mail(*, with_reminders: bool) -> bool:
    """Look at the inbox once; ``False`` when that failed, which must never end the thread."""
    try:
        # Not beside the schedule: it mails, and a slow mail server must not make pages late.
        unconfirmed.remind_overdue(timezone.now())
        if with_reminders:
            reminders.remind_overdue(timezone.now())
            due.remind_overdue(timezone.now())
        mailing.send_due(timezone.now())
    except Exception:
        logger.exception("Notifications could not be mailed; trying again in %s s", settings.WORKER_INTERVAL_SECONDS)
        return False
    return True


def _keep_links(stop: threading.Event) -> None:
    """Look after links until told to stop: soon again while there is something to do, and never first when a worker starts."""
    wait = _LINKS_INTERVAL_SECONDS
    while not stop.wait(wait):
        close_old_connections()
        wait = settings.WORKER_INTERVAL_SECONDS if _look_after_links() else _LINKS_INTERVAL_SECONDS
    connection.close()


def _look_after_links() -> int:
    """Read the links of a few pages, tell of sources that no longer stand, ask a few addresses; how much was done."""
    try:
        done = link_gathering.gather(timezone.now())
        link_gathering.tell_of_sources()
        return done + (link_checking.ask_due() if settings.LINK_CHECKER else 0)
    except Exception:
        logger.exception("Links could not be looked after; trying again in %s s", _LINKS_INTERVAL_SECONDS)
        return 0
