"""What is known of addresses outside: which pages lead there, when each was last asked, and what came back.

Only the worker asks. A check of a page reads these rows, so that no save ever waits for somebody else's server.
"""

import hashlib

from django.db import models
from django.db.models import Case, Value, When


class LinkState(models.TextChoices):
    """What an address is worth to a reader, as far as it is known."""

    DEAD = "dead", "Dead"
    REDIRECTS = "redirects", "Moved"
    FAILING = "failing", "Failing, not dead yet"
    UNCLEAR = "unclear", "Could not be checked"
    UNASKED = "unasked", "Not asked yet"
    GOOD = "good", "Good"


class LinkHost(models.Model):
    """A host, and when its next turn may begin: however many workers run, it is asked one thing at a time."""

    host = models.CharField(max_length=255, primary_key=True)
    free_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.host


class ExternalAddress(models.Model):
    """One address outside. Unique by ``digest``, because databases index no text of 2,000 characters.

    ``failing_since`` is the first answer that was not good since the last good one; ``missing_since`` the first that said the
    address is gone, and ``missing_count`` how many did. ``is_wanted``: somebody asked for an answer now.
    """

    digest = models.CharField(max_length=64, unique=True)
    address = models.CharField(max_length=2000)
    host = models.ForeignKey(LinkHost, on_delete=models.PROTECT, related_name="addresses")
    state = models.CharField(max_length=10, choices=LinkState.choices, default=LinkState.UNASKED)
    status = models.PositiveSmallIntegerField("answer", null=True)
    reason = models.CharField(max_length=20, blank=True)
    redirects_to = models.CharField("new address", max_length=2000, blank=True)
    asked_at = models.DateTimeField("last asked", null=True)
    failing_since = models.DateTimeField(null=True)
    missing_since = models.DateTimeField(null=True)
    missing_count = models.PositiveSmallIntegerField(default=0)
    ask_at = models.DateTimeField("next asked")
    is_wanted = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()
        ordering = ["address"]
        indexes = [models.Index(fields=["ask_at"], name="external_address_due")]

    def __str__(self) -> str:
        return self.address


class AddressUse(models.Model):
    """Where an address is used: in a page, by a reference of the library, by a page that cites it, or in settings of a site.

    A page's own link has no ``reference``; a reference that nobody cites has no ``page``; settings have neither.
    """

    address = models.ForeignKey(ExternalAddress, on_delete=models.CASCADE, related_name="uses")
    page = models.ForeignKey("wagtailcore.Page", null=True, on_delete=models.CASCADE, related_name="+")
    reference = models.ForeignKey("pages.Reference", null=True, on_delete=models.CASCADE, related_name="+")
    setting = models.CharField(
        max_length=120,
        blank=True,
        help_text="Which settings of which site: label of the model, colon, key of the site.",
    )
    # It tells where links are; that is no use of a page that would stand against deleting it.
    wagtail_reference_index_ignore = True

    is_public = models.BooleanField(default=False, help_text="In the public words; else only in the newest draft.")

    class Meta:
        default_permissions = ()
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(page__isnull=False) | models.Q(reference__isnull=False) | ~models.Q(setting=""),
                name="address_use_is_somewhere",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.address} in {self.page or self.reference or self.setting}"


class LinkReading(models.Model):
    """When the links of a page were last read from its draft and its public words."""

    wagtail_reference_index_ignore = True

    page = models.OneToOneField(
        "wagtailcore.Page", on_delete=models.CASCADE, related_name="link_reading", primary_key=True
    )
    read_at = models.DateTimeField()
    was_live = models.BooleanField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.page} read at {self.read_at}"


def digest_of(address: str) -> str:
    """The key under which ``address`` is kept."""
    return hashlib.sha256(address.encode()).hexdigest()


def urgency() -> Case:
    """The order in which people want to see states: what is wrong first."""
    return Case(*(When(state=state, then=Value(place)) for place, state in enumerate(LinkState)), default=Value(9))
