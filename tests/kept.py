"""The migrated test database, kept from one run to the next.

Migrating costs more time than a hundred tests, and its outcome is always the same as long as nothing changes that makes it. So
the first run keeps what the migrations made, under a name that is computed from all of that: another migration is another
name. Django migrates what was kept as if it were new, which finds nothing left to do, and does for it what every migration
ends with. The clinic of the tests is not kept: the code that publishes it changes every hour.

SQLite: a file below ``VAR_DIR/tests``, copied into memory. PostgreSQL: a database beside the test database, its template.
"""

import ast
import fcntl
import hashlib
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import metadata, util
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader

FOLDER = Path(settings.VAR_DIR) / "tests"
# How many are left: of two branches between which somebody goes back and forth, and one for luck.
LEFT = 3
# Settings that differ in each process and are in no table.
_NOT_ASKED = {"MEDIA_ROOT", "DATABASES"}


# --- What makes a migrated database ----------------------------------------------------------------------------------


def key(vendor: str) -> str:
    """A name for what migrating makes now, on a database of ``vendor``: 20 hexadecimal digits.

    It covers the text of all migrations of all installed apps and of the modules of ours that they import, the versions of
    everything installed, and every setting.
    """
    digest = hashlib.sha256(Path(__file__).read_bytes())
    facts = [vendor, sys.version, sqlite3.sqlite_version]
    facts += sorted(f"{found.name} {found.version}" for found in metadata.distributions())
    facts += [f"{name}={getattr(settings, name)!r}" for name in sorted(dir(settings)) if _is_asked(name)]
    for path in sorted(_sources()):
        facts += [str(path), path.read_text()]
    for fact in facts:
        digest.update(f"{len(fact)} {fact}".encode())
    return digest.hexdigest()[:20]


def _is_asked(name: str) -> bool:
    return name.isupper() and name not in _NOT_ASKED


def _sources() -> set[Path]:
    """The files of all migrations, and of the modules in this repository that one of them imports, themselves or by others."""
    found: set[Path] = set()
    for config in apps.get_app_configs():
        name, _is_named = MigrationLoader.migrations_module(config.label)
        spec = util.find_spec(name) if name and _exists(name) else None
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            found |= set(Path(folder).glob("*.py"))
    waiting = [path for path in found if not path.is_relative_to(sys.prefix)]
    while waiting:
        new = set(_imported(waiting.pop())) - found
        found |= new
        waiting += new
    return found


def _exists(name: str) -> bool:
    """Whether there is a module of that name; an app need not have migrations."""
    try:
        return util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _imported(path: Path) -> Iterator[Path]:
    """Files of this repository that the code in ``path`` imports by an absolute name, packages on the way included."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            for length in range(1, len(parts) + 1):
                place = Path(settings.BASE_DIR, *parts[:length])
                yield from (file for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file())


# --- Where it is kept ------------------------------------------------------------------------------------------------


@contextmanager
def alone(folder: Path = FOLDER) -> Iterator[None]:
    """Inside, no other process keeps or takes a database: of two that start together, one migrates and the other waits."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class InFile:
    """SQLite, whose test database lies in memory: a file for each key.

    ``take`` is called before Django makes the test database, ``keep`` after it; both inside ``alone``.
    """

    def __init__(self, connection: BaseDatabaseWrapper, name: str, folder: Path = FOLDER) -> None:
        self.connection, self.folder = connection, folder
        self.file = folder / f"{name}.sqlite3"
        # The database in memory lives as long as somebody is connected to it; Django is so later.
        self.memory: sqlite3.Connection | None = None

    def take(self) -> bool:
        """Copy what was kept to where Django will look for its test database; whether there was anything whole."""
        if not self.file.exists():
            return False
        self.memory = sqlite3.connect(self.connection.creation._get_test_db_name(), uri=True)
        try:
            with closing(sqlite3.connect(self.file)) as kept:
                if kept.execute("PRAGMA quick_check").fetchall() != [("ok",)] or not _is_migrated(kept):
                    raise sqlite3.DatabaseError("not whole")
                kept.backup(self.memory)
        except sqlite3.DatabaseError:
            self.close()
            self.file.unlink()
            return False
        self.file.touch()
        return True

    def keep(self) -> None:
        """Keep what the migrations made, and of what was kept before only what was used last."""
        self.connection.ensure_connection()
        new = self.folder / "new"
        new.unlink(missing_ok=True)
        with closing(sqlite3.connect(new)) as copy:
            self.connection.connection.backup(copy)
        new.rename(self.file)
        for old in sorted(self.folder.glob("*.sqlite3"), key=lambda file: file.stat().st_mtime)[:-LEFT]:
            old.unlink()

    def close(self) -> None:
        """Let go of the database in memory; Django is connected to it now, or it is nobody's."""
        if self.memory:
            self.memory.close()
            self.memory = None


class AsTemplate:
    """PostgreSQL: one database beside the test database, from which Django makes it anew as a copy.

    Its name tells whose it is, so that two checkouts with two databases on one server do not take each other's away.
    """

    def __init__(self, connection: BaseDatabaseWrapper, name: str, owner: str) -> None:
        self.connection = connection
        # Names of PostgreSQL have 63 bytes.
        self.family = f"kept_{owner[:36]}_"
        self.name = f"{self.family}{name}"

    def take(self) -> bool:
        """Name the kept database as the template; whether there was one."""
        if self._known(self.name) != [self.name]:
            return False
        self.connection.settings_dict["TEST"]["TEMPLATE"] = self.name
        return True

    def keep(self) -> None:
        """Make a copy of the test database, and remove what was kept before.

        The copy gets its name when it is whole. Nobody connects to it: a template must not be in use.
        """
        made = self.connection.settings_dict["NAME"]
        self.connection.close()
        quote = self.connection.ops.quote_name
        new = f"{self.family}new"
        with self.connection._nodb_cursor() as cursor:
            for old in self._known(f"{self.family}%"):
                cursor.execute(f"DROP DATABASE {quote(old)}")
            cursor.execute(f"CREATE DATABASE {quote(new)} TEMPLATE {quote(made)}")
            cursor.execute(f"ALTER DATABASE {quote(new)} ALLOW_CONNECTIONS false")
            cursor.execute(f"ALTER DATABASE {quote(new)} RENAME TO {quote(self.name)}")

    def close(self) -> None:
        """Nothing is held."""

    def _known(self, pattern: str) -> list[str]:
        with self.connection._nodb_cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [pattern.replace("_", r"\_")])
            return [name for (name,) in cursor.fetchall()]


def store_of(connection: BaseDatabaseWrapper) -> InFile | AsTemplate:
    """Where the test database of ``connection`` is kept; asked for while its settings still name the real database."""
    name = key(connection.vendor)
    if connection.vendor == "postgresql":
        return AsTemplate(connection, name, str(connection.settings_dict["NAME"]))
    return InFile(connection, name)


def _is_migrated(database: Any) -> bool:
    return database.execute("SELECT count(*) FROM django_migrations").fetchone()[0] > 0
