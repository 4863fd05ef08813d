"""References as data: a shared library of sources that texts cite by number.

A source is entered once, with its DOI, PubMed number or address, and cited from any text. When it is found wrong or is
retracted, one row says so, and every page that cites it is known.
"""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.search import index

DOI = re.compile(r"^10\.\d{4,9}/\S+$")


class Reference(index.Indexed, models.Model):
    """A source: an article, a review, a guideline or an official page."""

    class Kind(models.TextChoices):
        """What sort of source it is; readers are told when it is a secondary one."""

        REVIEW = "systematic_review", "Systematic review"
        GUIDELINE = "guideline", "Guideline"
        STUDY = "study", "Study"
        SECONDARY = "secondary", "Secondary source"

    short_label = models.CharField(
        max_length=80, help_text="What editors see in the text, for example “Rubin 2007”. Readers see a number."
    )
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.STUDY)
    authors = models.CharField(max_length=255, blank=True, help_text="As in the citation: “Vickers AJ et al.”")
    title = models.CharField(max_length=500)
    source = models.CharField(max_length=255, blank=True, help_text="Journal or publisher.")
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    volume_pages = models.CharField(
        "volume and pages", max_length=80, blank=True, help_text="For example 25(2):353-371."
    )
    doi = models.CharField("DOI", max_length=200, blank=True, help_text="Begins with 10. – without https://doi.org/.")
    pmid = models.CharField("PubMed number", max_length=12, blank=True)
    url = models.URLField("address", max_length=500, blank=True)
    accessed = models.DateField(null=True, blank=True, help_text="When somebody last looked at the address.")
    is_retracted = models.BooleanField(
        "retracted",
        default=False,
        help_text="Tick when the source has been withdrawn. Pages that cite it need a review.",
    )
    superseded_by = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="supersedes",
        help_text="The newer source that takes its place, when it is in the library. Pages that cite this one need a look.",
    )
    superseded_note = models.CharField(
        "superseded by another source",
        max_length=255,
        blank=True,
        help_text="The newer source in words, while it is not in the library.",
    )
    superseded_on = models.DateField("superseded on", null=True, blank=True, help_text="When the newer one appeared.")

    panels = [
        FieldPanel("short_label"),
        FieldPanel("kind"),
        MultiFieldPanel(
            [
                FieldPanel("authors"),
                FieldPanel("title"),
                FieldPanel("source"),
                FieldRowPanel([FieldPanel("year"), FieldPanel("volume_pages")]),
            ],
            "Citation",
        ),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("doi"), FieldPanel("pmid")]),
                FieldRowPanel([FieldPanel("url"), FieldPanel("accessed")]),
            ],
            "Where to find it",
        ),
        MultiFieldPanel(
            [
                FieldPanel("is_retracted"),
                FieldPanel("superseded_by"),
                FieldRowPanel([FieldPanel("superseded_note"), FieldPanel("superseded_on")]),
            ],
            "Whether it still stands",
        ),
    ]
    search_fields = [
        index.SearchField("title"),
        index.SearchField("authors"),
        index.AutocompleteField("authors"),
        index.AutocompleteField("short_label"),
        index.AutocompleteField("title"),
        index.FilterField("kind"),
    ]

    class Meta:
        ordering = ["short_label"]
        constraints = [
            models.UniqueConstraint(fields=["doi"], condition=~models.Q(doi=""), name="reference_doi_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.short_label}: {self.title}"

    def clean(self) -> None:
        """Refuse a DOI or PubMed number that cannot be one, and a source that nobody could find."""
        problems = {}
        if self.doi and not DOI.match(self.doi):
            problems["doi"] = "A DOI looks like 10.1016/j.ncl.2007.01.004, without an address before it."
        if self.pmid and not (self.pmid.isascii() and self.pmid.isdigit()):
            problems["pmid"] = "A PubMed number has digits only."
        if not (self.doi or self.pmid or self.url):
            problems["url"] = "Give a DOI, a PubMed number or an address, so that readers can find the source."
        if self.superseded_by and self.superseded_note:
            problems["superseded_note"] = "Choose the newer source or describe it, not both."
        if self.superseded_on and not (self.superseded_by or self.superseded_note):
            problems["superseded_on"] = "Say which source took its place on that day."
        if self._is_in_a_circle():
            problems["superseded_by"] = "That source is superseded by this one. Choose the newest of them."
        if problems:
            raise ValidationError(problems)

    def superseded_with(self) -> str:
        """What took the place of this source, for editors: its label or its description, and the day; else nothing."""
        newer = f"“{self.superseded_by.short_label}”" if self.superseded_by else self.superseded_note
        return f"{newer} ({self.superseded_on:%-d %B %Y})" if newer and self.superseded_on else newer

    def _is_in_a_circle(self) -> bool:
        seen = {self.pk} if self.pk else set()
        newer = self.superseded_by
        while newer is not None:
            if newer.pk in seen:
                return True
            seen.add(newer.pk)
            newer = newer.superseded_by
        return False

    def citation(self) -> str:
        """The citation as readers see it, in the order authors, title, source, year and pages."""
        place = " ".join(part for part in (self.source, str(self.year or "")) if part)
        if self.volume_pages:
            place = f"{place};{self.volume_pages}"
        parts = (self.authors, self.title, place)
        return " ".join(f"{part.rstrip('.')}." for part in parts if part)

    def address(self) -> str:
        """The address that a reader can open: the DOI's, else the one on file, else PubMed's."""
        if self.doi:
            return f"https://doi.org/{self.doi}"
        if self.url:
            return self.url
        return f"https://pubmed.ncbi.nlm.nih.gov/{self.pmid}/"

    def to_public(self, number: int) -> dict[str, Any]:
        """The reference as the content API gives it, under its ``number`` in one document."""
        return {
            "number": number,
            "citation": self.citation(),
            "doi": self.doi or None,
            "pmid": self.pmid or None,
            "url": self.address(),
            "accessed": self.accessed.isoformat() if self.accessed else None,
            "kind": self.kind,
        }
