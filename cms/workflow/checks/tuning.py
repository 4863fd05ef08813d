"""How a clinic tunes the checks: what each one does, and where its limits lie. One setting, ``CONTENT_CHECKS``.

``{"levels": {"reading_grade": "off"}, "limits": {"summary_characters": 250}}``: what is not named keeps its default. A name
that no check has stops the start: a check that somebody believes to have switched must not go on, or stay away, in silence.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

Level = Literal["blocking", "advice", "off"]
LEVELS: tuple[Level, ...] = ("blocking", "advice", "off")


@dataclass(frozen=True)
class Limit:
    """A number that a check compares with: its default, its unit, and where it comes from."""

    default: int
    unit: str
    source: str


LIMITS: dict[str, Limit] = {
    "title_characters": Limit(90, "at most, in characters", "longer headlines wrap to four lines on a telephone"),
    "seo_title_characters": Limit(65, "at most, in characters", "search engines cut titles near 600 pixels"),
    "summary_characters": Limit(300, "at most, in characters", "cards show about four lines"),
    "description_characters": Limit(160, "at most, in characters", "search engines cut descriptions near here"),
    "reading_grade": Limit(
        10, "at most, a school grade", "two above the eighth, which the NIH advises: names of illnesses are long words"
    ),
    "reading_words": Limit(100, "words before a grade is told", "Flesch and Kincaid sampled passages of 100 words"),
    "share_width": Limit(600, "at least, in pixels", "networks show smaller pictures as a stamp or not at all"),
    "share_height": Limit(315, "at least, in pixels", "the same, at 1.91 to 1"),
}


def limit(name: str) -> int:
    """The limit ``name`` as this clinic has set it, in the unit that ``LIMITS`` gives."""
    return int(_part("limits").get(name, LIMITS[name].default))


def level_of(check: str, default: Level) -> Level:
    """What the check of this name does here; ``default`` where the clinic has said nothing."""
    return cast("Level", _part("levels").get(check, default))


def require_usable(names: Mapping[str, bool]) -> None:
    """Raise ``ImproperlyConfigured`` unless the setting can be followed.

    ``names`` are the checks that there are; the value says whether a check may keep a page from the public.
    """
    unknown = sorted(set(settings.CONTENT_CHECKS) - {"levels", "limits"})
    if unknown:
        _refuse(f"has the part {unknown[0]!r}; its parts are levels and limits")
    for check, level in _part("levels").items():
        if check not in names:
            _refuse(f"names the check {check!r}, which does not exist; there are {', '.join(sorted(names))}")
        if level not in LEVELS:
            _refuse(f"sets {check} to {level!r}; a check is blocking, advice or off")
        if level == "blocking" and not names[check]:
            _refuse(f"sets {check} to blocking; it can only advise or be off")
    for name, number in _part("limits").items():
        if name not in LIMITS:
            _refuse(f"names the limit {name!r}, which does not exist; there are {', '.join(sorted(LIMITS))}")
        if not str(number).isascii() or not str(number).isdigit() or int(number) == 0:
            _refuse(f"sets the limit {name} to {number!r}, which is no whole number above 0")


def _part(name: str) -> Mapping[str, str | int]:
    return cast("Mapping[str, str | int]", settings.CONTENT_CHECKS.get(name, {}))


def _refuse(reason: str) -> None:
    raise ImproperlyConfigured(f"CONTENT_CHECKS {reason}.")
