"""What editors teach the search: other words for things, pages that come first, and notices for emergencies.

The words of pages, and the other names of conditions, are found by the index itself. Here stands only what no page says.
Each row holds for one site and one language, or for all of them.
"""

import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, Q, When
from django.utils import timezone
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.models import Orderable

from cms.pages.models import PublicPage
from search.phrases import MAX_LENGTH, lines_of, phrase_of, problem_with, repeated_in

MAX_MEANINGS = 10
MAX_PROMOTED = 5
MAX_NOTICE_PHRASES = 40


class Scoped(models.Model):
    """For which site and which language something holds."""

    site = models.ForeignKey(
        "wagtailcore.Site",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="Leave empty for every site.",
    )
    locale = models.CharField(
        "language", max_length=20, blank=True, help_text="Leave empty for every language of the site."
    )

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Refuse a language that the site is not written in."""
        super().clean()
        if self.locale and self.locale not in dict(settings.WAGTAIL_CONTENT_LANGUAGES):
            raise ValidationError({"locale": f"No page is written in “{self.locale}”."})


class Phrased(Scoped):
    """Something that is found by one phrase; there is one of its kind for a phrase, a site and a language."""

    phrase = models.CharField(max_length=MAX_LENGTH)
    # The phrase as it is compared; kept so that the database itself refuses a second one.
    folded = models.CharField(max_length=2 * MAX_LENGTH, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **options: Any) -> None:
        """Keep the compared form beside the phrase."""
        self.folded = phrase_of(self.phrase)
        super().save(*args, **options)

    def clean(self) -> None:
        """Refuse a phrase without words, one that is too long, and one that is there already."""
        super().clean()
        self.phrase = " ".join(self.phrase.split())
        if problem := problem_with(self.phrase):
            raise ValidationError({"phrase": problem})
        same = type(self)._default_manager.filter(folded=phrase_of(self.phrase), locale=self.locale, site=self.site)
        if there := same.exclude(pk=self.pk).first():
            raise ValidationError(
                {
                    "phrase": f"“{there.phrase}” is there already. Capitals, accents and punctuation make no difference: "
                    "change that one instead."
                }
            )


def _once(name: str) -> list[models.BaseConstraint]:
    # Two constraints, because to SQLite no two rows without a site are alike.
    return [
        models.UniqueConstraint(fields=["folded", "locale"], condition=Q(site=None), name=f"{name}_once_everywhere"),
        models.UniqueConstraint(
            fields=["folded", "locale", "site"], condition=Q(site__isnull=False), name=f"{name}_once_on_a_site"
        ),
    ]


class Synonym(Phrased):
    """A phrase that people type, and what they mean by it."""

    meanings = models.TextField(
        "means",
        max_length=MAX_MEANINGS * (MAX_LENGTH + 2),
        help_text="What the pages call it, for example “tobacco dependence”. One phrase on each line, up to ten.",
    )
    is_both_ways = models.BooleanField(
        "both ways",
        default=False,
        help_text="Tick when people who type the other phrase look for this one as well: “hay fever” and “allergic rhinitis”.",
    )

    class Meta:
        ordering = ["folded", "locale"]
        constraints = _once("synonym")

    def __str__(self) -> str:
        return f"{self.phrase} → {', '.join(lines_of(self.meanings))}"

    def clean(self) -> None:
        """Refuse meanings that say nothing, say the phrase itself, or say the same twice."""
        super().clean()
        meanings = lines_of(self.meanings)
        if problem := self._problem(meanings):
            raise ValidationError({"meanings": problem})
        self.meanings = "\n".join(meanings)

    def _problem(self, meanings: list[str]) -> str:
        if len(meanings) > MAX_MEANINGS:
            return f"Up to {MAX_MEANINGS} phrases; these are {len(meanings)}."
        if problem := next((found for text in meanings if (found := problem_with(text))), ""):
            return problem
        if any(phrase_of(text) == phrase_of(self.phrase) for text in meanings):
            return (
                f"“{self.phrase}” means itself already: the search looks for what was typed in any case. Leave it out."
            )
        if twice := repeated_in(meanings):
            return f"“{twice}” is there twice."
        return "" if meanings else "Type at least one word."


class Promotion(Phrased, ClusterableModel):  # type: ignore[django-manager-missing]  # clusters have no stubs
    """A phrase, and the pages that come first for it."""

    starts_at = models.DateTimeField("from", null=True, blank=True, help_text="Leave empty to begin at once.")
    ends_at = models.DateTimeField("until", null=True, blank=True, help_text="Leave empty for no end.")
    # Kept by the worker: the change of this value is what tells caches that a time has come.
    is_running = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ["folded", "locale"]
        verbose_name = "promoted result"
        constraints = [
            *_once("promotion"),
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(starts_at__lt=models.F("ends_at")),
                name="promotion_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return self.phrase

    def save(self, *args: Any, **options: Any) -> None:
        """Begin at once when it is time."""
        now = timezone.now()
        self.is_running = (self.starts_at is None or self.starts_at <= now) and (
            self.ends_at is None or now < self.ends_at
        )
        super().save(*args, **options)

    def clean(self) -> None:
        """Refuse a time that is over before it begins."""
        super().clean()
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": "The end comes after the beginning."})


class PromotedPage(Orderable):
    """A page that comes first, in its place."""

    promotion = ParentalKey(Promotion, on_delete=models.CASCADE, related_name="promoted_pages")
    # A page that is deleted is not promoted any more; that is no reason to keep it.
    page = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="+")

    class Meta(Orderable.Meta):
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["promotion", "page"], name="promoted_page_once")]

    def __str__(self) -> str:
        return f"{self.promotion_id}: page {self.page_id}"

    def clean(self) -> None:
        """Refuse a page that can never become public."""
        super().clean()
        if self.page_id and not isinstance(self.page.specific, PublicPage):
            raise ValidationError({"page": "This page is never shown to readers. Choose another."})


def mark_running(now: datetime.datetime) -> int:
    """Mark which promotions are running at ``now``; how many began or ended.

    Reading judges by the time itself. The mark is for whoever keeps answers: its change advances the clock. Where nothing is to
    change, nothing is written.
    """
    running = (Q(starts_at=None) | Q(starts_at__lte=now)) & (Q(ends_at=None) | Q(ends_at__gt=now))
    changed = Promotion.objects.filter(Q(running, is_running=False) | Q(~running, is_running=True))
    keys = list(changed.values_list("pk", flat=True))
    if keys:
        Promotion.objects.filter(pk__in=keys).update(is_running=Case(When(running, then=True), default=False))
    return len(keys)


class Notice(Scoped):
    """What stands above the results when somebody types words that may be an emergency."""

    title = models.CharField(max_length=100, help_text="In a few plain words, for example “If this is an emergency”.")
    message = models.TextField(
        max_length=400, help_text="What to do now, in one to three short sentences. Have a clinician read it."
    )
    telephone = models.CharField(
        max_length=40,
        blank=True,
        help_text="The number that the button calls, for example 911. Leave empty for no button.",
    )
    phrases = models.TextField(
        max_length=MAX_NOTICE_PHRASES * (MAX_LENGTH + 2),
        help_text="Shown when one of these occurs in a search, as whole words. One phrase on each line.",
    )

    class Meta:
        ordering = ["title", "pk"]
        verbose_name = "emergency notice"

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Refuse phrases that say nothing or the same twice, and a number without digits."""
        problems: dict[str, Any] = {}
        try:
            super().clean()
        except ValidationError as refused:
            problems |= refused.error_dict
        phrases = lines_of(self.phrases)
        if len(phrases) > MAX_NOTICE_PHRASES:
            problems["phrases"] = f"Up to {MAX_NOTICE_PHRASES} phrases; these are {len(phrases)}."
        elif problem := next((found for text in phrases if (found := problem_with(text))), ""):
            problems["phrases"] = problem
        elif twice := repeated_in(phrases):
            problems["phrases"] = f"“{twice}” is there twice."
        elif not phrases:
            problems["phrases"] = "Type at least one word."
        if self.telephone and not any(character.isdigit() for character in self.telephone):
            problems["telephone"] = "A telephone number has digits."
        if problems:
            raise ValidationError(problems)
        self.phrases = "\n".join(phrases)

    def telephone_href(self) -> str:
        """The ``tel:`` address of the number; empty when there is none."""
        digits = "".join(character for character in self.telephone if character.isdigit() or character == "+")
        return f"tel:{digits}" if digits else ""
