"""``ledger verify`` proves that the ledger is sound; ``ledger rebuild`` makes heads anew from its entries.

``ledger new-epoch`` is for after a restore: consumers that saw what the backup does not have are told to start again.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cms.publishing import ledger, verifying
from cms.publishing.models import Clock


class Command(BaseCommand):
    """Verify, rebuild, or begin a new epoch."""

    help = (
        "verify: prove that chain, heads and page tree agree. rebuild: make heads anew from the entries. "
        "new-epoch: after a restore, send every consumer of /changes back to the start."
    )

    def add_arguments(self, parser: Any) -> None:
        """The one argument says what to do."""
        parser.add_argument("what", choices=["verify", "rebuild", "new-epoch"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it; ends with an error when something does not agree."""
        if options["what"] == "rebuild":
            self.stdout.write(f"{verifying.rebuild()} heads made from the ledger")
            return
        if options["what"] == "new-epoch":
            self.stdout.write(f"The ledger runs in epoch {ledger.begin_epoch()} now; consumers of /changes start again")
            return
        found = list(verifying.problems())
        for sentence in found:
            self.stderr.write(sentence)
        if found:
            raise CommandError(f"{len(found)} problems found.")
        position = Clock.objects.values_list("position", flat=True).get(pk=1)
        self.stdout.write(f"The ledger is sound: {position} entries, chain, heads and page tree agree.")
