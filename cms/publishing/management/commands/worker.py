"""The worker: one process beside the web processes that does what must happen at a time, not at a request.

Two workers may run at once: each due page is claimed with a lock. The worker lives through a database that is away for a
while, and says so instead of ending.
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
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from cms.publishing import scheduling
from cms.publishing.models import Heartbeat

logger = logging.getLogger("attest.worker")


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
        name = f"{socket.gethostname()}:{os.getpid()}"[:60]
        while not stop.is_set():
            close_old_connections()
            try:
                scheduling.run_due(timezone.now())
                Heartbeat.objects.update_or_create(name=name, defaults={"at": timezone.now()})
                Heartbeat.objects.filter(at__lt=timezone.now() - datetime.timedelta(days=1)).delete()
            except DatabaseError:
                logger.exception("The database did not answer; trying again in %s s", settings.WORKER_INTERVAL_SECONDS)
            if options["once"]:
                return
            stop.wait(settings.WORKER_INTERVAL_SECONDS)
        Heartbeat.objects.filter(name=name).delete()
