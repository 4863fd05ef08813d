"""A page becomes its public document: whole documents once, then what makes them differ."""

import datetime
import io
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db import transaction
from PIL import Image
from wagtail.embeds.models import Embed
from wagtail.models import Page

from articles.models import ArticlePage
from cms.media.models import ClinicFile, ClinicImage
from cms.media.renditions import prepare
from cms.pages import relations
from cms.pages.identity import document_id_of
from cms.pages.models import PublicPage, lines_of, months_after
from cms.pages.references import Reference
from cms.pages.rendering import Neighbour, Rendering, Signature, reading_minutes, time_of
from cms.pages.words import readable_text, searchable_text
from cms.publishing import ledger
from cms.publishing.ledger import text_of
from cms.publishing.models import Entry, Head
from home.models import HomePage
from services.models import ConditionPage, ServicePage
from tests.factories import Clinic, draft

SNAPSHOTS = Path(__file__).parent / "snapshots"
PUBLISHED = datetime.datetime(2026, 1, 31, 9, 0, tzinfo=datetime.UTC)
REVIEWED = datetime.datetime(2026, 1, 30, 15, 30, tzinfo=datetime.UTC)
UPDATED = datetime.datetime(2026, 2, 28, 23, 59, 59, 999_999, tzinfo=datetime.UTC)


class ClinicWorld:
    """A world in which every page of the clinic is public, except those in ``hidden``."""

    base_url = "https://clinic.example"

    def __init__(self, hidden: set[int] = frozenset()) -> None:  # type: ignore[assignment]
        self.hidden = hidden
        self.pages = {page.pk: page for page in Page.objects.filter(depth__gt=1).select_related("locale").specific()}
        self.root = HomePage.objects.get().url_path

    def path_of(self, page: Any) -> str:
        return f"/{page.url_path.removeprefix(self.root)}"

    def neighbour(self, page_id: int) -> Neighbour | None:
        page = self.pages.get(page_id)
        if page is None or page_id in self.hidden:
            return None
        credentials = getattr(page, "credentials", "")
        return Neighbour(document_id_of(page), page.document_type, page.title, self.path_of(page), credentials)

    def reference(self, key: int) -> Reference | None:
        return Reference.objects.filter(pk=key).first()


@pytest.fixture
def library(clinic: Clinic, settings: Any, tmp_path: Path) -> dict[str, Any]:
    """A picture, a file, a video and a second source, under keys that never change."""
    settings.MEDIA_ROOT = tmp_path
    cache.clear()
    picture = io.BytesIO()
    Image.new("RGB", (900, 45), "seagreen").save(picture, "PNG")
    image = ClinicImage.objects.create(
        pk=9001,
        title="Room",
        description="A quiet room.",
        credit="Made-up studio",
        file=ContentFile(picture.getvalue(), name="room.png"),
        **{"focal_point_x": 225, "focal_point_y": 9, "focal_point_width": 10, "focal_point_height": 10},
    )
    prepare(image)
    file = ClinicFile.objects.create(
        pk=9002, title="Leaflet", file=ContentFile(b"%PDF-made-up", name="leaflet.pdf"), file_size=12
    )
    Embed.objects.create(
        url="https://video.example/1", max_width=None, hash="1", type="video", title="A video", provider_name="Video"
    )
    review = Reference.objects.create(
        short_label="NCCIH", kind="secondary", title="Acupuncture: what you need to know", source="NCCIH",
        url="https://www.nccih.nih.gov/health/acupuncture", accessed=datetime.date(2026, 1, 2),
    )  # fmt: skip
    return {"image": image, "file": file, "review": review}


def numbered(blocks: list[tuple[str, Any]]) -> list[dict[str, Any]]:
    """Blocks with ids that never change."""
    return [{"type": kind, "value": value, "id": f"block-{n}"} for n, (kind, value) in enumerate(blocks, start=1)]


def cite(reference: Reference) -> str:
    return f'<a linktype="reference" id="{reference.pk}">[{reference.short_label}]</a>'


def fill(clinic: Clinic, library: dict[str, Any]) -> dict[str, PublicPage]:
    """The clinic's pages by type, filled in memory so that every field and every block shows."""
    image, file, review = library["image"], library["file"], library["review"]
    study = clinic.reference
    link = f'<a linktype="page" id="{clinic.insomnia.pk}">insomnia</a>'
    for number, page in enumerate(Page.objects.order_by("path"), start=1):
        Page.objects.filter(pk=page.pk).update(translation_key=uuid.UUID(int=number))

    def page(kept: PublicPage, **fields: Any) -> Any:
        found = type(kept).objects.get(pk=kept.pk)
        for name, value in fields.items():
            setattr(found, name, value)
        return found

    article = page(
        clinic.article,
        image=image,
        seo_title="Sleeping better, gently",
        search_description="What helps people sleep.",
        canonical_url="https://elsewhere.example/sleeping-better/",
        disclaimer="This page is general.",
        action_title="Questions?",
        action_text="We are glad to help.",
        action_label="See our services",
        action_page=Page.objects.get(pk=clinic.services.pk),
        body=numbered(
            [
                ("heading", {"level": "2", "text": "Rest & sleep"}),
                ("paragraph", f"<p>Rest helps with {link}{cite(review)}, as <b>studies</b> say{cite(study)}.</p>"),
                ("heading", {"level": "3", "text": "Rest & sleep"}),
                ("image", {"image": image.pk, "caption": "<p>Where we <i>work</i>.</p>"}),
                ("quote", {"text": "It was quiet.", "attribution": "A made-up visitor"}),
                ("callout", {"kind": "warning", "title": "Ask first", "text": "<p>If you take medicines.</p>"}),
                ("steps", {"title": "In the evening", "steps": [{"title": "Dim the light", "text": "<p>Early.</p>"}]}),
                ("list", {"ordered": True, "items": ["<p>One</p>", "<p>Two</p>"]}),
                (
                    "table",
                    {
                        "caption": "Visits",
                        "columns": [{"type": "text", "heading": "Visit"}, {"type": "text", "heading": "Minutes"}],
                        "rows": [{"values": ["<p>First</p>", f"<p>60{cite(review)}</p>"]}],
                    },
                ),
                ("faq", {"title": "Asked", "questions": [{"question": "Does it hurt?", "answer": "<p>Rarely.</p>"}]}),
                ("key_facts", {"title": "In short", "facts": ["<p>Rest.</p>"]}),
                ("statistic", {"figure": "10–60", "label": "minutes", "reference": study.pk}),
                ("embed", "https://video.example/1"),
                ("document", file.pk),
                ("call_to_action", {"title": "", "text": "", "label": "Call", "page": None, "url": "tel:+1555"}),
            ]
        ),
        service_links=[relations.ServiceLink(service=clinic.acupuncture)],
        topic_links=[relations.TopicLink(topic=clinic.topic)],
        related_links=[relations.RelatedLink(target=Page.objects.get(pk=clinic.acupuncture.pk))],
    )
    condition = page(
        clinic.insomnia,
        icd10="G47.00\nF51.01",
        emergency_signs=numbered([("sign", "<p>Chest pain.</p>")]),
        soon_signs=numbered([("sign", "<p>You have slept badly for weeks.</p>")]),
        overview=numbered([("paragraph", "<p>Many people sleep badly at times.</p>")]),
        symptoms=numbered([("list", {"ordered": False, "items": ["<p>Lying awake</p>"]})]),
        causes=numbered([("paragraph", f"<p>Worry is one{cite(study)}.</p>")]),
        risk_factors=numbered([("paragraph", "<p>Night work.</p>")]),
        self_care=numbered([("key_facts", {"title": "", "facts": ["<p>Keep hours.</p>"]})]),
        faqs=numbered([("question", {"question": "Will it pass?", "answer": "<p>Often.</p>"})]),
        treatment_links=[
            relations.TreatmentLink(
                service=clinic.acupuncture, evidence=f"<p>Small studies{cite(review)}; risks are minor.</p>"
            )
        ],
        topic_links=[relations.TopicLink(topic=clinic.topic)],
    )
    service = page(
        clinic.acupuncture,
        what_to_expect=numbered([("paragraph", "<p>You lie down and rest.</p>")]),
        course_of_treatment=numbered([("statistic", {"figure": "4–8", "label": "visits", "reference": review.pk})]),
        precautions=numbered([("callout", {"kind": "warning", "title": "", "text": "<p>Blood thinners.</p>"})]),
        preparation=numbered([("paragraph", "<p>Eat something light.</p>")]),
        aftercare=numbered([("paragraph", "<p>Drink water.</p>")]),
        faqs=numbered([("question", {"question": "Does it hurt?", "answer": "<p>Rarely.</p>"})]),
        booking_url="https://booking.example/",
        provider_links=[relations.ProviderLink(person=clinic.reviewer)],
        condition_links=[relations.ConditionLink(condition=clinic.insomnia)],
        topic_links=[relations.TopicLink(topic=clinic.topic)],
    )
    return {
        "home": page(
            clinic.home,
            hero_title="Rest well",
            hero_text=f"<p>We help with {link}.</p>",
            featured_links=[relations.FeaturedLink(target=Page.objects.get(pk=clinic.article.pk))],
        ),
        "standard": page(clinic.team, og_image=image, body=numbered([("paragraph", "<p>Six people.</p>")])),
        "person": page(
            clinic.reviewer,
            languages="English\n Spanish \n\n",
            biography=numbered([("paragraph", "<p>A made-up person.</p>")]),
            service_links=[relations.ServiceLink(service=clinic.acupuncture)],
        ),
        "article_index": page(clinic.articles),
        "article": article,
        "topic": page(clinic.topic),
        "service_index": page(clinic.services),
        "service": service,
        "condition_index": page(clinic.conditions),
        "condition": condition,
    }


def signatures(clinic: Clinic, page: PublicPage) -> tuple[Signature, ...]:
    signers = {"editorial": clinic.writer.pk, "clinical": clinic.reviewer.pk}
    return tuple(Signature(stage, signers[stage], REVIEWED) for stage in page.required_stages)


def document_of(clinic: Clinic, page: PublicPage, world: ClinicWorld | None = None) -> dict[str, Any]:
    """The public document of ``page`` as the ledger would record it at fixed times."""
    rendered = page.render(
        world or ClinicWorld(), signatures=signatures(clinic, page), published_at=PUBLISHED, updated_at=UPDATED
    )
    place = ledger.Place(document_id_of(page), page.pk, page.document_type, "en", 1, page.translation_key)
    return json.loads(json.dumps(ledger.document_of(place, rendered)))


TYPES = (
    *("home", "standard", "person", "article_index", "article"),
    *("topic", "service_index", "service", "condition_index", "condition"),
)


@pytest.mark.parametrize("name", TYPES)
def test_whole_document_of_each_type_is_what_was_agreed(name, clinic, library):
    page = fill(clinic, library)[name]

    document = document_of(clinic, page)

    snapshot = SNAPSHOTS / f"{name}.json"
    if not snapshot.exists():
        snapshot.write_text(f"{json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)}\n")
        pytest.fail(f"{snapshot.name} did not exist. It has been written: read it, then commit it.")
    assert document == json.loads(snapshot.read_text())


# --- What a document says about a page -------------------------------------------------------------------------------


def types_in(json_ld: Any) -> list[str]:
    """The schema.org types of a page's objects, then those inside the first."""
    inside = [part["@type"] for part in json_ld[0].values() if isinstance(part, dict)]
    return [part["@type"] for part in json_ld] + inside


@pytest.mark.parametrize(
    ("name", "types"),
    [
        ("home", ["WebPage"]),
        ("standard", ["WebPage", "BreadcrumbList"]),
        ("person", ["ProfilePage", "BreadcrumbList", "Person"]),
        ("article_index", ["CollectionPage", "BreadcrumbList"]),
        ("article", ["MedicalWebPage", "BreadcrumbList", "FAQPage"]),
        ("topic", ["CollectionPage", "BreadcrumbList"]),
        ("service", ["MedicalWebPage", "BreadcrumbList", "FAQPage", "MedicalTherapy"]),
        ("condition", ["MedicalWebPage", "BreadcrumbList", "FAQPage", "MedicalCondition"]),
    ],
)
def test_schema_org_types(name, types, clinic, library):
    document = document_of(clinic, fill(clinic, library)[name])

    assert types_in(document["seo"]["json_ld"]) == types


def test_schema_org_names_reviewer_and_day_only_where_somebody_signed(clinic, library):
    pages = fill(clinic, library)

    article = document_of(clinic, pages["article"])["seo"]["json_ld"][0]
    unsigned = pages["article"].render(ClinicWorld()).document["seo"]["json_ld"][0]

    assert article["lastReviewed"] == "2026-01-30T15:30:00Z"
    assert [person["name"] for person in article["reviewedBy"]] == ["Clara Made-Up"]
    assert not {"lastReviewed", "reviewedBy"} & set(unsigned)


def test_references_are_numbered_in_the_order_of_the_text_and_once_each(clinic, library):
    body = document_of(clinic, fill(clinic, library)["article"])
    blocks = {block["id"]: block["value"] for block in body["body"]}

    assert [(reference["number"], reference["kind"]) for reference in body["references"]] == [
        (1, "secondary"),
        (2, "study"),
    ]
    assert '<sup data-reference="1">1</sup>' in blocks["block-2"]
    assert '<sup data-reference="2">2</sup>' in blocks["block-2"]
    assert blocks["block-9"]["rows"][0][1] == '<p>60<sup data-reference="1">1</sup></p>'
    assert blocks["block-12"]["reference"] == 2


def test_same_heading_twice_gets_two_anchors(clinic, library):
    document = document_of(clinic, fill(clinic, library)["article"])

    assert [block["value"]["anchor"] for block in document["body"] if block["type"] == "heading"] == [
        "rest-sleep",
        "rest-sleep-2",
    ]


def test_hidden_neighbours_leave_no_trace(clinic, library):
    pages = fill(clinic, library)
    hidden = {clinic.insomnia.pk, clinic.services.pk, clinic.acupuncture.pk}
    world = ClinicWorld(hidden)

    article, condition = (document_of(clinic, pages[name], world) for name in ("article", "condition"))

    assert article["body"][1]["value"].startswith("<p>Rest helps with insomnia<sup")
    assert article["call_to_action"] is None
    assert "possibleTreatment" not in condition["seo"]["json_ld"][0]["about"]
    paths = json.dumps([article, condition])
    assert "/conditions/insomnia/" not in json.dumps(article)
    assert "/services/acupuncture/" not in paths


def test_everything_shown_from_elsewhere_is_a_dependency(clinic, library):
    page = fill(clinic, library)["article"]

    rendered = page.render(ClinicWorld(), signatures=signatures(clinic, page))

    kept: dict[str, set[int]] = {}
    for dependency in rendered.dependencies:
        kept.setdefault(dependency.kind, set()).add(dependency.object_id)
    assert kept == {
        "image": {9001},
        "file": {9002},
        "reference": {clinic.reference.pk, library["review"].pk},
        "page": {
            clinic.home.pk,  # breadcrumbs
            clinic.articles.pk,
            clinic.writer.pk,  # author
            clinic.reviewer.pk,  # reviewer
            clinic.insomnia.pk,  # link
            clinic.services.pk,  # button
        },
    }


def test_rendering_twice_gives_the_same_bytes(clinic, library):
    page = fill(clinic, library)["article"]

    assert document_of(clinic, page) == document_of(clinic, page)


# --- What changes around a page --------------------------------------------------------------------------------------


def test_link_to_a_page_appears_and_disappears_with_that_page(clinic):
    target = clinic.article_draft("target")
    words = f'<p>See <a linktype="page" id="{target.pk}">the other one</a>.</p>'
    linking = clinic.publish(clinic.article_draft("linking", body=[("paragraph", words)]))
    seen = [Head.objects.get(page_id=linking.pk).document]

    clinic.publish(target)
    seen.append(Head.objects.get(page_id=linking.pk).document)
    ArticlePage.objects.get(pk=target.pk).unpublish()
    seen.append(Head.objects.get(page_id=linking.pk).document)

    html = [json.loads(document)["body"][0]["value"] for document in seen]
    address = f'<a data-page-id="{document_id_of(target)}" href="/articles/target/">the other one</a>'
    assert html == ["<p>See the other one.</p>", f"<p>See {address}.</p>", "<p>See the other one.</p>"]
    entries = Entry.objects.filter(page_id=linking.pk)
    assert [entry.kind for entry in entries] == ["published", "updated", "updated"]
    assert len({entry.content_digest for entry in entries}) == 1
    assert len({json.dumps(entry.approvals) for entry in entries}) == 1


def test_link_follows_a_page_that_moves(clinic):
    words = f'<p>See <a linktype="page" id="{clinic.insomnia.pk}">insomnia</a>.</p>'
    linking = clinic.publish(clinic.article_draft("linking", body=[("paragraph", words)]))

    draft(clinic.insomnia, user=clinic.author, slug="sleeplessness")
    clinic.publish(clinic.insomnia)

    assert (
        'href="/conditions/sleeplessness/"'
        in json.loads(Head.objects.get(page_id=linking.pk).document)["body"][0]["value"]
    )
    assert ConditionPage.objects.get().slug == "sleeplessness"


def test_image_is_shown_in_every_size_as_soon_as_they_exist(clinic, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    cache.clear()
    picture = io.BytesIO()
    Image.new("RGB", (500, 25), "seagreen").save(picture, "PNG")
    image = ClinicImage.objects.create(
        title="Room", description="A room.", file=ContentFile(picture.getvalue(), name="room.png")
    )
    page = clinic.publish(clinic.article_draft("pictured", image=image))
    before = json.loads(Head.objects.get(page_id=page.pk).document)["image"]

    with transaction.atomic():
        prepare(image)

    after = json.loads(Head.objects.get(page_id=page.pk).document)["image"]
    assert before["sources"] == []
    assert [source["type"] for source in after["sources"]] == ["image/webp", "image/jpeg"]
    assert [entry.kind for entry in Entry.objects.filter(page_id=page.pk)] == ["published", "updated"]


# --- Small rules -----------------------------------------------------------------------------------------------------


def utc(year: int, month: int, day: int) -> datetime.datetime:
    return datetime.datetime(year, month, day, 12, 30, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("moment", "months", "later"),
    [
        (utc(2026, 1, 31), 0, utc(2026, 1, 31)),
        (utc(2026, 1, 31), 1, utc(2026, 2, 28)),
        (utc(2024, 1, 31), 1, utc(2024, 2, 29)),
        (utc(2024, 2, 29), 12, utc(2025, 2, 28)),
        (utc(2024, 2, 29), 48, utc(2028, 2, 29)),
        (utc(2026, 11, 30), 1, utc(2026, 12, 30)),
        (utc(2026, 11, 30), 2, utc(2027, 1, 30)),
        (utc(2026, 11, 30), 3, utc(2027, 2, 28)),
        (utc(2026, 12, 31), 6, utc(2027, 6, 30)),
        (utc(2026, 12, 31), 12, utc(2027, 12, 31)),
        (utc(2026, 3, 31), 11, utc(2027, 2, 28)),
        (utc(2026, 7, 1), 32_767, utc(4757, 2, 1)),
    ],
)
def test_months_later_is_the_same_day_or_the_last_of_the_month(moment, months, later):
    assert months_after(moment, months) == later


def test_clinical_review_dates_the_page_and_the_next_review(clinic, library):
    pages = fill(clinic, library)
    pages["article"].review_interval_months = 13

    article, standard = (document_of(clinic, pages[name]) for name in ("article", "standard"))

    assert (article["reviewed_at"], article["review_due"]) == ("2026-01-30T15:30:00Z", "2027-02-28T15:30:00Z")
    assert (standard["reviewed_at"], standard["review_due"]) == (None, None)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (None, None),
        (UPDATED, "2026-02-28T23:59:59Z"),
        (
            datetime.datetime(2026, 7, 1, 20, tzinfo=datetime.timezone(datetime.timedelta(hours=-5))),
            "2026-07-02T01:00:00Z",
        ),
    ],
)
def test_times_are_utc_to_the_second(moment, text):
    assert time_of(moment) == text


@pytest.mark.parametrize(("words", "minutes"), [(0, 1), (1, 1), (299, 1), (301, 2), (2000, 10)])
def test_reading_takes_a_minute_for_two_hundred_words(words, minutes):
    assert reading_minutes("word " * words) == minutes


def test_heading_without_letters_still_has_an_anchor():
    rendering = Rendering(world=None)  # type: ignore[arg-type]

    assert [rendering.anchor(text) for text in ("?", "!", "Über Schlaf", "x" * 90)] == [
        "section",
        "section-2",
        "uber-schlaf",
        "x" * 60,
    ]


def test_search_finds_words_but_no_technical_values():
    blocks = [
        {"id": "b1", "type": "heading", "value": {"level": 2, "text": "Rest", "anchor": "rest"}},
        {"id": "b2", "type": "paragraph", "value": "<p>Walk &amp; <b>rest</b>.</p>"},
        {"id": "b3", "type": "statistic", "value": {"figure": "5 %", "label": "of people", "reference": 1}},
        {
            "id": "b4",
            "type": "embed",
            "value": {"url": "https://example.org/", "provider": "P", "title": "T", "html": ""},
        },
    ]

    assert searchable_text(blocks) == "Rest Walk & rest. 5 % of people P T"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([], ""),
        ("Rest", "Rest"),
        ("Rest.", "Rest."),
        (["sick headache", "aura"], "sick headache · aura"),
        (
            ["<p>Rest helps.</p><ul><li>a walk</li><li>a &amp; b</li></ul>", "", "More"],
            "Rest helps. a walk · a & b · More",
        ),
        ([{"type": "heading", "value": {"text": "Who?", "anchor": "who"}}, "You."], "Who? You."),
        ("<p>Two<br/>lines</p>", "Two · lines"),
    ],
)
def test_what_is_no_sentence_is_set_apart_for_people_to_read(value, text):
    assert readable_text(value) == text
    assert searchable_text(value) == text.replace(" · ", " ")


def test_words_of_a_document_stand_in_the_order_in_which_they_are_read():
    document = {
        "also_known_as": ["sick headache"],
        "body": [{"type": "paragraph", "value": "<p>It comes in attacks.</p>"}],
        "overview": "<p>It is common.</p>",
        "summary": "In short.",
        "title": "Migraine",
    }

    assert text_of(document) == "It is common. It comes in attacks. In short. sick headache"


def test_lines_of_a_field():
    assert lines_of(" one \n\n two\r\n") == ["one", "two"]


@pytest.mark.parametrize(
    ("shortest", "longest", "minutes"),
    [
        (10, 60, {"min": 10, "max": 60}),
        (10, None, {"min": 10, "max": 10}),
        (None, 60, {"min": 60, "max": 60}),
        (None, None, None),
    ],
)
def test_length_of_a_session(shortest, longest, minutes, clinic):
    page = ServicePage.objects.get()
    page.session_minutes_min, page.session_minutes_max = shortest, longest

    assert page.render(ClinicWorld()).document["session_minutes"] == minutes


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://booking.example/", "https://booking.example/"),
        ("tel:+14175550100", "tel:+14175550100"),
        ("/visit/", "/visit/"),
        ("javascript:alert(1)", ""),
        ("//evil.example/", ""),
        ("data:text/html,x", ""),
    ],
)
def test_address_behind_a_button_is_one_that_may_stand_there(url, shown, clinic):
    page = ServicePage.objects.get()
    page.booking_url = url

    assert page.render(ClinicWorld()).document["booking_url"] == shown
