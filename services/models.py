"""The clinic's services and the conditions that it treats."""

from typing import Any, ClassVar, cast

from django.core.validators import MinValueValidator
from django.db import models
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel

from cms.pages.blocks import target_url
from cms.pages.document import JSON
from cms.pages.fields import BlocksField
from cms.pages.models import ClinicalPage, PublicPage, inline, lines_of
from cms.pages.rendering import Rendering
from cms.pages.streams import QuestionBlocks, SectionBlocks, SignBlocks


class ServiceIndexPage(PublicPage):
    """The list of services."""

    document_type = "service_index"
    schema_type = "CollectionPage"
    parent_page_types: ClassVar[list[str]] = ["home.HomePage"]
    subpage_types: ClassVar[list[str]] = ["services.ServicePage"]

    edit_handler = PublicPage.tabs(("Content", [*PublicPage.lead_panels, FieldPanel("body")]))

    class Meta:
        verbose_name = "service index"


class ServicePage(ClinicalPage):
    """A service of the clinic: what happens, how long it takes, who should ask first."""

    document_type = "service"
    parent_page_types: ClassVar[list[str]] = ["services.ServiceIndexPage"]
    subpage_types: ClassVar[list[str]] = []

    what_to_expect = BlocksField(SectionBlocks(), help_text="What happens during a visit.")
    session_minutes_min = models.PositiveSmallIntegerField(
        "shortest session", null=True, blank=True, validators=[MinValueValidator(1)], help_text="Minutes."
    )
    session_minutes_max = models.PositiveSmallIntegerField(
        "longest session", null=True, blank=True, validators=[MinValueValidator(1)], help_text="Minutes."
    )
    course_of_treatment = BlocksField(SectionBlocks(), help_text="How many visits, and what that depends on.")
    precautions = BlocksField(SectionBlocks(), help_text="Risks, and who should ask a provider first.")
    preparation = BlocksField(SectionBlocks(), help_text="What to do before a visit.")
    aftercare = BlocksField(SectionBlocks(), help_text="What to do after it.")
    faqs = BlocksField(QuestionBlocks())
    booking_url = models.CharField(
        "booking address", max_length=300, blank=True, help_text="Leave empty to use the clinic’s."
    )

    edit_handler = PublicPage.tabs(
        (
            "Content",
            [
                *PublicPage.lead_panels,
                FieldPanel("what_to_expect"),
                MultiFieldPanel(
                    [FieldRowPanel([FieldPanel("session_minutes_min"), FieldPanel("session_minutes_max")])], "Length"
                ),
                FieldPanel("course_of_treatment"),
                FieldPanel("precautions"),
                FieldPanel("preparation"),
                FieldPanel("aftercare"),
                FieldPanel("faqs"),
                FieldPanel("body"),
                FieldPanel("booking_url"),
                *ClinicalPage.closing_panels,
            ],
        ),
        ("People", [inline("provider_links", "person", "Provider", "Who provides it"), *ClinicalPage.people_panels]),
        (
            "Relations",
            [
                inline("condition_links", "condition", "Condition", "Conditions that it is offered for"),
                inline("topic_links", "topic", "Topic", "Topics"),
                *ClinicalPage.related_panels,
            ],
        ),
    )

    class Meta:
        verbose_name = "service"

    def document_fields(self, rendering: Rendering) -> dict[str, JSON]:
        """What a visitor of this service needs to know, in reading order."""
        return {
            "what_to_expect": rendering.blocks(self.what_to_expect),
            "session_minutes": self._session_minutes(),
            "course_of_treatment": rendering.blocks(self.course_of_treatment),
            "precautions": rendering.blocks(self.precautions),
            "preparation": rendering.blocks(self.preparation),
            "aftercare": rendering.blocks(self.aftercare),
            "faqs": [child.block.to_public(child.value, rendering) for child in self.faqs],
            "booking_url": target_url(None, self.booking_url, rendering),
        }

    def relate(self, rendering: Rendering) -> None:
        """Providers, conditions and topics."""
        super().relate(rendering)
        rendering.relate("provider", [link.person_id for link in self.provider_links.all()])
        rendering.relate("condition", [link.condition_id for link in self.condition_links.all()])
        rendering.relate("topic", [link.topic_id for link in self.topic_links.all()])

    def json_ld(self, document: dict[str, JSON], rendering: Rendering) -> dict[str, JSON]:
        """The service as a schema.org ``MedicalTherapy``."""
        return {"about": {"@type": "MedicalTherapy", "name": self.title, "description": self.summary}}

    def _session_minutes(self) -> JSON:
        shortest, longest = self.session_minutes_min, self.session_minutes_max
        if shortest is None and longest is None:
            return None
        return {"min": shortest or longest, "max": longest or shortest}


class ConditionIndexPage(PublicPage):
    """The list of conditions."""

    document_type = "condition_index"
    schema_type = "CollectionPage"
    parent_page_types: ClassVar[list[str]] = ["home.HomePage"]
    subpage_types: ClassVar[list[str]] = ["services.ConditionPage"]

    edit_handler = PublicPage.tabs(("Content", [*PublicPage.lead_panels, FieldPanel("body")]))

    class Meta:
        verbose_name = "condition index"


class ConditionPage(ClinicalPage):
    """A condition: signs of danger first, then what it is and what may help."""

    document_type = "condition"
    parent_page_types: ClassVar[list[str]] = ["services.ConditionIndexPage"]
    subpage_types: ClassVar[list[str]] = []

    also_known_as = models.TextField(blank=True, help_text="Other names and what people type, one to a line.")
    icd10 = models.TextField("ICD-10-CM codes", blank=True, help_text="One to a line, for example M79.7.")
    emergency_signs = BlocksField(SignBlocks(), help_text="When to call 911 at once.")
    soon_signs = BlocksField(SignBlocks(), help_text="When to see a provider within days.")
    overview = BlocksField(SectionBlocks())
    symptoms = BlocksField(SectionBlocks())
    causes = BlocksField(SectionBlocks())
    risk_factors = BlocksField(SectionBlocks())
    self_care = BlocksField(SectionBlocks())
    faqs = BlocksField(QuestionBlocks())

    edit_handler = PublicPage.tabs(
        (
            "Content",
            [
                *PublicPage.lead_panels,
                FieldRowPanel([FieldPanel("also_known_as"), FieldPanel("icd10")]),
                MultiFieldPanel([FieldPanel("emergency_signs"), FieldPanel("soon_signs")], "When to seek care"),
                FieldPanel("overview"),
                FieldPanel("symptoms"),
                FieldPanel("causes"),
                FieldPanel("risk_factors"),
                FieldPanel("self_care"),
                InlinePanel("treatment_links", label="Treatment", heading="Treatments and what the evidence says"),
                FieldPanel("faqs"),
                FieldPanel("body"),
                *ClinicalPage.closing_panels,
            ],
        ),
        ("People", ClinicalPage.people_panels),
        ("Relations", [inline("topic_links", "topic", "Topic", "Topics"), *ClinicalPage.related_panels]),
    )

    class Meta:
        verbose_name = "condition"

    def document_fields(self, rendering: Rendering) -> dict[str, JSON]:
        """Names and codes, signs of danger, then the sections in reading order."""
        document: dict[str, JSON] = {
            "also_known_as": lines_of(self.also_known_as),
            "icd10": lines_of(self.icd10),
            "when_to_seek_care": {
                "emergency": [child.block.to_public(child.value, rendering) for child in self.emergency_signs],
                "soon": [child.block.to_public(child.value, rendering) for child in self.soon_signs],
            },
            "overview": rendering.blocks(self.overview),
            "symptoms": rendering.blocks(self.symptoms),
            "causes": rendering.blocks(self.causes),
            "risk_factors": rendering.blocks(self.risk_factors),
            "self_care": rendering.blocks(self.self_care),
        }
        # The evidence belongs to the tie between condition and service: it is shown only while the service is public.
        for link in self.treatment_links.all():
            rendering.relate("treatment", [link.service_id], note=rendering.html(link.evidence))
        document["faqs"] = [child.block.to_public(child.value, rendering) for child in self.faqs]
        return document

    def relate(self, rendering: Rendering) -> None:
        """Topics."""
        super().relate(rendering)
        rendering.relate("topic", [link.topic_id for link in self.topic_links.all()])

    def json_ld(self, document: dict[str, JSON], rendering: Rendering) -> dict[str, JSON]:
        """The condition as a schema.org ``MedicalCondition``, with its codes and possible treatments."""
        codes = [
            {"@type": "MedicalCode", "codingSystem": "ICD-10-CM", "codeValue": code} for code in lines_of(self.icd10)
        ]
        services = [rendering.neighbour(tie.page_id) for tie in rendering.relations if tie.kind == "treatment"]
        about: dict[str, Any] = {
            "@type": "MedicalCondition",
            "name": self.title,
            "alternateName": cast("list[str]", document["also_known_as"]),
            "code": codes,
            "possibleTreatment": [
                {"@type": "MedicalTherapy", "name": service.title} for service in services if service
            ],
        }
        return {"about": {name: value for name, value in about.items() if value}}
