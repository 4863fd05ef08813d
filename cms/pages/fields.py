"""A stream field that keeps its blocks out of migrations.

Wagtail writes every block definition into every migration that touches a stream field, thousands of lines that no database
needs. The cost of leaving them out: a data migration that rewrites blocks cannot ask the historical model for them, and has
to name the block types it changes.
"""

from typing import Any

from wagtail.fields import StreamField


class BlocksField(StreamField):
    """Blocks, optional while a page is a draft; the gate's checks say what publication needs."""

    def __init__(self, block_types: Any, **options: Any) -> None:
        options.setdefault("blank", True)
        super().__init__(block_types, **options)

    def deconstruct(self) -> Any:
        """Everything but the blocks."""
        name, path, _args, options = super().deconstruct()
        options.pop("block_lookup", None)
        return name, path, [[]], options
