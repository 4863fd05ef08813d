"""Articles by the thousand, each approved and published through the gate and the ledger.

What takes a person's time is left out, and what proves something is not: tree rows, relations, revisions and approvals are
written by the hundred, but each approval is a row over the very words of its article, by somebody entitled who did not write
it; the gate judges each article, and the ledger renders and appends it, in the transaction that saved it.

Left out is what only the desk reads: Wagtail's index of references and of its own search (``rebuild_references_index`` and
``update_index`` make them).
"""

import datetime
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import CharField, F, OuterRef, Subquery
from django.db.models.functions import Cast
from django.utils import timezone
from wagtail.models import Page, PageLogEntry, Revision

from articles.models import ArticleIndexPage, ArticlePage, TopicPage
from cms.accounts.models import User
from cms.media.models import ClinicImage
from cms.pages.document import digest_of
from cms.pages.identity import document_id_of
from cms.pages.references import Reference
from cms.pages.relations import AuthorLink, ConditionLink, RelatedLink, ServiceLink, TopicLink
from cms.pages.stages import Stage
from cms.publishing.models import Head
from cms.workflow.models import Approval
from home.models import PersonPage
from services.models import ConditionPage, ServicePage

# Articles in one transaction: enough that what a transaction costs hardly counts, few enough that a stop loses little.
BATCH = 250
# The oldest article is this old, so that lists have an order worth the name. Unit: days.
YEARS_BACK_DAYS = 5 * 365
_LINKS = (AuthorLink, ConditionLink, ServiceLink, TopicLink, RelatedLink)
_NO_LINKS = ("provider_links", "treatment_links", "featured_links", "wagtail_admin_comments")
_HEADINGS = ("What it is", "What may help", "What studies found", "What you can do yourself", "When to ask for help")
_OPENINGS = (
    "Many people with {topic} sleep badly, and many find that it changes from week to week.",
    "A provider will ask how long you have had {topic} and what you have tried so far.",
    "What helps one person with {topic} may do little for another, so it is worth keeping notes.",
    "People often wait for months before they talk to somebody about {topic}.",
    "There is more than one cause of {topic}, and often there are several at once.",
    "In a first visit, about half of the time goes to questions about {topic} and daily life.",
)
_SENTENCES = (
    "Gentle movement on most days is a good start, for example a walk of twenty minutes.",
    "Write down what you eat, how you sleep and how you feel, and bring the notes to your visit.",
    "Some people feel a little worse for a day or two before they feel better.",
    "Studies so far are small, and their results differ from each other.",
    "Tell your provider about every medicine that you take, herbs and vitamins included.",
    "Heat, rest and a regular bedtime are simple, and they cost nothing.",
    "It may take four to six visits before you can tell whether it does anything for you.",
    "Keep taking what your physician has prescribed, and ask before you change a dose.",
    "The needles are thin, sterile and used only once.",
    "Stress makes many complaints worse, and so does too little sleep.",
    "A warm bath in the evening relaxes the muscles of neck and shoulders.",
    "Children and older people often need another dose, or another approach.",
    "Ask what the plan is, how long it takes, and what it costs.",
    "If you are pregnant, say so before the first visit begins.",
    "Small steps that you keep up are worth more than large ones that you give up.",
    "Pain that wakes you at night, fever or numbness are reasons to see a physician soon.",
)


@dataclass
class ArticleMaker:
    """Makes articles among the pages that are public already: people, conditions, services, topics, sources, pictures.

    The same number gives the same article in every database, but for the ids that the database hands out.
    """

    now: datetime.datetime = field(default_factory=timezone.now)

    def __post_init__(self) -> None:
        public = Head.objects.values("page_id")
        self.parent = ArticleIndexPage.objects.get()
        self.conditions = list(ConditionPage.objects.filter(pk__in=public).order_by("slug"))
        self.services = list(ServicePage.objects.filter(pk__in=public).order_by("slug"))
        self.topics = list(TopicPage.objects.filter(pk__in=public).order_by("slug"))
        people = list(PersonPage.objects.filter(pk__in=public).select_related("user").order_by("slug"))
        self.references = list(Reference.objects.order_by("pk"))
        self.images = list(ClinicImage.objects.order_by("pk"))
        today = timezone.localdate()
        self.clinicians = [
            person
            for person in people
            if person.user
            and person.user.has_perm("workflow.give_clinical_approval")
            and person.user.has_valid_credentials(today=today)
        ]
        self.writers = [person for person in people if person not in self.clinicians]
        editorial = [user for user in User.objects.filter(is_superuser=False).order_by("pk") if _may_edit(user)]
        self.editor = editorial[0]
        self.author = next(person.user for person in self.writers if person.user and person.user not in editorial)
        self.content_type = ContentType.objects.get_for_model(ArticlePage)
        self.base_content_type = ContentType.objects.get_for_model(Page)

    def make(self, numbers: range) -> None:
        """Publish the articles with these numbers, ``BATCH`` at most, in one transaction.

        Raises ``GateBlocked`` when the gate refuses one of them; then none of them exists.
        """
        with transaction.atomic():
            articles = [self._composed(number) for number in numbers]
            self._add_to_tree(articles)
            self._add_links(articles)
            self._add_revisions(articles)
            self._approve(articles)

    def _composed(self, number: int) -> ArticlePage:
        chance = random.Random(number)
        condition = self.conditions[number % len(self.conditions)]
        others = [other for other in self.conditions if other != condition]
        conditions = [condition, *chance.sample(others, min(len(others), chance.choice((0, 0, 1, 2))))]
        service = self.services[number % len(self.services)]
        clinician = self.clinicians[number % len(self.clinicians)]
        candidates = [person for person in (*self.writers, *self.clinicians) if person != clinician]
        first = self.writers[number % len(self.writers)]
        second = [person for person in candidates if person != first]
        authors = [first, *chance.sample(second, min(1, len(second)))]
        published_at = self.now - datetime.timedelta(minutes=number * YEARS_BACK_DAYS * 1440 // 100_000 + 60)
        article = ArticlePage(
            title=f"{condition.title}: {chance.choice(_HEADINGS).lower()}, part {number}",
            slug=slug_of(number),
            summary=f"What is known about {condition.title.lower()}, what is not, and where {service.title.lower()} fits in.",
            image=chance.choice(self.images) if self.images else None,
            clinical_reviewer=clinician,
            owner=self.author,
            locale=self.parent.locale,
            translation_key=uuid.uuid5(uuid.NAMESPACE_OID, f"attest bench {number}"),
            content_type=self.content_type,
            live=True,
            has_unpublished_changes=False,
            first_published_at=published_at,
            last_published_at=published_at,
            latest_revision_created_at=published_at,
        )
        article.draft_title = article.title
        article.url_path = f"{self.parent.url_path}{article.slug}/"
        article.body = self._body(chance, conditions[0])
        article.author_links = [AuthorLink(person=person, sort_order=n) for n, person in enumerate(authors)]
        article.condition_links = [ConditionLink(condition=one, sort_order=n) for n, one in enumerate(conditions)]
        article.service_links = [ServiceLink(service=service, sort_order=0)]
        article.topic_links = [TopicLink(topic=self.topics[number % len(self.topics)], sort_order=0)]
        article.related_links = [RelatedLink(target=conditions[-1].page_ptr, sort_order=0)]
        for name in _NO_LINKS:
            # Known to be empty: otherwise each article asks the database for them.
            setattr(article, name, [])
        return article

    def _body(self, chance: random.Random, condition: ConditionPage) -> list[dict[str, object]]:
        """Eight paragraphs under three headings, with one or two citations and a link to the condition."""
        cited = chance.sample(self.references, min(len(self.references), chance.choice((1, 2))))
        blocks: list[dict[str, object]] = []
        for position in range(8):
            if position in (1, 3, 6):
                heading = _HEADINGS[(position + chance.randrange(5)) % 5]
                blocks.append(self._block(chance, "heading", {"level": "2", "text": heading}))
            words = [chance.choice(_OPENINGS).format(topic=condition.title.lower()), *chance.sample(_SENTENCES, 5)]
            text = " ".join(words)
            if position == 0:
                text += f' Read more about <a linktype="page" id="{condition.pk}">{condition.title.lower()}</a>.'
            if position in (2, 5) and cited:
                reference = cited[0] if position == 2 else cited[-1]
                text += f'<a linktype="reference" id="{reference.pk}">[{reference.short_label}]</a>'
            blocks.append(self._block(chance, "paragraph", f"<p>{text}</p>"))
        return blocks

    def _block(self, chance: random.Random, kind: str, value: object) -> dict[str, object]:
        return {"type": kind, "value": value, "id": str(uuid.UUID(int=chance.getrandbits(128), version=4))}

    def _add_to_tree(self, articles: list[ArticlePage]) -> None:
        parent = Page.objects.select_for_update().get(pk=self.parent.pk)
        last = parent.get_last_child()
        steps = 0 if last is None else Page._str2int(last.path[-Page.steplen :])
        for step, article in enumerate(articles, start=steps + 1):
            article.path = Page._get_path(parent.path, parent.depth + 1, step)
            article.depth = parent.depth + 1
        fields = [one.attname for one in Page._meta.concrete_fields if not one.primary_key]
        rows = Page.objects.bulk_create(
            Page(**{name: getattr(article, name) for name in fields}) for article in articles
        )
        for article, row in zip(articles, rows, strict=True):
            article.pk = article.id = article.page_ptr_id = row.pk
            article._state.adding = False
            # The row of the article's own table; its receivers tell the capture that the page was saved.
            article.save_base(raw=True, force_insert=(ArticlePage,))
        Page.objects.filter(pk=parent.pk).update(numchild=F("numchild") + len(articles))

    def _add_links(self, articles: list[ArticlePage]) -> None:
        names = ("author_links", "condition_links", "service_links", "topic_links", "related_links")
        for model, name in zip(_LINKS, names, strict=True):
            links = [link for article in articles for link in getattr(article, name).all()]
            model.objects.bulk_create(links)

    def _add_revisions(self, articles: list[ArticlePage]) -> None:
        revisions = Revision.objects.bulk_create(
            Revision(
                content_type=self.content_type,
                base_content_type=self.base_content_type,
                object_id=str(article.pk),
                user=self.author,
                created_at=article.last_published_at,
                content=article.serializable_data(),
                object_str=article.title,
            )
            for article in articles
        )
        newest = Revision.objects.filter(object_id=Cast(OuterRef("pk"), CharField()), pk__gte=revisions[0].pk)
        newest = Subquery(newest.values("pk")[:1])
        keys = [article.pk for article in articles]
        Page.objects.filter(pk__in=keys).update(latest_revision=newest, live_revision=newest)
        PageLogEntry.objects.bulk_create(
            PageLogEntry(
                page_id=article.pk,
                content_type=self.content_type,
                label=article.title,
                action=action,
                user=self.author,
                revision=revision,
                timestamp=article.last_published_at,
                uuid=uuid.uuid4(),
            )
            for article, revision in zip(articles, revisions, strict=True)
            for action in ("wagtail.create", "wagtail.publish")
        )

    def _approve(self, articles: list[ArticlePage]) -> None:
        given = []
        for article in articles:
            content = article.authored_bytes()
            for stage in article.required_stages:
                user = self.editor if stage == Stage.EDITORIAL else article.clinical_reviewer.user
                given.append(
                    Approval(
                        document_id=document_id_of(article),
                        page_id=article.pk,
                        stage=stage,
                        content_digest=digest_of(content),
                        content=content.decode(),
                        user=user,
                        name=user.display_name(),
                        credentials=user.credentials,
                        at=article.last_published_at,
                    )
                )
        Approval.objects.bulk_create(given)


def slug_of(number: int) -> str:
    """The slug of the generated article ``number``."""
    return f"bench-article-{number}"


def batches(start: int, count: int) -> Iterator[range]:
    """``count`` numbers from ``start`` on, in ranges of ``BATCH`` at most."""
    for first in range(start, start + count, BATCH):
        yield range(first, min(first + BATCH, start + count))


def _may_edit(user: User) -> bool:
    return user.has_perm("workflow.give_editorial_approval")
