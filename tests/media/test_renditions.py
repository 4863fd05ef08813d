"""Pictures: encoded when they are saved, never inside a publication, and shown in every size that exists."""

import io

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image
from wagtail import hooks

from cms.media import renditions
from cms.media.models import ClinicImage, ClinicRendition
from cms.media.renditions import prepare, public_image

BASE = "https://clinic.example"


@pytest.fixture(autouse=True)
def nothing_remembered():
    """Wagtail remembers renditions by the key of their image, and keys come again when a test is rolled back."""
    cache.clear()


def make_image(width: int = 1300, height: int = 65, **fields: object) -> ClinicImage:
    """A picture that is encoded fast: wide enough for every size, and low."""
    picture = io.BytesIO()
    Image.new("RGB", (width, height), "seagreen").save(picture, "PNG")
    values = {"title": "Room", "description": "A quiet room.", "credit": "Made-up studio", **fields}
    return ClinicImage.objects.create(file=ContentFile(picture.getvalue(), name="room.png"), **values)


def widths_in(srcset: str) -> list[int]:
    return [int(candidate.rsplit(" ", 1)[1].removesuffix("w")) for candidate in srcset.split(", ")]


def test_public_form_of_a_prepared_image(db):
    image = make_image(focal_point_x=325, focal_point_y=13, focal_point_width=10, focal_point_height=10)
    prepare(image)

    public = public_image(image, base_url=BASE)

    sources = public.pop("sources")
    src = public.pop("src")
    assert public == {
        "id": image.pk,
        "alt": "A quiet room.",
        "title": "Room",
        "width": 800,
        "height": 40,
        "focal_point": {"x": 0.25, "y": 0.2},
        "credit": "Made-up studio",
    }
    assert [(source["type"], widths_in(source["srcset"])) for source in sources] == [
        ("image/webp", [400, 800, 1200]),
        ("image/jpeg", [400, 800, 1200]),
    ]
    addresses = [candidate.split(" ")[0] for source in sources for candidate in source["srcset"].split(", ")]
    assert src in addresses
    assert all(address.startswith(f"{BASE}/media/images/") for address in addresses)
    assert len(set(addresses)) == 6
    assert all(default_storage.exists(address.removeprefix(f"{BASE}/media/")) for address in addresses)


def test_small_image_is_not_blown_up_and_no_width_is_named_twice(db):
    image = make_image(width=500, height=50)
    prepare(image)

    public = public_image(image, base_url=BASE)

    assert [widths_in(source["srcset"]) for source in public["sources"]] == [[400, 500]] * 2
    assert (public["width"], public["height"]) == (500, 50)


def test_original_serves_until_the_sizes_exist(db):
    image = make_image()

    public = public_image(image, base_url=BASE)

    assert public["sources"] == []
    assert public["src"] == f"{BASE}{image.file.url}"
    assert (public["width"], public["height"], public["focal_point"]) == (1300, 65, None)


@pytest.mark.parametrize(
    ("fields", "alt", "lacks"),
    [
        ({"description": " A quiet room. "}, "A quiet room.", False),
        ({"description": ""}, "", True),
        ({"description": "  "}, "", True),
        ({"description": "", "is_decorative": True}, "", False),
        ({"description": "A quiet room.", "is_decorative": True}, "", False),
    ],
)
def test_alternative_text(fields, alt, lacks):
    image = ClinicImage(collection_id=1, **fields)

    assert (image.alt_text(), image.lacks_alt_text()) == (alt, lacks)


def test_decorative_image_has_an_empty_alternative_text_in_public(db):
    image = make_image(width=40, height=4, is_decorative=True)

    assert public_image(image, base_url=BASE)["alt"] == ""


def test_rendering_a_page_encodes_nothing(db, django_assert_num_queries, monkeypatch):
    image = make_image(width=500, height=50)
    prepare(image)
    monkeypatch.setattr(ClinicImage, "create_renditions", lambda *args: pytest.fail("encoded"))
    ClinicRendition.objects.filter(filter_spec__contains="webp").delete()

    with django_assert_num_queries(1):
        public = public_image(image, base_url=BASE)

    assert [source["type"] for source in public["sources"]] == ["image/jpeg"]


def test_saved_image_is_prepared_after_the_commit(db, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        image = make_image(width=500, height=50)
    assert not ClinicRendition.objects.exists()

    for callback in callbacks:
        callback()

    assert ClinicRendition.objects.filter(image=image).count() == 6


def test_image_of_a_fixture_is_not_prepared(db, django_capture_on_commit_callbacks):
    image = ClinicImage(pk=1, collection_id=1, title="Room", file="room.png", width=1, height=1)

    with django_capture_on_commit_callbacks() as callbacks:
        renditions.prepare_on_save(ClinicImage, image, raw=True)

    assert callbacks == []


def test_preparing_tells_whoever_shows_the_image(db):
    image, told = make_image(width=500, height=50), []

    with hooks.register_temporarily(renditions.HOOK, lambda image: told.append(image.pk)):
        prepare(image)

    assert told == [image.pk]


def test_focal_point_leaves_the_addresses_of_the_sizes(db):
    image = make_image(width=500, height=50)
    prepare(image)
    before = public_image(image, base_url=BASE)

    image.focal_point_x, image.focal_point_y = 100, 10
    image.focal_point_width = image.focal_point_height = 10
    image.save()
    prepare(image)

    after = public_image(ClinicImage.objects.get(pk=image.pk), base_url=BASE)
    assert after["focal_point"] == {"x": 0.2, "y": 0.2}
    assert after["sources"] == before["sources"]
