"""Typed readers of environment variables: the only place in Attest that reads the environment.

Each reader fails at start and names the variable and the value it could not use: a wrong setting found at the first request
of the night is found too late.
"""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


def text(name: str, *, default: str | None = None) -> str:
    """The variable ``name`` as it stands; raises ``ImproperlyConfigured`` when it is unset and has no default."""
    value = os.environ.get(name)
    if value is not None and value != "":
        return value
    if default is None:
        raise ImproperlyConfigured(f"{name} is not set, and it has no default.")
    return default


def flag(name: str, *, default: bool) -> bool:
    """The variable ``name`` as a yes or no (1/0, true/false, yes/no, on/off)."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() in _TRUE:
        return True
    if value.lower() in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={value!r} is neither yes nor no; allowed: 1, 0, true, false, yes, no, on, off.")


def integer(name: str, *, default: int, minimum: int, maximum: int) -> int:
    """The variable ``name`` as a whole number between ``minimum`` and ``maximum``, both included."""
    value = os.environ.get(name)
    if value is None or value == "":
        return default
    try:
        number = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number.") from None
    if not minimum <= number <= maximum:
        raise ImproperlyConfigured(f"{name}={number} is out of range; allowed: {minimum} to {maximum}.")
    return number


def words(name: str, *, default: str = "") -> list[str]:
    """The variable ``name`` as a list of words separated by commas; empty words are left out."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def pairs(name: str) -> dict[str, str]:
    """The variable ``name`` as pairs, ``a=b,c=d``; empty when unset."""
    found = {}
    for word in words(name):
        key, equals, value = (part.strip() for part in word.partition("="))
        if not (key and equals and value) or key in found:
            raise ImproperlyConfigured(f"{name} has {word!r} in it; it takes pairs such as a=b,c=d, each name once.")
        found[key] = value
    return found


def folder(name: str, *, default: Path) -> Path:
    """The variable ``name`` as an absolute path of a folder, which is made when it is missing."""
    path = Path(os.environ.get(name) or default).resolve()
    path.mkdir(parents=True, exist_ok=True)
    return path


def secret(name: str) -> str:
    """A secret of at least 50 characters; raises ``ImproperlyConfigured`` for a weaker one, without printing it."""
    value = text(name)
    if len(value) < 50 or len(set(value)) < 5:
        raise ImproperlyConfigured(f"{name} is too weak: at least 50 characters, at least 5 different ones.")
    return value
