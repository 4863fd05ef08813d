"""The import table of the design, executed: who may know of whom, and what a file may be called and how long it may be.

Imports inside functions and under ``TYPE_CHECKING`` count too: a dependency that is hidden is still one. Relations between
content apps are strings such as ``"home.PersonPage"``, which are not imports.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# What each package may import, besides itself and what is not ours.
CONTENT = frozenset({"home", "articles", "services"})
ALLOWED: dict[str, frozenset[str]] = {
    "cms.accounts": frozenset(),
    "cms.media": frozenset(),
    "cms.pages": frozenset({"cms.media", "cms.accounts"}),
    "home": frozenset({"cms.pages"}),
    "articles": frozenset({"cms.pages"}),
    "services": frozenset({"cms.pages"}),
    "cms.workflow": frozenset({"cms.pages", "cms.accounts"}),
    "cms.publishing": frozenset({"cms.pages", "cms.workflow"}),
    "search": frozenset({"cms.publishing", "cms.pages"}),
    "cms.api": frozenset({"cms.publishing", "cms.pages", "search", "cms.workflow"}),
    "cms.reader": frozenset(
        {
            *("cms.api", "cms.publishing", "cms.pages", "search", "home"),
            *("cms.workflow", "cms.media", "cms.accounts"),
        }
    ),
}
# May import everything, and nobody imports it.
ALLOWED["cms.demo"] = frozenset(ALLOWED)
# They put the parts together: settings name every app, addresses every view, and the launcher starts what is there.
EXEMPT = {"cms/settings", "cms/urls.py", "cms/wsgi.py", "cms/launch.py"}
TOP_LEVEL = ("cms", "home", "articles", "services", "search")

FORBIDDEN_NAMES = {"utils", "helpers", "mixins", "constants", "common"}
MAX_LINES = 400
# Drawings, not rules: one long list of shapes.
LONG_FILES = {"cms/demo/illustrations.py"}


def python_files() -> list[Path]:
    return sorted(path for top in TOP_LEVEL for path in (ROOT / top).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def is_exempt(name: str) -> bool:
    return name in EXEMPT or any(name.startswith(f"{folder}/") for folder in EXEMPT)


def package_of(module: str) -> str | None:
    """The package of ours to which a dotted module name belongs; ``None`` for what is not ours."""
    parts = module.split(".")
    if parts[0] not in TOP_LEVEL:
        return None
    return ".".join(parts[:2]) if parts[0] == "cms" else parts[0]


def imports_in(source: str, module: str) -> Iterator[str]:
    """Every module that ``source`` imports, wherever in the file; relative ones are resolved from ``module``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = module.split(".")[: -node.level]
                base = ".".join([*above, base] if base else above)
            # “from cms import publishing” imports a package too.
            yield from (f"{base}.{alias.name}" for alias in node.names)


def forbidden_imports(name: str, source: str) -> list[str]:
    module = name.removesuffix(".py").replace("/", ".")
    own = package_of(module)
    assert own is not None
    targets = {package_of(imported) for imported in imports_in(source, module)}
    allowed = {own, None} | ALLOWED.get(own, frozenset())
    return [f"{name} imports {target}" for target in sorted(targets - allowed, key=str)]


def test_packages_import_only_what_the_table_allows():
    found = [
        problem
        for path in python_files()
        if not is_exempt(name := name_of(path))
        for problem in forbidden_imports(name, path.read_text())
    ]

    assert found == []


def test_every_package_is_in_the_table():
    packages = {
        package_of(name.removesuffix(".py").replace("/", "."))
        for name in map(name_of, python_files())
        if not is_exempt(name) and name != "cms/__init__.py"
    }

    assert packages == set(ALLOWED)


def test_no_folder_is_empty():
    folders = [path for top in TOP_LEVEL for path in (ROOT / top).rglob("*") if path.is_dir()]
    kept = [path for path in folders if "__pycache__" not in path.parts]

    empty = [name_of(folder) for folder in kept if not any(path.is_file() for path in _files_in(folder))]

    assert empty == []


def _files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if "__pycache__" not in path.parts]


def test_files_are_named_for_their_subject():
    parts = [(name_of(path), part) for path in python_files() for part in path.relative_to(ROOT).with_suffix("").parts]

    assert [name for name, part in parts if part in FORBIDDEN_NAMES] == []


def test_files_are_short():
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in python_files()}

    too_long = {
        name: lines
        for name, lines in lengths.items()
        if lines > MAX_LINES and name not in LONG_FILES and "/migrations/" not in name
    }

    assert too_long == {}


@pytest.mark.parametrize(
    ("name", "source", "problem"),
    [
        ("home/models.py", "from cms.publishing import reading", "cms.publishing"),
        ("home/models.py", "from cms import publishing", "cms.publishing"),
        ("home/models.py", "import cms.publishing.reading", "cms.publishing"),
        ("home/models.py", "from articles.models import ArticlePage", "articles"),
        ("home/models.py", "def f():\n    from cms.workflow import gate", "cms.workflow"),
        ("home/models.py", "if TYPE_CHECKING:\n    from cms.workflow import gate", "cms.workflow"),
        ("cms/pages/models.py", "from ..publishing import reading", "cms.publishing"),
        ("cms/pages/checks/a.py", "from ...publishing.reading import visible", "cms.publishing"),
        ("cms/reader/views.py", "from cms.demo import loading", "cms.demo"),
        ("cms/api/views.py", "from cms import settings", "cms.settings"),
    ],
)
def test_hidden_and_relative_imports_are_found(name, source, problem):
    assert forbidden_imports(name, source) == [f"{name} imports {problem}"]


def test_what_the_table_allows_is_not_reported():
    source = "import json\nfrom django.db import models\nfrom cms.pages.models import PublicPage\nfrom . import clinic"

    assert forbidden_imports("home/models.py", source) == []
