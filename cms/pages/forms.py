"""The editor's form of a page: when somebody presses Publish, each finding is shown beside its place.

The gate itself is asked again when the transaction ends; asking here is a kindness to the person at the keyboard. Forms
know nothing of the workflow: it answers through the hook ``findings_before_publication``.
"""

from django.core.exceptions import ValidationError
from wagtail import hooks
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.blocks import StreamBlockValidationError

from cms.pages.findings import Finding

HOOK = "findings_before_publication"


class PublicPageForm(WagtailAdminPageForm):
    """A page form that refuses to publish what the gate would refuse, and says why, field by field."""

    def is_valid(self) -> bool:
        """As usual; and, when publishing, nothing may stand against the page as the form would save it."""
        if not super().is_valid():
            return False
        if not self.data.get("action-publish"):
            return True
        page = self.save(commit=False)
        findings = [finding for ask in hooks.get_hooks(HOOK) for finding in ask(page)]
        self._show(findings)
        return not findings

    def _show(self, findings: list[Finding]) -> None:
        in_blocks: dict[str, dict[int, list[str]]] = {}
        for finding in findings:
            index = self._index_of(finding)
            if index is not None:
                in_blocks.setdefault(finding.field, {}).setdefault(index, []).append(finding.message)
            elif finding.field in self.fields:
                self.add_error(finding.field, finding.message)
            else:
                self.add_error(None, finding.message)
        for field, messages in in_blocks.items():
            # Blocks show their errors inside themselves; a struct block cannot, so its messages go to the whole block.
            errors = {index: ValidationError(" ".join(lines)) for index, lines in messages.items()}
            self.add_error(field, StreamBlockValidationError(block_errors=errors))

    def _index_of(self, finding: Finding) -> int | None:
        stream = getattr(self.instance, finding.field, None) if finding.block_id else None
        if stream is None:
            return None
        return next((index for index, child in enumerate(stream) if str(child.id) == finding.block_id), None)
