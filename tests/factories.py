"""Fixed, readable content for tests: people with roles, and pages published through the real gate."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group
from wagtail.models import Page, Revision, Site

from articles.models import ArticleIndexPage, ArticlePage, TopicPage
from cms.accounts.models import User
from cms.pages.models import PublicPage
from cms.pages.references import Reference
from cms.pages.relations import AuthorLink, ConditionLink
from cms.pages.stages import Stage
from cms.workflow import approval, checklists
from home.models import HomePage, PersonPage, StandardPage
from services.models import ConditionIndexPage, ConditionPage, ServiceIndexPage, ServicePage

PASSWORD = "a fixed pass phrase"
LOGINS = {"author": "anton", "editor": "edda", "clinician": "clara", "publisher": "paula"}


def make_user(name: str, *roles: str, **fields: Any) -> User:
    """A user with these roles; ``name`` becomes the login and the first name."""
    user = User.objects.create_user(
        username=name,
        email=f"{name}@example.org",
        password=PASSWORD,
        first_name=name.capitalize(),
        last_name="Made-Up",
        **fields,
    )
    user.groups.set(Group.objects.filter(name__in=roles))
    return user


def make_clinician(name: str = "clara", **fields: Any) -> User:
    """A clinician whose licence is valid for ever."""
    return make_user(name, "Clinician", **{"credentials": "M.D.", "licence_number": "MO-1", **fields})


def make_home() -> HomePage:
    """The home page as the root of the default site, still a draft; Wagtail's welcome page goes."""
    root = Page.objects.get(depth=1)
    home = HomePage(title="Home", slug="clinic-home", summary="A made-up clinic.", live=False)
    root.add_child(instance=home)
    home.save_revision()
    site = Site.objects.get(is_default_site=True)
    site.root_page = home
    site.save()
    Page.objects.filter(slug="home", depth=2).exclude(pk=home.pk).first().delete()
    return HomePage.objects.get(pk=home.pk)


def add_draft(parent: Page, page: PublicPage, *, user: User | None = None) -> PublicPage:
    """``page`` as a draft below ``parent``, written by ``user``."""
    page.live = False
    page.owner = user
    Page.objects.get(pk=parent.pk).specific.add_child(instance=page)
    page.save_revision(user=user, log_action=True)
    return type(page).objects.get(pk=page.pk)


def draft(page: PublicPage, *, user: User | None = None, **fields: Any) -> Revision:
    """A new revision of ``page`` with ``fields`` changed, written by ``user``."""
    newest = page.get_latest_revision_as_object()
    for name, value in fields.items():
        setattr(newest, name, value)
    return newest.save_revision(user=user, log_action=True)


def all_ticked(stage: Stage) -> set[str]:
    """What a reviewer sends who confirms every point of the checklist."""
    return {point.key for point in checklists.points_of(stage)}


def approve(page: PublicPage, *users: User) -> None:
    """Give every approval that ``page`` requires, one user for each stage in order."""
    page = type(page).objects.get(pk=page.pk)
    for stage, user in zip(page.required_stages, users, strict=False):
        approval.approve(page, stage=stage, user=user, ticked=all_ticked(stage))


def publish(page: PublicPage, user: User | None = None) -> PublicPage:
    """Publish the newest revision of ``page``, through Wagtail's own action."""
    type(page).objects.get(pk=page.pk).get_latest_revision().publish(user=user)
    return type(page).objects.get(pk=page.pk)


@dataclass
class Clinic:
    """A small clinic: its people, and a few published pages."""

    home: HomePage
    articles: ArticleIndexPage
    conditions: ConditionIndexPage
    services: ServiceIndexPage
    team: StandardPage
    reviewer: PersonPage
    writer: PersonPage
    topic: TopicPage
    insomnia: ConditionPage
    acupuncture: ServicePage
    article: ArticlePage
    reference: Reference
    author: User
    editor: User
    clinician: User
    publisher: User

    def approve(self, page: PublicPage) -> None:
        """Editorial and clinical approval of the newest draft of ``page``."""
        approve(page, self.editor, self.clinician)

    def publish(self, page: PublicPage) -> PublicPage:
        """Approve and publish the newest draft of ``page``."""
        self.approve(page)
        return publish(page, self.publisher)

    def add(self, parent: Page, page: PublicPage) -> PublicPage:
        """``page`` below ``parent``, written by the author, approved and published."""
        return self.publish(add_draft(parent, page, user=self.author))

    def article_draft(self, slug: str = "draft", **fields: Any) -> ArticlePage:
        """A complete article that nobody has approved yet."""
        values = {
            "title": slug.replace("-", " ").capitalize(),
            "summary": "A short summary of the article.",
            "clinical_reviewer": self.reviewer,
            "body": [("paragraph", "<p>Rest helps many people.</p>")],
            **fields,
        }
        body = values.pop("body")
        page = ArticlePage(slug=slug, **values)
        page.body = [{"type": kind, "value": value} for kind, value in body]
        page.author_links = [AuthorLink(person=self.writer)]
        page.condition_links = [ConditionLink(condition=self.insomnia)]
        return add_draft(self.articles, page, user=self.author)


def make_reference() -> Reference:
    """A real source, from the clinic's library."""
    return Reference.objects.create(
        short_label="Rubin 2007",
        kind="study",
        authors="Rubin DI.",
        title="Epidemiology and risk factors for spine pain",
        source="Neurol Clin",
        year=2007,
        volume_pages="25(2):353-371",
        doi="10.1016/j.ncl.2007.01.004",
        pmid="17445733",
    )


def make_clinic(home: HomePage) -> Clinic:
    """Everything above, published by the people whose work that is."""
    author, editor = make_user("anton", "Author"), make_user("edda", "Editor")
    clinician, publisher = make_clinician(), make_user("paula", "Publisher")
    publish_page = _publisher(author, editor, clinician, publisher)
    approve(home, editor)
    home = publish(home, publisher)
    articles = publish_page(home, ArticleIndexPage(title="Articles", slug="articles", summary="What we write."))
    conditions = publish_page(home, ConditionIndexPage(title="Conditions", slug="conditions", summary="What we treat."))
    services = publish_page(home, ServiceIndexPage(title="Services", slug="services", summary="What we do."))
    team = publish_page(home, StandardPage(title="Team", slug="team", summary="Who we are."))
    biography = [{"type": "paragraph", "value": "<p>A made-up person.</p>"}]
    reviewer = PersonPage(
        title="Clara Made-Up",
        slug="clara",
        summary="A clinician.",
        credentials="M.D.",
        role="Physician",
        user=clinician,
    )
    reviewer.biography = biography
    writer = PersonPage(title="Anton Made-Up", slug="anton", summary="A writer.", role="Writer", user=author)
    writer.biography = biography
    reviewer = publish_page(team, reviewer)
    writer = publish_page(team, writer)
    topic = publish_page(team, TopicPage(title="Sleep", slug="sleep", summary="All about sleep."))
    insomnia = ConditionPage(
        title="Insomnia",
        slug="insomnia",
        summary="Trouble falling or staying asleep.",
        also_known_as="can't sleep\nsleeplessness",
        icd10="G47.00",
        clinical_reviewer=reviewer,
    )
    insomnia.overview = [{"type": "paragraph", "value": "<p>Many people sleep badly at times.</p>"}]
    insomnia.soon_signs = [{"type": "sign", "value": "<p>You have slept badly for weeks.</p>"}]
    insomnia.author_links = [AuthorLink(person=writer)]
    insomnia = publish_page(conditions, insomnia)
    acupuncture = ServicePage(
        title="Acupuncture",
        slug="acupuncture",
        summary="Thin needles.",
        clinical_reviewer=reviewer,
        session_minutes_min=10,
        session_minutes_max=60,
    )
    acupuncture.what_to_expect = [{"type": "paragraph", "value": "<p>You lie down and rest.</p>"}]
    acupuncture.author_links = [AuthorLink(person=writer)]
    acupuncture = publish_page(services, acupuncture)
    reference = make_reference()
    clinic = Clinic(
        home, articles, conditions, services, team, reviewer, writer, topic, insomnia, acupuncture, None, reference,
        author, editor, clinician, publisher,
    )  # fmt: skip
    article = clinic.article_draft("sleeping-better", title="Sleeping better")
    clinic.article = clinic.publish(article)
    return clinic


def _publisher(author: User, editor: User, clinician: User, publisher: User) -> Any:
    def publish_page(parent: Page, page: PublicPage) -> Any:
        page = add_draft(parent, page, user=author)
        approve(page, editor, clinician)
        return publish(page, publisher)

    return publish_page


def find_clinic() -> Clinic:
    """The clinic that the test database was made with."""
    return Clinic(
        home=HomePage.objects.get(),
        articles=ArticleIndexPage.objects.get(),
        conditions=ConditionIndexPage.objects.get(),
        services=ServiceIndexPage.objects.get(),
        team=StandardPage.objects.get(slug="team"),
        reviewer=PersonPage.objects.get(slug="clara"),
        writer=PersonPage.objects.get(slug="anton"),
        topic=TopicPage.objects.get(),
        insomnia=ConditionPage.objects.get(),
        acupuncture=ServicePage.objects.get(),
        article=ArticlePage.objects.get(),
        reference=Reference.objects.get(),
        **{role: User.objects.get(username=name) for role, name in LOGINS.items()},
    )
