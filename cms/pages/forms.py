"""The editor's form of a page: when somebody presses Publish, each finding is shown beside its place.

The gate itself is asked again when the transaction ends; asking here is a kindness to the person at the keyboard. Forms
know nothing of the workflow: it answers through the hook ``findings_before_publication``.
"""

from typing import Any

from django.core.exceptions import ValidationError
from wagtail import hooks
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.blocks import StreamBlockValidationError, StreamValue

from cms.pages.findings import Finding

HOOK = "findings_before_publication"
_CHANGED_AND_APPROVED = (
    "This form differs from the newest draft, and nobody approves what they wrote. Reload the page to approve what is on "
    "file; or save your changes, and somebody else approves them."
)


class PublicPageForm(WagtailAdminPageForm):
    """A page form that refuses to publish what the gate would refuse, and says why, place by place.

    It also refuses to change words and to approve them in one go: the change would be saved, its author could not approve.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._is_ready: bool | None = None
        self._digest_on_file = self.instance.content_digest() if self._is_approving() else ""

    def is_valid(self) -> bool:
        """As usual; and nothing may stand against what the person is about to do with the page as the form has it."""
        if not super().is_valid():
            return False
        if self._is_ready is None:
            self._is_ready = self._nothing_speaks_against()
        return self._is_ready

    def _nothing_speaks_against(self) -> bool:
        if self.data.get("action-publish"):
            page = self.save(commit=False)
            findings = [finding for ask in hooks.get_hooks(HOOK) for finding in ask(page)]
            self._show(findings)
            return not findings
        if self._is_approving() and self.save(commit=False).content_digest() != self._digest_on_file:
            self.add_error(None, _CHANGED_AND_APPROVED)
            return False
        return True

    def _is_approving(self) -> bool:
        decision = self.data.get("action-workflow-action") and self.data.get("workflow-action-name")
        return self.is_bound and str(decision or "").startswith("approve")

    def _show(self, findings: list[Finding]) -> None:
        in_streams: dict[str, dict[int | None, list[str]]] = {}
        for finding in findings:
            if isinstance(getattr(self.instance, finding.field, None), StreamValue) and finding.field in self.fields:
                in_streams.setdefault(finding.field, {}).setdefault(self._index_of(finding), []).append(finding.message)
            elif finding.field in self.fields:
                self.add_error(finding.field, finding.message)
            else:
                if finding.field in self.formsets:
                    # Beside the rows, too: they are on another tab than the list at the top of the page.
                    self.formsets[finding.field].non_form_errors().append(finding.message)
                self.add_error(None, finding.message)
        for field, messages in in_streams.items():
            # The field shows one error only, so all that is known goes into it. A struct block has one place for all of its
            # parts.
            whole = messages.pop(None, [])
            blocks = {index: ValidationError(" ".join(lines)) for index, lines in messages.items()}
            self.add_error(field, StreamBlockValidationError(block_errors=blocks, non_block_errors=whole))

    def _index_of(self, finding: Finding) -> int | None:
        """Which block of its stream the finding is about; ``None`` for the stream as a whole."""
        if not finding.block_id:
            return None
        stream = getattr(self.instance, finding.field)
        return next((index for index, child in enumerate(stream) if str(child.id) == finding.block_id), None)
