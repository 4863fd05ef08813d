"""A finding: what a check says of a revision, and where in the page it says so."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """``field`` names a field of the page; ``block_id`` a block of that stream field. Both empty: the page as a whole."""

    code: str
    message: str
    is_blocking: bool = True
    field: str = ""
    block_id: str = ""

    def as_json(self) -> dict[str, str | bool]:
        """The finding as plain values, for logs and answers."""
        return {
            "code": self.code,
            "message": self.message,
            "blocking": self.is_blocking,
            "field": self.field,
            "block": self.block_id,
        }
