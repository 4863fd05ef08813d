"""Sparse answers: only the fields that a client names, dotted for what is inside (``title,image.src,authors.title``).

The public schemas are the allow-list: a name that they do not have is refused, whether it exists inside or not.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

# What is wanted: each name with what is wanted inside it; nothing inside means the whole of it.
Tree: TypeAlias = dict[str, "Tree"]
MAX_FIELDS = 60


@lru_cache(maxsize=256)
def tree_of(fields: str, shape: Any) -> Tree:
    """The names in ``fields``, separated by commas; raises ``ValueError`` for one that ``shape`` does not have."""
    names = fields.split(",")
    if len(names) > MAX_FIELDS:
        raise ValueError(f"At most {MAX_FIELDS} fields.")
    tree: Tree = {}
    whole: set[str] = set()
    for name in names:
        models = tuple(_models_in(shape))
        branch = tree
        walked = ""
        for part in name.split("."):
            allowed = {_named(name, field) for model in models for name, field in model.model_fields.items()}
            if part not in allowed:
                inside = f" inside “{walked}”" if walked else ""
                raise ValueError(f"Unknown field{inside}; allowed: {', '.join(sorted(allowed)) or 'nothing'}.")
            walked = f"{walked}.{part}".lstrip(".")
            branch = branch.setdefault(part, {})
            models = tuple(_inside(models, part))
        whole.add(name)
    for name in whole:
        _cut(tree, name.split("."))
    return tree


def pick(value: Any, tree: Tree) -> Any:
    """``value`` with only what ``tree`` wants; a list is picked from one by one."""
    if not tree:
        return value
    if isinstance(value, list):
        return [pick(part, tree) for part in value]
    if isinstance(value, dict):
        return {name: pick(value[name], inside) for name, inside in tree.items() if name in value}
    return value


def _cut(tree: Tree, parts: list[str]) -> None:
    """What is asked for as a whole is given as a whole, even when something inside it was named too."""
    for part in parts[:-1]:
        if part not in tree:
            return
        tree = tree[part]
    if parts[-1] in tree:
        tree[parts[-1]] = {}


def _inside(models: tuple[type[BaseModel], ...], name: str) -> Iterator[type[BaseModel]]:
    for model in models:
        # Blocks are given whole: their type says what is inside, and without it the rest means nothing.
        for own_name, field in model.model_fields.items():
            if _named(own_name, field) == name and name != "value":
                yield from _models_in(field.annotation)


def _named(name: str, field: FieldInfo) -> str:
    """The name of ``field`` in answers: some are no names of Python (``@type``)."""
    return field.alias or name


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that a type allows: itself, the members of a union, the items of a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) is not dict:
        for part in get_args(annotation):
            if get_origin(annotation) in (list, Union) or isinstance(part, type) or get_args(part):
                yield from _models_in(part)
