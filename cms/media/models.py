"""Images and documents with what publishing them needs: alternative text, credit, and whether an image only decorates."""

from django.db import models
from wagtail.documents.models import AbstractDocument
from wagtail.documents.models import Document as WagtailDocument
from wagtail.images.models import AbstractImage, AbstractRendition
from wagtail.images.models import Image as WagtailImage


class ClinicImage(AbstractImage):
    """A picture. ``description`` (Wagtail's field) is its alternative text; a decorative picture has none, on purpose."""

    credit = models.CharField(
        max_length=255, blank=True, help_text="Who made the picture, as the credit line should read. Shown beside it."
    )
    is_decorative = models.BooleanField(
        "only decorates",
        default=False,
        help_text="Tick if the picture says nothing that the text does not. Screen readers then skip it.",
    )

    admin_form_fields = (*WagtailImage.admin_form_fields, "credit", "is_decorative")

    class Meta(AbstractImage.Meta):
        verbose_name = "image"
        verbose_name_plural = "images"

    def alt_text(self) -> str:
        """The alternative text: empty for a decorative picture and where nobody has written one yet."""
        return "" if self.is_decorative else self.description.strip()

    def lacks_alt_text(self) -> bool:
        """Whether the picture says something that people who cannot see it are not told."""
        return not self.is_decorative and not self.alt_text()


class ClinicRendition(AbstractRendition):
    """One encoded size of an image. Made when the image is saved, only read when a page is rendered."""

    image = models.ForeignKey(ClinicImage, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["image", "filter_spec", "focal_point_key"], name="rendition_unique_per_filter"
            )
        ]


class ClinicFile(AbstractDocument):
    """A file for download, such as a leaflet."""

    admin_form_fields = WagtailDocument.admin_form_fields

    class Meta(AbstractDocument.Meta):
        verbose_name = "document"
        verbose_name_plural = "documents"
