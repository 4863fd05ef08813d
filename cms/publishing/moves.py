"""Counts that move with heads: one statement for each head, or one for all heads of a transaction.

A transaction that publishes a hundred pages would move some counts a hundred times, and PostgreSQL would walk through all earlier
versions of a row each time.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class Moves(Generic[Key]):
    """Moves of counts by key, written by ``write``, which is given by how much each count has moved and never a nought."""

    def __init__(self, write: Callable[[dict[Key, int]], None]) -> None:
        self._write = write
        self._waiting: ContextVar[Counter[Key] | None] = ContextVar("waiting", default=None)

    def move(self, gone: Iterable[Key], come: Iterable[Key]) -> None:
        """Take one off for each of ``gone`` and add one for each of ``come``: now, or at the end of what is ``together``."""
        with self._gathered() as waiting:
            waiting.subtract(gone)
            waiting.update(come)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Write all moves inside at the end, at once; none when there is an error, which ends the transaction as well."""
        with self._gathered():
            yield

    @contextmanager
    def _gathered(self) -> Iterator[Counter[Key]]:
        outer = self._waiting.get()
        if outer is not None:
            yield outer
            return
        waiting: Counter[Key] = Counter()
        token = self._waiting.set(waiting)
        try:
            yield waiting
        finally:
            self._waiting.reset(token)
        if moved := {key: by for key, by in waiting.items() if by}:
            self._write(moved)
