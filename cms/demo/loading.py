"""The demo clinic, loaded as it would have come about: drafted, reviewed, signed and published by its people, in order.

There is no back door here. Every page is submitted to its workflow, approved stage by stage by somebody entitled who did
not write it, and published by the last approval. Only the calendar is turned back, so that the clinic has a past.
"""

import contextlib
import datetime
import tomllib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest import mock

from django.core.files.images import ImageFile
from django.db import transaction
from django.test.utils import override_settings
from django.utils import timezone
from tqdm import tqdm
from wagtail.models import Page, Site

from articles.models import ArticleIndexPage, ArticlePage, TopicPage
from cms.accounts.models import User
from cms.demo import illustrations, people
from cms.demo.blocks import questions_of, section_of, stream_of
from cms.demo.dictionary import make_dictionary
from cms.demo.markdown import Composer
from cms.media.models import ClinicImage
from cms.pages import relations
from cms.pages.models import PublicPage
from cms.pages.references import Reference
from cms.workflow import approval, assignment, checklists, notifications
from cms.workflow.checks.wording import wording_of
from home.clinic import ClinicSettings, Navigation
from home.models import HomePage, PersonPage, StandardPage
from services.models import ConditionIndexPage, ConditionPage, ServiceIndexPage, ServicePage

CONTENT = Path(__file__).parent / "content"
PAGE_TYPES: dict[str, type[PublicPage]] = {
    "home": HomePage,
    "standard": StandardPage,
    "article_index": ArticleIndexPage,
    "service_index": ServiceIndexPage,
    "condition_index": ConditionIndexPage,
}
FOLDERS: dict[str, tuple[type[PublicPage], str]] = {
    "people": (PersonPage, "/team/"),
    "topics": (TopicPage, "/topics/"),
    "services": (ServicePage, "/services/"),
    "conditions": (ConditionPage, "/conditions/"),
    "articles": (ArticlePage, "/articles/"),
}
# How long ago the made-up clinic did what. Unit: days.
LAUNCH, FIRST_ARTICLE, ADVICE, NEWEST_ARTICLE = 460, 455, 150, 6
SECTIONS = (
    "overview",
    "symptoms",
    "causes",
    "risk_factors",
    "self_care",
    "what_to_expect",
    "course_of_treatment",
    "precautions",
    "preparation",
    "aftercare",
    "biography",
)
PLAIN = (
    "summary",
    "seo_title",
    "search_description",
    "credentials",
    "role",
    "hero_title",
    "session_minutes_min",
    "session_minutes_max",
    "booking_url",
)


class DemoIncomplete(Exception):
    """An earlier run stopped halfway: its pages are neither all there nor all missing."""


class DemoLoader:
    """Loads the demo once; a progress bar on request."""

    def __init__(self, *, with_progress: bool = True) -> None:
        # Bars only where somebody watches: tqdm itself is silent when its output is no terminal.
        self.with_progress = with_progress
        self.users: dict[str, User] = {}
        self.pages: dict[str, PublicPage] = {}
        self.files: dict[str, dict[str, Any]] = {}
        self.images: dict[str, ClinicImage] = {}
        self.composer = Composer({}, {})
        self.now = timezone.now()

    @notifications.quietly()
    def load(self) -> bool:
        """Load everything; ``False`` when it is there already. Raises ``DemoIncomplete`` after a run that was stopped."""
        self.users = people.make_users()
        if ClinicSettings.objects.exclude(name="").exists():
            return False
        if HomePage.objects.exists():
            raise DemoIncomplete
        self._read_files()
        self._draw_images()
        references = self._make_references()
        self._make_skeleton()
        keys = {path: page.pk for path, page in self.pages.items()}
        self.composer = Composer(keys, references)
        self._live_through()
        self._make_clinic()
        return True

    def _read_files(self) -> None:
        for path in sorted((CONTENT / "pages").glob("*.toml")):
            content = tomllib.loads(path.read_text())
            self.files[content["path"]] = content
        for folder, (_page_type, parent) in FOLDERS.items():
            for path in sorted((CONTENT / folder).glob("*.toml")):
                content = tomllib.loads(path.read_text())
                self.files[f"{parent}{content['slug']}/"] = content

    def _draw_images(self) -> None:
        wanted = {content["image"]: content for content in self.files.values() if content.get("image")}
        bar = tqdm(wanted.items(), desc="Pictures", unit="picture", disable=None if self.with_progress else True)
        for name, content in bar:
            # Drawn at the widest size that is served; a larger original would only take longer.
            file = ImageFile(BytesIO(illustrations.draw(name, width=1200, height=675)), name=f"{name}.jpg")
            image = ClinicImage(title=content["title"], description=content["image_alt"], file=file)
            image.credit = "drawn by program for this demo"
            image.save()
            self.images[name] = image

    def _make_references(self) -> dict[str, tuple[int, str]]:
        made = {}
        for row in tomllib.loads((CONTENT / "references.toml").read_text())["references"]:
            key = row.pop("key")
            reference = Reference(**row)
            reference.full_clean()
            reference.save()
            made[key] = (reference.pk, reference.short_label)
        return made

    def _make_skeleton(self) -> None:
        """Every page as an empty draft, parents first, so that texts can link to each other."""
        with self._on_day(LAUNCH + 5), transaction.atomic():
            for path in sorted(self.files, key=lambda path: (path.count("/"), path)):
                content = self.files[path]
                parent_path = "/" + "/".join(path.strip("/").split("/")[:-1])
                parent = self.pages.get(parent_path if parent_path == "/" else f"{parent_path}/")
                page_type = PAGE_TYPES.get(content.get("type", ""))
                if page_type is None:
                    page_type = next(kind for kind, start in FOLDERS.values() if path.startswith(start))
                page = page_type(title=content["title"], slug=content["slug"], live=False, owner=self._author(content))
                if path == "/":
                    self._add_home(page)
                else:
                    Page.objects.get(pk=parent.pk).add_child(instance=page)  # type: ignore[union-attr]
                self.pages[path] = page

    def _add_home(self, page: PublicPage) -> None:
        root = Page.objects.get(depth=1)
        page.slug = "clinic"
        root.add_child(instance=page)
        site = Site.objects.get(is_default_site=True)
        site.root_page, site.site_name = page, "Loehr Health Center"
        site.save()
        Page.objects.filter(depth=2, slug="home").delete()

    def _live_through(self) -> None:
        """The clinic's past, oldest day first."""
        launch = [path for path in self.files if not path.startswith(("/services/", "/conditions/", "/articles/"))]
        indexes = ["/services/", "/conditions/", "/articles/"]
        advice = [
            path for path in self.files if path.startswith(("/services/", "/conditions/")) and path not in indexes
        ]
        articles = [path for path in self.files if path.startswith("/articles/") and path not in indexes]
        old = [path for path in articles if self.files[path].get("reviewed_long_ago")]
        new = [path for path in articles if path not in old]
        published = [path for path in new if self.files[path]["stage"] == "published"]
        step = (ADVICE - NEWEST_ARTICLE) // max(1, len(published))
        days = [
            (LAUNCH, launch + indexes),
            (FIRST_ARTICLE, old),
            (ADVICE, advice),
            *((ADVICE - number * step, [path]) for number, path in enumerate(published, start=1)),
            (3, [path for path in new if path not in published]),
        ]
        total = sum(len(paths) for _day, paths in days)
        with tqdm(total=total, desc="Pages", unit="page", disable=None if self.with_progress else True) as bar:
            for day, paths in days:
                with self._on_day(day), transaction.atomic():
                    for path in paths:
                        self._bring_about(path, self.files[path])
                        bar.update()

    def _bring_about(self, path: str, content: dict[str, Any]) -> None:
        """Draft the page at ``path`` and take it as far through review as its file says."""
        author = self._author(content)
        page = self._fill(path, content)
        if content.get("stage") == "scheduled":
            page.go_live_at = (self.now + datetime.timedelta(days=3)).replace(
                hour=15, minute=0, second=0, microsecond=0
            )
        page.save_revision(user=author, log_action=True)
        page = type(page).objects.get(pk=page.pk)
        stage = content.get("stage", "published")
        if stage == "draft":
            return
        page.get_workflow().start(page, author)
        if stage == "in_editorial_review":
            self._arrange(page, content)
            return
        if stage == "changes_requested":
            place = self._place(page, content.get("reviewer_place", ""))
            self._decide(page, "reject", self.users["nora"], comment=content["reviewer_comment"], place=place)
            return
        self._decide(page, "approve", self.users["nora"])
        if stage != "in_clinical_review" and len(page.required_stages) > 1:
            self._decide(page, "approve", self._clinician(content))

    def _arrange(self, page: PublicPage, content: dict[str, Any]) -> None:
        """Somebody takes the review, and says by when it is done."""
        if claimed_by := content.get("claimed_by"):
            page, user = type(page).objects.get(pk=page.pk), self.users[claimed_by]
            assignment.claim(page, user=user)
            due = self.now + datetime.timedelta(days=content["due_in_days"])
            assignment.set_due(page, user=user, due_at=due.replace(hour=22, minute=0, second=0, microsecond=0))

    def _place(self, page: PublicPage, words: str) -> str:
        """The block whose text holds ``words``, as a form names it; empty for the page as a whole."""
        return next(
            (
                f"{piece.field}:{piece.block_id}"
                for piece in wording_of(approval.draft_of(page))
                if words and piece.block_id and words in piece.text
            ),
            "",
        )

    def _decide(self, page: PublicPage, action: str, user: User, comment: str = "", place: str = "") -> None:
        page = type(page).objects.get(pk=page.pk)
        task_state = page.current_workflow_task_state
        task = task_state.task.specific
        points = [point.key for stage in task.stages for point in checklists.points_of(stage)]
        digest = approval.draft_of(page).content_digest()
        task.on_action(task_state, user, action, comment=comment, points=points, place=place, content_digest=digest)

    def _fill(self, path: str, content: dict[str, Any]) -> PublicPage:
        page = self.pages[path]
        composer = self.composer
        for name in PLAIN:
            if name in content:
                setattr(page, name, content[name])
        for name in SECTIONS:
            if name in content:
                setattr(page, name, section_of(content[name], composer))
        page.body = stream_of(content.get("body", []), composer)  # type: ignore[assignment]  # raw values are what a stream field takes
        page.image = self.images.get(content.get("image", ""))
        for name in ("also_known_as", "icd10", "languages"):
            if name in content:
                setattr(page, name, "\n".join(content[name]))
        if "hero_text" in content:
            page.hero_text = composer.text(content["hero_text"])
        if "faqs" in content:
            page.faqs = questions_of(content["faqs"], composer)
        for name, field in (("emergency", "emergency_signs"), ("soon", "soon_signs")):
            if name in content:
                signs = [{"type": "sign", "value": composer.text(sign)} for sign in content[name]]
                setattr(page, field, signs)
        if isinstance(page, PersonPage):
            login = next((login for login in people.LOGINS if login.person == content["slug"]), None)
            page.user = self.users[login.username] if login else None
        self._relate(page, content)
        return page

    def _relate(self, page: PublicPage, content: dict[str, Any]) -> None:
        links: dict[str, tuple[str, Any]] = {
            "topics": ("topic_links", lambda target: relations.TopicLink(topic=target)),
            "conditions": ("condition_links", lambda target: relations.ConditionLink(condition=target)),
            "services": ("service_links", lambda target: relations.ServiceLink(service=target)),
            "related": ("related_links", lambda target: relations.RelatedLink(target=target.page_ptr)),
            "featured": ("featured_links", lambda target: relations.FeaturedLink(target=target.page_ptr)),
        }
        for name, (accessor, make) in links.items():
            if name in content:
                setattr(page, accessor, [make(self.pages[path]) for path in content[name]])
        for name, accessor, link in (
            ("authors", "author_links", relations.AuthorLink),
            ("providers", "provider_links", relations.ProviderLink),
        ):
            if name in content:
                setattr(page, accessor, [link(person=self._person(slug)) for slug in content[name]])
        if "clinical_reviewer" in content:
            page.clinical_reviewer = self._person(content["clinical_reviewer"])
        if "treatments" in content:
            page.treatment_links = [
                relations.TreatmentLink(
                    service=self.pages[row["service"]], evidence=self.composer.text(row["evidence"])
                )
                for row in content["treatments"]
            ]

    def _make_clinic(self) -> None:
        """Settings and menus, last of all: they say that the demo is complete."""
        facts = tomllib.loads((CONTENT / "clinic.toml").read_text())
        site = Site.objects.get(is_default_site=True)
        address = facts["address"]
        hours = [
            {
                "type": "hours",
                "value": {"days": _days(row["days"]), "opens": row.get("opens"), "closes": row.get("closes")},
            }
            for row in facts["hours"]
        ]
        with transaction.atomic():
            make_dictionary(self.pages)
            Navigation.objects.create(
                site=site, main=self._menu(facts["main_menu"]), footer=self._menu(facts["footer_menu"])
            )
            ClinicSettings.objects.create(
                site=site,
                name=facts["name"],
                telephone=facts["telephone"],
                street=address["street"],
                city=address["city"],
                region=address["state"],
                postal_code=address["zip"],
                country=address["country"],
                hours=hours,
                time_zone=facts["timezone"],
                booking_url=facts["booking_url"],
                disclaimer=facts["disclaimer"],
            )

    def _menu(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        def entry(row: dict[str, Any]) -> dict[str, Any]:
            return {"title": row["title"], "page": self.pages[row["path"]].pk, "url": ""}

        return [
            {"type": "item", "value": entry(row) | {"children": [entry(child) for child in row.get("children", [])]}}
            for row in rows
        ]

    def _author(self, content: dict[str, Any]) -> User:
        slug = (content.get("authors") or ["wanda-draftly"])[0]
        return next(self.users[login.username] for login in people.LOGINS if login.person == slug)

    def _clinician(self, content: dict[str, Any]) -> User:
        slug = content["clinical_reviewer"]
        return next(self.users[login.username] for login in people.LOGINS if login.person == slug)

    def _person(self, slug: str) -> PublicPage:
        return self.pages[f"/team/{slug}/"]

    @contextlib.contextmanager
    def _on_day(self, days_ago: int) -> Iterator[None]:
        """Whatever happens inside happened ``days_ago`` days before today, in the morning."""
        moment = (self.now - datetime.timedelta(days=days_ago)).replace(hour=15, minute=0, second=0, microsecond=0)
        # What happened long ago mails nobody today.
        silent = override_settings(EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend")
        with mock.patch("django.utils.timezone.now", return_value=moment), silent:
            yield


def _days(days: list[str]) -> str:
    return days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
