"""What an operation may answer, for the description of the API: its own shape, and the errors that every read has."""

from typing import Any

from cms.api.answer_schemas import ProblemDetails


def responses(shape: Any, *errors: int) -> dict[int, Any]:
    """The answers of a read: ``shape``, 304 for who has it already, and problems; ``errors`` are those of its own."""
    statuses = sorted({400, 401, 405, 406, 414, 422, 429, 503, *errors})
    return {200: shape, 304: None, **dict.fromkeys(statuses, ProblemDetails)}
