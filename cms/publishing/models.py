"""The tables of the ledger: clock, entries, heads, and what heads are related to and depend on."""

import uuid

from django.db import models

KINDS = [(kind, kind) for kind in ("published", "updated", "moved", "withdrawn")]


class Clock(models.Model):
    """One row that counts entries. Its lock orders all publications: positions are gapless and in commit order.

    ``facts`` counts changes of what the public sees beside documents (the clinic's settings, menus, redirects, sites):
    together the two tell whether any answer can have changed. ``epoch`` names this run of the ledger; a restore from a
    backup begins another, because the positions after the backup will be given a second time.
    """

    position = models.BigIntegerField(default=0)
    facts = models.BigIntegerField(default=0)
    epoch = models.UUIDField(default=uuid.uuid4)

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="clock_is_one_row")]

    def __str__(self) -> str:
        return f"position {self.position}"


class Entry(models.Model):
    """One change of what the public can see, with the whole public document. Never changed, never deleted."""

    position = models.BigIntegerField(primary_key=True)
    document_id = models.UUIDField()
    page_id = models.BigIntegerField()
    type = models.CharField(max_length=40)
    locale = models.CharField(max_length=20)
    site_id = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=KINDS)
    reason = models.CharField(max_length=20, blank=True)
    path = models.CharField(max_length=2000)
    document = models.TextField(null=True)  # noqa: DJ001 - no document at all, which is not an empty one
    digest = models.CharField(max_length=64, blank=True)
    content_digest = models.CharField(max_length=64, blank=True)
    chain = models.CharField(max_length=64)
    revision_id = models.BigIntegerField(null=True)
    approvals = models.JSONField(default=list)
    override = models.JSONField(null=True)
    dependencies = models.JSONField(default=list)
    expires_at = models.DateTimeField(null=True)
    translation_key = models.UUIDField()
    release = models.CharField(max_length=64, blank=True)
    actor_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["position"]
        default_permissions = ("view",)
        verbose_name_plural = "entries"
        indexes = [
            models.Index(fields=["document_id", "-position"], name="entry_by_document"),
            models.Index(fields=["path", "position"], name="entry_by_path"),
            models.Index(fields=["at", "position"], name="entry_by_time"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(position__gt=0), name="entry_position_positive"),
            models.CheckConstraint(
                condition=models.Q(kind="withdrawn", document__isnull=True) | models.Q(document__isnull=False),
                name="entry_document_unless_withdrawn",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="withdrawn") | ~models.Q(approvals=[]) | models.Q(override__isnull=False),
                name="entry_public_needs_approval",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.kind} {self.path}"


class Head(models.Model):
    """The newest entry of a page that the public can see: what lists order by, and the bytes that are served."""

    document_id = models.UUIDField(primary_key=True)
    page_id = models.BigIntegerField(unique=True)
    site_id = models.BigIntegerField()
    locale = models.CharField(max_length=20)
    type = models.CharField(max_length=40)
    slug = models.CharField(max_length=255)
    path = models.CharField(max_length=2000)
    title = models.CharField(max_length=255)
    published_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    review_due = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    translation_key = models.UUIDField()
    parent_id = models.UUIDField(null=True)
    position = models.BigIntegerField(unique=True)
    digest = models.CharField(max_length=64)
    content_digest = models.CharField(max_length=64)
    revision_id = models.BigIntegerField(null=True)
    approvals = models.JSONField(default=list)
    override = models.JSONField(null=True)
    # Before the long texts: SQLite reads a row from its beginning.
    reference = models.TextField()
    card = models.TextField()
    document = models.TextField()
    text = models.TextField()

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["path", "site_id"], name="head_by_path"),
            models.Index(fields=["type", "slug"], name="head_by_slug"),
            # A list goes along one of these, in either direction, and stops when its page is full.
            models.Index(fields=["site_id", "type", "published_at", "document_id"], name="head_by_publication"),
            models.Index(fields=["site_id", "type", "updated_at", "document_id"], name="head_by_update"),
            models.Index(fields=["site_id", "type", "reviewed_at", "document_id"], name="head_by_review"),
            models.Index(fields=["site_id", "type", "title", "document_id"], name="head_by_title"),
            models.Index(fields=["site_id", "published_at", "document_id"], name="head_of_site_by_publication"),
            models.Index(fields=["site_id", "updated_at", "document_id"], name="head_of_site_by_update"),
            models.Index(fields=["expires_at"], condition=models.Q(expires_at__isnull=False), name="head_by_expiry"),
            models.Index(fields=["translation_key"], name="head_by_translation"),
            models.Index(fields=["parent_id", "title"], name="head_by_parent"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.path}"


class HeadRelation(models.Model):
    """A tie from one public document to another, which may or may not be public: reading joins only those that are.

    Type and publication of the source are repeated here, so that "articles about insomnia, newest first" is one walk along
    an index, however many articles there are.
    """

    source = models.ForeignKey(Head, on_delete=models.CASCADE, related_name="relations")
    kind = models.CharField(max_length=20)
    target_id = models.UUIDField()
    order = models.PositiveIntegerField()
    note = models.TextField(blank=True)
    source_type = models.CharField(max_length=40)
    source_published_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        ordering = ["order"]
        indexes = [
            models.Index(fields=["source", "kind", "order", "target_id"], name="relation_by_source"),
            models.Index(
                fields=["target_id", "kind", "source_type", "source_published_at", "source"], name="relation_by_target"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.target_id}"


class CardReferences(models.Model):
    """The references that lists show beside the card of a head, as JSON text; ``None`` while it is not ready.

    A table of its own: a row of heads is wide, and a change of one page may make the texts of a thousand others unready.
    """

    source = models.OneToOneField(Head, on_delete=models.CASCADE, primary_key=True, related_name="card_references")
    written = models.TextField(null=True)  # noqa: DJ001 - not ready, which is not empty

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["source"], condition=models.Q(written__isnull=True), name="card_references_unready")
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.written}"


class Tally(models.Model):
    """How many heads there are of a site, language and type: all of them, or those with one kind of tie to one document.

    A list says how many documents it has in all; counting a hundred thousand rows for each page of twenty would take longer
    than everything else. Kept by the ledger under the clock's lock, so it is exact.
    """

    site_id = models.BigIntegerField()
    type = models.CharField(max_length=40)
    locale = models.CharField(max_length=20)
    kind = models.CharField(max_length=20, blank=True)
    target_id = models.UUIDField()
    heads = models.BigIntegerField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["site_id", "type", "target_id", "kind", "locale"], name="tally_is_one_row")
        ]

    def __str__(self) -> str:
        return f"{self.heads} of type {self.type}"


class Dependency(models.Model):
    """Something that a public document shows from outside its page: when it changes, the page is rendered again."""

    source = models.ForeignKey(Head, on_delete=models.CASCADE, related_name="dependencies")
    kind = models.CharField(max_length=20)
    object_id = models.BigIntegerField()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["kind", "object_id"], name="dependency_by_object")]

    def __str__(self) -> str:
        return f"{self.source_id} needs {self.kind} {self.object_id}"


class ScheduleFailure(models.Model):
    """A page whose time came and which the gate did not admit: shown to its owner, tried again when it changes."""

    page_id = models.BigIntegerField()
    revision_id = models.BigIntegerField(unique=True)
    findings = models.JSONField(default=list)
    at = models.DateTimeField()

    class Meta:
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"page {self.page_id} at {self.at:%Y-%m-%d %H:%M}"


class Heartbeat(models.Model):
    """When each worker last said that it lives."""

    name = models.CharField(max_length=60, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.name} {self.at:%H:%M:%S}"
