"""Checklists: what a reviewer looked at before approving, point by point, for each stage.

The points are rows that administrators keep (Settings → Review checklists), because a clinic knows best what it forgets. What
is ticked is named by a key that holds the words of the point: when somebody rewords it while a reviewer reads, the tick does
not carry over to words that nobody read. An approval keeps the points as they were.
"""

import hashlib
from collections.abc import Collection, Iterable
from typing import TypedDict

from django.db import models

from cms.pages.stages import Stage


class Checked(TypedDict):
    """One point as an approval keeps it."""

    text: str
    required: bool
    ticked: bool


class ChecklistPoint(models.Model):
    """One point of a stage's checklist."""

    stage = models.CharField(max_length=20, choices=Stage.choices)
    text = models.CharField(
        "point", max_length=200, help_text="What the reviewer confirms, as a statement: “Every figure agrees with …”"
    )
    explanation = models.CharField(
        max_length=400, blank=True, help_text="What exactly to look at. Shown below the point."
    )
    is_required = models.BooleanField(
        "required", default=True, help_text="Nobody can approve at this stage without ticking it."
    )
    position = models.PositiveSmallIntegerField(default=100, help_text="Smaller numbers come first.")

    class Meta:
        ordering = ["stage", "position", "pk"]
        verbose_name = "point of a review checklist"
        verbose_name_plural = "points of review checklists"

    def __str__(self) -> str:
        return self.text

    @property
    def key(self) -> str:
        """What a form sends when the point is ticked; it changes with the point's words."""
        return f"{self.pk}-{hashlib.sha256(self.text.encode()).hexdigest()[:12]}"


def points_of(stage: Stage) -> list[ChecklistPoint]:
    """The points that a reviewer confirms at ``stage``, in order."""
    return list(ChecklistPoint.objects.filter(stage=stage.value))


def missing_of(points: Iterable[ChecklistPoint], ticked: Collection[str]) -> list[str]:
    """Why an approval with these keys ``ticked`` is not complete: one sentence for all required points that are missing."""
    missing = [f"“{point.text}”" for point in points if point.is_required and point.key not in ticked]
    if not missing:
        return []
    return [f"Approving needs every required point of the checklist. Not ticked: {', '.join(missing)}."]


def kept(points: Iterable[ChecklistPoint], ticked: Collection[str]) -> list[Checked]:
    """The checklist as the approval keeps it."""
    return [Checked(text=point.text, required=point.is_required, ticked=point.key in ticked) for point in points]
