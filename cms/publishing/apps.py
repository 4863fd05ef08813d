"""The ledger: the one way out to the public."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PublishingConfig(AppConfig):
    """Entries, heads, and the capture that keeps them true."""

    name = "cms.publishing"
    label = "publishing"
    verbose_name = "Publishing"

    def ready(self) -> None:
        """Watch what changes, and widen Wagtail's actions to one transaction each."""
        from cms.publishing import capture, checks, denied, facts, widening

        capture.connect()
        widening.install()
        denied.install()
        checks.register()
        post_migrate.connect(facts.watch_tables, sender=self, dispatch_uid="facts_watch_tables")
