"""What opens the content API beyond what is public: keys for programs, and tokens that show one draft.

Neither row can be turned back into what it opens: only a SHA-256 digest is kept, which is enough against guessing because
both secrets are 256 random bits, and cheap enough to be asked at every request.
"""

from django.conf import settings
from django.db import models


class Scope(models.TextChoices):
    """What a key allows. Nothing follows from anything else: a key has exactly the scopes that it was given."""

    CONTENT_READ = "content:read", "Read published content, while reading is not open to everybody"
    CONTENT_PREVIEW = "content:preview", "Read drafts"
    CONTENT_HISTORY = "content:history", "Read what the public saw at any time"
    WEBHOOKS_MANAGE = "webhooks:manage", "Manage webhooks"
    CONTENT_WRITE = "content:write", "Write drafts"


class Refusal(models.TextChoices):
    """Why a request with a key that there is was refused. Whoever sent it is not told; the list of keys tells."""

    SECRET = "secret", "wrong secret"
    REVOKED = "revoked", "revoked"
    EXPIRED = "expired", "expired"
    SUSPENDED = "suspended", "its maker may not make keys"
    SCOPE = "scope", "scope missing"


class ApiKey(models.Model):
    """A program's key. ``owner`` is who made it; none for a key that was made on the server's command line."""

    name = models.CharField(max_length=100, help_text="Which program uses it, and where: “Website, production”.")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="api_keys", editable=False
    )
    prefix = models.CharField(max_length=8, unique=True, editable=False)
    secret_digest = models.CharField(max_length=64, editable=False)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(editable=False)
    expires_at = models.DateTimeField(
        "expires", null=True, blank=True, help_text="From when it no longer works. Leave empty for a key that stays."
    )
    last_used_at = models.DateTimeField("last used", null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)
    last_refused_at = models.DateTimeField("last refused", null=True, editable=False)
    last_refusal = models.CharField(max_length=10, choices=Refusal.choices, blank=True, editable=False)
    refused_count = models.PositiveBigIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = "API key"
        default_permissions = ("add", "delete", "view")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"


class PreviewToken(models.Model):
    """A token that shows one draft for a while: the newest revision of a page, or one revision with exactly its words."""

    # Plain numbers: a token must neither keep a page from being deleted nor vanish unseen when it is.
    page_id = models.BigIntegerField()
    revision_id = models.BigIntegerField(null=True, help_text="Empty: whichever revision is the newest.")
    content_digest = models.CharField(
        max_length=64, blank=True, help_text="Of the words of that revision, because autosave rewrites revisions."
    )
    issuer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="preview_tokens")
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    token_digest = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["-issued_at", "-pk"]
        default_permissions = ()
        indexes = [models.Index(fields=["page_id", "expires_at"], name="preview_token_by_page")]

    def __str__(self) -> str:
        return f"page {self.page_id} until {self.expires_at:%Y-%m-%d %H:%M}"
