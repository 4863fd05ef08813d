"""What templates ask about a review: which buttons a person may press, and which places a comment can be about."""

from dataclasses import dataclass
from typing import Any

from django import template

from cms.pages.models import PublicPage
from cms.workflow import approval, assignment, change_requests, withdrawal
from cms.workflow.assignment import OpenStage, Reviewer, Waiting

register = template.Library()


@dataclass(frozen=True)
class StageActs:
    """One open stage, and what the person who looks may do about it."""

    open: OpenStage
    can_claim: bool
    can_assign: bool
    can_release: bool
    can_date: bool
    reviewers: tuple[Reviewer, ...]

    @property
    def possible(self) -> list[Reviewer]:
        """Who could have the review instead of whoever has it."""
        return [one for one in self.reviewers if one.is_possible and one.user != self.open.assigned_to]

    @property
    def others(self) -> list[Reviewer]:
        """Who holds a role for it and cannot have it here, each with the reasons."""
        return [reviewer for reviewer in self.reviewers if not reviewer.is_possible]


@register.simple_tag
def review_acts(waiting: Waiting | None, page: PublicPage, user: Any) -> list[StageActs]:
    """For each open stage, what ``user`` may do; a kindness, since each act asks again."""
    if waiting is None:
        return []
    may_arrange = assignment.may_arrange(page, user)
    may_publish = page.permissions_for_user(user).can_publish()
    is_submitter = waiting.step.workflow_state.requested_by_id == user.pk
    found = []
    for one in waiting.open:
        has_it = one.assigned_to == user
        can_assign = may_arrange or has_it
        found.append(
            StageActs(
                open=one,
                can_claim=one.assigned_to is None and not approval.obstacles(page, stage=one.stage, user=user),
                can_assign=can_assign,
                can_release=one.assigned_to is not None and (has_it or may_publish),
                can_date=may_arrange or is_submitter,
                reviewers=tuple(assignment.possible_reviewers(page, one.stage)) if can_assign else (),
            )
        )
    return found


@register.simple_tag
def may_withdraw(page: PublicPage, user: Any) -> bool:
    """Whether ``user`` may take ``page`` back to draft."""
    return withdrawal.may_withdraw(page, user)


@register.simple_tag
def places_of(page: Any) -> list[change_requests.Place]:
    """The places of the newest draft of ``page`` that a comment can be about."""
    specific = page.specific
    return change_requests.places_of(approval.draft_of(specific)) if isinstance(specific, PublicPage) else []
