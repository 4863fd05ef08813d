"""The fixed list of encoded sizes, when they are made, and the public form of an image.

Encoding takes time, so it happens when an image is saved and never inside a publication:
rendering a page only reads what is there.
"""

from typing import Any, TypedDict

from django.db import transaction
from wagtail import hooks

from cms.media.models import ClinicImage, ClinicRendition

WIDTHS = (400, 800, 1200)
# No AVIF: measured on the pictures of the demo at 800 pixels, it takes over 20 times as long to encode as WebP and saves nothing.
FORMATS: dict[str, tuple[int, ...]] = {"webp": WIDTHS, "jpeg": WIDTHS}
SPECS: dict[str, tuple[str, ...]] = {
    name: tuple(f"width-{width}|format-{name}" for width in widths) for name, widths in FORMATS.items()
}
FALLBACK_SPEC = "width-800|format-jpeg"
# Called with an image when its sizes have been made: a document that was published meanwhile can show them now.
HOOK = "renditions_prepared"


class FocalPoint(TypedDict):
    """Where the subject is: shares of width and height, 0 to 1, from the upper left corner."""

    x: float
    y: float


class Source(TypedDict):
    """One ``<source>`` of a picture: a media type and its ``srcset``."""

    type: str
    srcset: str


class PublicImage(TypedDict):
    """An image as the content API gives it. Addresses are absolute; ``width`` and ``height`` are those of ``src``."""

    id: int
    alt: str
    title: str
    width: int
    height: int
    focal_point: FocalPoint | None
    credit: str
    src: str
    sources: list[Source]


def prepare(image: ClinicImage) -> None:
    """Make every encoded size of ``image`` that is missing."""
    image.get_renditions(*(spec for specs in SPECS.values() for spec in specs))
    for tell in hooks.get_hooks(HOOK):
        tell(image)


def prepare_on_save(sender: type[ClinicImage], instance: ClinicImage, raw: bool = False, **kwargs: Any) -> None:
    """Receiver of ``post_save``: prepare after the commit, when the file is there to stay."""
    if not raw:
        transaction.on_commit(lambda: prepare(instance))


def public_image(image: ClinicImage, *, base_url: str) -> PublicImage:
    """The public form of ``image``, from the sizes that exist; the original serves until they do."""
    by_spec: dict[str, ClinicRendition] = {
        rendition.filter_spec: rendition for rendition in sorted(image.renditions.all(), key=lambda made: made.pk)
    }
    sources: list[Source] = []
    for name, specs in SPECS.items():
        made = sorted({by_spec[spec] for spec in specs if spec in by_spec}, key=lambda rendition: rendition.width)
        if made:
            unique = {rendition.width: rendition for rendition in made}
            srcset = ", ".join(f"{base_url}{rendition.url} {width}w" for width, rendition in unique.items())
            sources.append({"type": f"image/{name}", "srcset": srcset})
    fallback = by_spec.get(FALLBACK_SPEC)
    width, height = (fallback.width, fallback.height) if fallback else (image.width, image.height)
    return {
        "id": image.pk,
        "alt": image.alt_text(),
        "title": image.title,
        "width": width,
        "height": height,
        "focal_point": _focal_point_of(image),
        "credit": image.credit,
        "src": f"{base_url}{fallback.url if fallback else image.file.url}",
        "sources": sources,
    }


def _focal_point_of(image: ClinicImage) -> FocalPoint | None:
    if not image.has_focal_point():
        return None
    point = image.get_focal_point()
    return {"x": round(point.centroid.x / image.width, 4), "y": round(point.centroid.y / image.height, 4)}
