"""Run the schedule once. It takes the place of Wagtail's command of the same name, which one bad page can stop."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from cms.publishing import scheduling


class Command(BaseCommand):
    """Publish and expire what is due, each page in its own transaction."""

    help = "Publish approved pages whose time has come, and take down pages whose time is over."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run once and say what was done."""
        run = scheduling.run_due(timezone.now())
        self.stdout.write(f"published {len(run.published)}, expired {len(run.expired)}, refused {len(run.refused)}")
