"""The base of every page type: what an editor fills in, and how it becomes a public document.

A page type declares its ``document_type``, the ``required_stages`` of review, its own fields, and three short methods that
add to the document. Publishing, gating and serving are nobody's business here.
"""

import datetime
from typing import Any, ClassVar

from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from wagtail import hooks
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    InlinePanel,
    MultiFieldPanel,
    MultipleChooserPanel,
    ObjectList,
    PublishingPanel,
    TabbedInterface,
)
from wagtail.fields import RichTextField
from wagtail.models import Page, Workflow, WorkflowPage, WorkflowTask
from wagtailseo.models import SeoMixin

from cms.pages import relations as relations  # noqa: PLC0414 - its tables belong to this app
from cms.pages import seo
from cms.pages.blocks import target_url
from cms.pages.change_notes import ChangePanel
from cms.pages.document import JSON, authored_content, canonical_bytes, digest_of
from cms.pages.fields import BlocksField
from cms.pages.forms import PublicPageForm
from cms.pages.references import Reference
from cms.pages.rendering import MaterialChange, Rendered, Rendering, Signature, World, reading_minutes, time_of
from cms.pages.stages import Stage
from cms.pages.streams import BodyBlocks
from cms.pages.texts import canonical_rich_text, canonical_value
from cms.pages.words import searchable_text

__all__ = ["ClinicalPage", "PublicPage", "Reference"]

_STAGES_IN_ORDER = models.Prefetch(
    "workflow_tasks", WorkflowTask.objects.select_related("task__reviewtask").order_by("sort_order")
)


def _asks_for(workflow: Workflow) -> list[str]:
    """The stages of ``workflow``; a task that collects several names them joined by “+”, and another's names none."""
    tasks = [row.task for row in workflow.workflow_tasks.all()]
    return [
        stage for task in tasks for stage in (task.reviewtask.stage.split("+") if hasattr(task, "reviewtask") else [""])
    ]


class PublicPage(SeoMixin, Page):
    """A page that can become public through the gate."""

    document_type: ClassVar[str] = ""
    required_stages: ClassVar[tuple[Stage, ...]] = (Stage.EDITORIAL,)
    schema_type: ClassVar[str] = "WebPage"
    base_form_class = PublicPageForm
    show_in_menus_default = False

    summary = models.TextField(
        blank=True,
        max_length=400,
        help_text="One or two sentences that say what the page gives the reader. Shown in lists and search.",
    )
    image = models.ForeignKey(
        "media.ClinicImage",
        null=True,
        blank=True,
        on_delete=models.RESTRICT,
        related_name="+",
        help_text="The picture at the top of the page and in lists.",
    )
    body = BlocksField(BodyBlocks())
    is_material_change = models.BooleanField(
        "readers should know of this change",
        default=False,
        help_text="For what readers may act on: a dose, a risk, an advice that is another one now. Not for spelling.",
    )
    change_note = models.TextField(
        "note to readers",
        blank=True,
        max_length=500,
        help_text="What changed, in one or two sentences. It stands on the page, with the day, until the next such change.",
    )

    promote_panels = [
        MultiFieldPanel(
            [
                FieldPanel("slug"),
                FieldPanel("seo_title"),
                FieldPanel("search_description"),
                FieldPanel("canonical_url"),
            ],
            "Search engines",
        ),
        MultiFieldPanel([FieldPanel("og_image")], "Sharing"),
        MultiFieldPanel([FieldPanel("show_in_menus")], "Menus"),
    ]
    settings_panels = [PublishingPanel()]
    change_panels = [ChangePanel()]
    lead_panels = [FieldPanel("title"), FieldPanel("summary"), FieldPanel("image")]

    class Meta:
        abstract = True

    @classmethod
    def tabs(cls, *tabs: tuple[str, list[Any]]) -> TabbedInterface:
        """The editor of a page type: its own tabs, then what every page has."""
        (first, words), *others = tabs
        own = [
            ObjectList(panels, heading=heading) for heading, panels in [(first, [*words, *cls.change_panels]), *others]
        ]
        return TabbedInterface(
            [
                *own,
                ObjectList(cls.promote_panels, heading="Search and sharing"),
                ObjectList(cls.settings_panels, heading="Schedule"),
            ]
        )

    @property
    def has_workflow(self) -> bool:
        """Whether the page can be submitted for review: its type says so, not a setting on an ancestor."""
        return self.get_workflow() is not None

    def get_workflow(self) -> Workflow | None:
        """The workflow whose tasks ask for exactly the stages that this page type requires, in order or in any order.

        Of several, the one that a clinic assigned to the page or to its nearest ancestor; without one, the oldest.
        """
        wanted = [stage.value for stage in self.required_stages]
        active = Workflow.objects.filter(active=True).order_by("pk")
        fitting = [workflow for workflow in active.prefetch_related(_STAGES_IN_ORDER) if _asks_for(workflow) == wanted]
        if len(fitting) < 2:
            return fitting[0] if fitting else None
        around = self.get_ancestors(inclusive=True)
        assigned = WorkflowPage.objects.filter(page__in=around, workflow__in=fitting).order_by("-page__depth").first()
        return next((one for one in fitting if assigned and one.pk == assigned.workflow_id), fitting[0])

    def save_revision(self, *args: Any, **options: Any) -> Any:
        """As Wagtail's, but a revision that somebody has decided on, or that is public, is never rewritten in place.

        Autosave rewrites the newest revision of the same user. The signed words must stay what they were, so a new revision
        is made instead, and later autosaves rewrite that one.
        """
        overwritten = options.get("overwrite_revision")
        if overwritten is not None and (
            overwritten.pk == self.live_revision_id
            or overwritten.approved_go_live_at
            or overwritten.task_states.exclude(status__in=("cancelled", "rejected")).exists()
        ):
            options["overwrite_revision"] = None
        return super().save_revision(*args, **options)

    def update_aliases(self, **options: Any) -> None:
        """As Wagtail's, but never for a page that is only scheduled: its aliases would show tomorrow's words today."""
        if self.live:
            super().update_aliases(**options)

    def serve(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        """Never answers: readers are served from the ledger, not from Wagtail's tables."""
        raise Http404

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """The page as readers would see it, by whoever renders readers' pages (hook ``render_preview``)."""
        for render in hooks.get_hooks("render_preview"):
            return render(request, self)
        raise Http404

    @classmethod
    def stream_field_names(cls) -> list[str]:
        """Names of the fields that hold blocks."""
        return [field.name for field in cls._meta.get_fields() if isinstance(field, BlocksField)]

    def authored_bytes(self, *, slug: str | None = None) -> bytes:
        """What an editor authored, as canonical bytes: exactly what an approval signs.

        Texts and blocks are read one by one: a stream that nobody has opened yet keeps whatever form it was stored in, the
        editor gives paragraphs new keys, and the same words would give two digests. ``slug`` stands in for the page's own.
        """
        serialized = self.serializable_data()
        for field in self._meta.get_fields():
            if isinstance(field, BlocksField):
                serialized[field.name] = canonical_value(field.stream_block, getattr(self, field.name))
            elif isinstance(field, RichTextField):
                serialized[field.name] = canonical_rich_text(getattr(self, field.name))
        for row in serialized.get("treatment_links", []):
            row["evidence"] = canonical_rich_text(row["evidence"])
        if not self.is_material_change:
            # A note that no reader will see is nobody's words.
            del serialized["is_material_change"], serialized["change_note"]
        return canonical_bytes(authored_content(serialized, slug=slug))

    def content_digest(self, *, slug: str | None = None) -> str:
        """The digest that approvals of this content carry, 64 hexadecimal digits; ``slug`` stands in for the page's own."""
        return digest_of(self.authored_bytes(slug=slug))

    def render(
        self,
        world: World,
        *,
        signatures: tuple[Signature, ...] = (),
        published_at: datetime.datetime | None = None,
        updated_at: datetime.datetime | None = None,
        material_change: MaterialChange | None = None,
    ) -> Rendered:
        """The public document of this page in ``world``.

        ``signatures`` are the approvals in force: the clinical ones date the review. ``published_at``, ``updated_at`` and
        ``material_change`` come from the ledger, which knows when the public first and last saw other words.
        """
        rendering = Rendering(world, signatures=signatures)
        own = self.document_fields(rendering)
        body = rendering.blocks(self.body)
        self.relate(rendering)
        text = searchable_text([own, body])
        reviewed_at = max((sig.at for sig in signatures if sig.stage == Stage.CLINICAL), default=None)
        path = world.path_of(self)
        document: dict[str, JSON] = {
            "type": self.document_type,
            "locale": self.locale.language_code,
            "slug": self.slug,
            "path": path,
            "url": f"{world.base_url}{path}",
            "title": self.title,
            "summary": self.summary,
            "image": rendering.image(self.image),  # type: ignore[dict-item]  # a TypedDict is JSON
            "published_at": time_of(published_at),
            "updated_at": time_of(updated_at),
            "reviewed_at": time_of(reviewed_at),
            "review_due": time_of(self.review_due(reviewed_at)),
            "material_change": material_change.as_public() if material_change else None,
            "reading_minutes": reading_minutes(text),
            "body": body,
            "references": [reference.to_public(n) for n, reference in enumerate(rendering.references, start=1)],
            "disclaimer": self.own_disclaimer(),
            "call_to_action": self.call_to_action(rendering),
            **own,
        }
        document["seo"] = seo.seo_of(self, document, rendering)
        return Rendered(document, tuple(rendering.relations), frozenset(rendering.dependencies))

    def document_fields(self, rendering: Rendering) -> dict[str, JSON]:
        """What this page type adds to the document, in reading order (references are numbered as they come)."""
        return {}

    def relate(self, rendering: Rendering) -> None:
        """Tie the page to its ancestors (breadcrumbs), to those who signed it, and to what editors related it to."""
        ancestors = self.get_ancestors().filter(depth__gt=1).order_by("depth")
        rendering.relate("breadcrumb", ancestors.values_list("pk", flat=True))
        signers = [sig.page_id for sig in rendering.signatures if sig.page_id]
        rendering.relate("signer", dict.fromkeys(signers))
        reviewers = [sig.page_id for sig in rendering.signatures if sig.page_id and sig.stage == Stage.CLINICAL]
        rendering.relate("reviewer", dict.fromkeys(reviewers))

    def json_ld(self, document: dict[str, JSON], rendering: Rendering) -> dict[str, JSON]:
        """Properties that this page type adds to its schema.org object."""
        return {}

    def review_due(self, reviewed_at: datetime.datetime | None) -> datetime.datetime | None:
        """When the page has to be reviewed again; pages without clinical review have no such day."""
        return None

    def own_disclaimer(self) -> str:
        """The page's own disclaimer, empty where the site's default applies."""
        return ""

    def call_to_action(self, rendering: Rendering) -> JSON:
        """What the reader may do next, or ``None``."""
        return None


class ClinicalPage(PublicPage):
    """A page that gives health advice: it needs a named author, a clinician's signature, and a date for the next one."""

    required_stages = (Stage.EDITORIAL, Stage.CLINICAL)
    schema_type = "MedicalWebPage"

    clinical_reviewer = models.ForeignKey(
        "home.PersonPage",
        null=True,
        blank=True,
        on_delete=models.RESTRICT,
        related_name="+",
        help_text="The clinician who will check this page. Readers see the name of whoever signs it.",
    )
    review_interval_months = models.PositiveSmallIntegerField(
        default=12, help_text="Months until a clinician has to look at the page again."
    )
    disclaimer = models.TextField(
        blank=True, max_length=1000, help_text="Leave empty to show the site’s disclaimer from Settings."
    )
    action_title = models.CharField("title", max_length=120, blank=True)
    action_text = models.CharField("text", max_length=300, blank=True)
    action_label = models.CharField(
        "button", max_length=60, blank=True, help_text="Words on the button. Empty: no button."
    )
    action_page = models.ForeignKey(
        Page, null=True, blank=True, on_delete=models.RESTRICT, related_name="+", verbose_name="page"
    )
    action_url = models.CharField(
        "address", max_length=300, blank=True, help_text="Used when no page is chosen: https:, tel: or mailto:."
    )

    people_panels = [
        MultipleChooserPanel("author_links", label="Author", chooser_field_name="person", heading="Authors"),
        FieldPanel("clinical_reviewer"),
        FieldPanel("review_interval_months"),
    ]
    closing_panels = [
        MultiFieldPanel(
            [
                FieldPanel("action_title"),
                FieldPanel("action_text"),
                FieldRowPanel([FieldPanel("action_label"), FieldPanel("action_url")]),
                FieldPanel("action_page"),
            ],
            "Call to action",
        ),
        FieldPanel("disclaimer"),
    ]
    related_panels = [
        MultipleChooserPanel("related_links", label="Related page", chooser_field_name="target", heading="Read next"),
    ]

    class Meta:
        abstract = True

    def relate(self, rendering: Rendering) -> None:
        """Authors and related pages, besides what every page has."""
        super().relate(rendering)
        rendering.relate("author", [link.person_id for link in self.author_links.all()])
        rendering.relate("related", [link.target_id for link in self.related_links.all()])

    def review_due(self, reviewed_at: datetime.datetime | None) -> datetime.datetime | None:
        """The review's day, ``review_interval_months`` later."""
        return None if reviewed_at is None else months_after(reviewed_at, self.review_interval_months)

    def own_disclaimer(self) -> str:
        """The page's own disclaimer, empty where the site's default applies."""
        return self.disclaimer

    def call_to_action(self, rendering: Rendering) -> JSON:
        """The button at the end of the page, when it has words and leads somewhere."""
        url = target_url(self.action_page, self.action_url, rendering)
        if not (self.action_label and url):
            return None
        return {"title": self.action_title, "text": self.action_text, "label": self.action_label, "url": url}


def months_after(moment: datetime.datetime, months: int) -> datetime.datetime:
    """``moment`` moved on by calendar months; the 31st becomes the last day of a shorter month."""
    year, month = divmod(moment.month - 1 + months, 12)
    first_of_next = datetime.date(moment.year + year + (month == 11), (month + 1) % 12 + 1, 1)
    last_day = (first_of_next - datetime.timedelta(days=1)).day
    return moment.replace(year=moment.year + year, month=month + 1, day=min(moment.day, last_day))


def lines_of(text: str) -> list[str]:
    """The non-empty lines of a field that holds one entry to a line."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def inline(relation: str, field: str, label: str, heading: str) -> InlinePanel:
    """A panel that chooses several pages at once."""
    return MultipleChooserPanel(relation, label=label, chooser_field_name=field, heading=heading)
