"""Brings manuscripts in as drafts: text, Markdown, HTML and Word files, one page for each."""

import logging
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from articles.importers.drafts import Action, DraftMaker, Outcome, UnfitDraft
from articles.importers.manuscript import SUFFIXES, UnreadableManuscript
from articles.importers.outline import Remark
from articles.importers.targets import IMPORTABLE_TYPES, UnknownTarget, target_for

logger = logging.getLogger(__name__)

# Fewer files than this are done before anybody wonders. Unit: files.
MIN_FILES_FOR_PROGRESS = 6
# Without a terminal, one line for this many files keeps a log readable.
FILES_PER_LOG_LINE = 20

# What is wrong with a file, as opposed to what is wrong with us.
_FORESEEN = (UnreadableManuscript, UnfitDraft, ValidationError)


@dataclass(frozen=True)
class _Source:
    """A file, and the name by which later imports know it again: relative to the folder that was named."""

    path: Path
    name: str


class Command(BaseCommand):
    """Reads files, makes drafts, and reports what did not fit. Nothing becomes public by it."""

    help = "Import manuscripts (.txt, .md, .html, .docx) as drafts. The same file twice makes one page."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to import, as what, and where to."""
        parser.add_argument("files", nargs="+", metavar="FILE", type=Path, help="a file, or a folder to walk through")
        parser.add_argument(
            "--type",
            default="article",
            dest="document_type",
            help=f"page type: {', '.join(IMPORTABLE_TYPES)} (article)",
        )
        parser.add_argument(
            "--parent", help="public path of the parent, such as /articles/; by default the first that fits"
        )
        parser.add_argument("--author", metavar="EMAIL", help="the user who counts as the writer of the drafts")
        parser.add_argument("--dry-run", action="store_true", help="report what would happen and write nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import each file in its own transaction; raises ``CommandError`` at the end when some could not be."""
        try:
            target = target_for(options["document_type"], options["parent"])
        except UnknownTarget as error:
            raise CommandError(str(error)) from error
        maker = DraftMaker(target, self._author(options["author"]), options["dry_run"])
        sources = self._sources(options["files"])
        outcomes: list[Outcome] = []
        failed: list[str] = []
        seen: set[str] = set()
        for source in self._with_progress(sources):
            try:
                if source.name in seen:
                    raise UnfitDraft("another file of this name came before it; import its folder as a whole")
                seen.add(source.name)
                outcome = maker.import_file(source.path, source.name)
            except Exception as error:  # one broken file, whatever breaks it, must not stop the others
                if not isinstance(error, _FORESEEN):
                    logger.exception("Import of %s failed", source.path)
                failed.append(source.name)
                self._fail(source.name, error)
            else:
                outcomes.append(outcome)
                self._report(source, outcome)
        self._summarise(outcomes, failed, is_dry_run=maker.is_dry_run)

    def _author(self, email: str | None) -> AbstractBaseUser | None:
        if email is None:
            return None
        users = list(get_user_model()._default_manager.filter(email__iexact=email)[:2])
        if len(users) != 1:
            raise CommandError(f"{'several users have' if users else 'no user has'} the address “{email}”")
        return users[0]

    def _sources(self, given: list[Path]) -> list[_Source]:
        sources = []
        for path in given:
            if not path.is_dir():
                sources.append(_Source(path, path.name))
                continue
            files = sorted(file for file in path.rglob("*") if file.is_file() and not file.name.startswith((".", "~$")))
            fit = [file for file in files if file.suffix.lower() in SUFFIXES]
            sources += [_Source(file, file.relative_to(path).as_posix()) for file in fit]
            if len(fit) < len(files):
                skipped = len(files) - len(fit)
                what = "1 file of another format was" if skipped == 1 else f"{skipped} files of other formats were"
                self.stdout.write(f"{path}: {what} passed over")
        return sources

    def _with_progress(self, sources: list[_Source]) -> Iterator[_Source]:
        """``sources`` one by one, with a bar on a terminal and a line now and then in a log."""
        if len(sources) >= MIN_FILES_FOR_PROGRESS and self.stderr.isatty():
            yield from tqdm(sources, desc="Importing", unit="file", file=sys.stderr)
            return
        for number, source in enumerate(sources, start=1):
            yield source
            if number % FILES_PER_LOG_LINE == 0:
                self.stderr.write(f"{number}/{len(sources)} {source.name}", style_func=str)

    def _beside_bar(self) -> AbstractContextManager[Any]:
        """Room for a line of output above a bar, if there is one."""
        return tqdm.external_write_mode(file=sys.stdout) if self.stderr.isatty() else nullcontext()

    def _report(self, source: _Source, outcome: Outcome) -> None:
        where = f"page {outcome.page_id}" if outcome.page_id else "no page yet"
        lines = [source.name, f"  {outcome.action}: “{outcome.title}” at {outcome.path} ({where})"]
        if outcome.block_counts:
            lines.append(f"  {_counted(outcome.block_counts)}")
        unit = "paragraph" if source.path.suffix.lower() == ".docx" else "line"
        lines += [f"  - {remark}" for remark in _grouped(outcome.remarks, unit)]
        with self._beside_bar():
            self.stdout.write("\n".join(lines))

    def _fail(self, name: str, error: Exception) -> None:
        if isinstance(error, ValidationError):
            reason = " ".join(error.messages)
        else:
            reason = str(getattr(error, "reason", error)) or type(error).__name__
        with self._beside_bar():
            self.stderr.write(f"{name}\n  failed: {reason}")

    def _summarise(self, outcomes: list[Outcome], failed: list[str], *, is_dry_run: bool) -> None:
        actions = Counter(outcome.action for outcome in outcomes)
        parts = [f"{actions[action]} {action}" for action in Action if actions[action]]
        remark_count = sum(len(outcome.remarks) for outcome in outcomes)
        total = len(outcomes) + len(failed)
        done = ", ".join([*parts, *([f"{len(failed)} failed"] if failed else [])]) or "nothing to do"
        files, remarks = "file" if total == 1 else "files", "remark" if remark_count == 1 else "remarks"
        self.stdout.write(f"{total} {files}: {done}; {remark_count} {remarks}")
        if is_dry_run:
            self.stdout.write("Dry run: nothing was written.")
        if failed:
            raise CommandError(f"{len(failed)} of {total} files could not be imported: {', '.join(failed)}")


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in counts.items())


def _grouped(remarks: list[Remark], unit: str) -> Iterator[str]:
    """Remarks in order, the same words once with all their lines."""
    lines_of: dict[str, list[int]] = {}
    for remark in remarks:
        lines_of.setdefault(remark.message, []).extend([] if remark.line is None else [remark.line])
    for message, lines in lines_of.items():
        numbers = ", ".join(str(line) for line in lines[:10]) + (", …" if len(lines) > 10 else "")
        yield f"{unit if len(lines) == 1 else unit + 's'} {numbers}: {message}" if lines else message
