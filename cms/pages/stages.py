"""The stages of review that a page type can require. Declared here, below the workflow, because page types name them."""

from django.db import models


class Stage(models.TextChoices):
    """A stage of review; the order here is the order in which stages follow each other."""

    EDITORIAL = "editorial", "Editorial review"
    CLINICAL = "clinical", "Clinical review"
