"""Load the demo clinic and print where to look and how to log in."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cms.demo import people
from cms.demo.loading import DemoIncomplete, DemoLoader
from cms.publishing import capture
from cms.publishing.models import Head


class Command(BaseCommand):
    """Idempotent: a second run only sets the passwords again and prints the addresses."""

    help = "Load the demo clinic: pages with a past, people with roles. Safe to run again."

    def add_arguments(self, parser: Any) -> None:
        """``--quiet`` is for tests."""
        parser.add_argument("--quiet", action="store_true", help="No progress bars.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, then say where everything is."""
        try:
            is_new = DemoLoader(with_progress=not options["quiet"]).load()
        except DemoIncomplete:
            raise CommandError(
                "An earlier run of the demo was stopped halfway. Start afresh with: make clean-demo demo"
            ) from None
        self.stdout.write("The demo clinic is loaded." if is_new else "The demo clinic is here already.")
        if Head.objects.exclude(card__contains=f'"url":"{settings.PUBLIC_BASE_URL}/').exists():
            # The demo is served under another address than the last time: every recorded address changes with it.
            capture.touch(everything=True)
            self.stdout.write(f"Addresses now begin with {settings.PUBLIC_BASE_URL}.")
        self.stdout.write(addresses())


def addresses() -> str:
    """Addresses and logins, as a newcomer needs them."""
    base = settings.PUBLIC_BASE_URL
    rows = "\n".join(f"    {login.username:<8} {login.role}" for login in people.LOGINS)
    return f"""
  Readers' pages    {base}/
  Editors' desk     {base}/admin/
  Content API       {base}/api/v1/articles
  API docs          {base}/api/v1/docs

  Logins (password: {people.password()})
{rows}
"""
