"""What an operation may answer, for the description of the API: its own shape, and the errors that every read has."""

from typing import Any


def responses(shape: Any, *errors: int) -> dict[int, Any]:
    """The answers of a read: ``shape``, 304 for who has it already, and problems; ``errors`` are those of its own.

    The shape of problems is left to ``description``: here the framework would make a model of it for each status of each
    operation, two hundred in all, which every web process would hold and nothing would use.
    """
    statuses = sorted({400, 401, 405, 406, 414, 422, 429, 503, *errors})
    return {200: shape, 304: None, **dict.fromkeys(statuses)}
