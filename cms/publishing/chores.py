"""Small work that the worker does now and then for apps that it does not know.

An app registers what is to be done and how often, when it is loaded. A chore that fails is logged and tried at its next time;
it stops neither the others nor the worker.
"""

import datetime
import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone

logger = logging.getLogger("attest.worker")


@dataclass(frozen=True)
class Chore:
    """What is done: a function of the moment, and how long after it began it is done again."""

    name: str
    every: datetime.timedelta
    do: Callable[[datetime.datetime], object]


_chores: dict[str, Chore] = {}


def register(name: str, *, every: datetime.timedelta, do: Callable[[datetime.datetime], object]) -> None:
    """Have the worker call ``do`` every so often; a second chore of the same name takes the place of the first."""
    _chores[name] = Chore(name, every, do)


class Round:
    """One worker's memory of when it did what; at first everything is due."""

    def __init__(self) -> None:
        self._begun: dict[str, datetime.datetime] = {}

    def do_due(self, now: datetime.datetime | None = None) -> list[str]:
        """Do what is due; the names of what was done."""
        done = []
        for chore in _chores.values():
            moment = now or timezone.now()
            begun = self._begun.get(chore.name)
            if begun is not None and moment - begun < chore.every:
                continue
            self._begun[chore.name] = moment
            try:
                chore.do(moment)
            except Exception:
                logger.exception("The chore %s failed; trying again in %s", chore.name, chore.every)
                continue
            done.append(chore.name)
        return done
