"""Manuscripts become drafts, never public pages: what an import brings in passes the same gate as what an editor types.

The same file twice is one page. A newer file replaces the text only while nobody has touched it; from the first edit on the
page belongs to its editors, and the import says so instead of overwriting them.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from io import BytesIO
from pathlib import Path

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.core.files.images import ImageFile
from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.utils.text import slugify
from wagtail.coreutils import cautious_slugify
from wagtail.images import get_image_model
from wagtail.models import Page, Revision
from wagtail.utils.file import hash_filelike

from articles.importers.manuscript import Manuscript, read_file
from articles.importers.naming import title_from_file_name
from articles.importers.outline import MAX_TITLE_CHARACTERS, Picture, Remark
from articles.importers.stream import stream_values
from articles.importers.targets import Target, public_path
from articles.models import ImportedFile

MAX_SLUG_CHARACTERS = 200
MAX_ALT_CHARACTERS = 255
MAX_SOURCE_NAME_CHARACTERS = 255


class UnfitDraft(ValueError):
    """The manuscript was read, but no page can be made of it; the message says why."""


class Action(StrEnum):
    """What became of a file."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    LEFT_ALONE = "left alone"


@dataclass(frozen=True)
class Outcome:
    """What became of one file; ``page_id`` is ``None`` for a page that a dry run only pretends to make."""

    action: Action
    title: str
    path: str
    page_id: int | None
    block_counts: dict[str, int] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)


@dataclass(frozen=True)
class DraftMaker:
    """Makes drafts below ``target`` in the name of ``author``; with ``is_dry_run`` it only finds out what it would do."""

    target: Target
    author: AbstractBaseUser | None = None
    is_dry_run: bool = False

    def import_file(self, path: Path, source_name: str) -> Outcome:
        """Bring in the file at ``path``, known as ``source_name`` among the files below this parent; all or nothing.

        Raises ``UnreadableManuscript``, ``UnfitDraft``, or what the database and the file storage raise.
        """
        if len(source_name) > MAX_SOURCE_NAME_CHARACTERS:
            raise UnfitDraft(f"its name is longer than {MAX_SOURCE_NAME_CHARACTERS} characters")
        record = ImportedFile.objects.filter(source_name=source_name, parent_path=self.target.path).first()
        if record is not None and _has_digest(path, record.digest):
            return _untouched(Action.UNCHANGED, record.page.specific)
        manuscript = read_file(path)
        title = manuscript.title or title_from_file_name(path.name)[:MAX_TITLE_CHARACTERS]
        pictures = _PictureKeeper(self.author)
        try:
            with transaction.atomic():
                if record is None:
                    return self._create(manuscript, title, path, source_name, pictures)
                return self._update(manuscript, title, record, pictures)
        except BaseException:
            pictures.remove_files()  # a rollback undoes rows, never files
            raise

    def _create(
        self, manuscript: Manuscript, title: str, path: Path, source_name: str, pictures: "_PictureKeeper"
    ) -> Outcome:
        wanted = slugify(path.stem)[:MAX_SLUG_CHARACTERS] or cautious_slugify(path.stem)[:MAX_SLUG_CHARACTERS]
        parent = Page.objects.get(pk=self.target.parent.pk).specific  # anew: files before this one gave it children
        slug = _free_slug(wanted or "manuscript", parent)
        remarks = list(manuscript.remarks)
        if slug != wanted:
            remarks.append(Remark(None, f"the address “{wanted}” is taken; the page is at “{slug}”"))
        page = self.target.page_class(title=title, slug=slug, live=False, owner=self.author)
        page.body = self._body(manuscript, pictures)
        remarks += pictures.remarks
        new_path = f"{self.target.path}{slug}/"
        if self.is_dry_run:
            return Outcome(Action.CREATED, title, new_path, None, _counts(manuscript), remarks)
        parent.add_child(instance=page)
        revision = page.save_revision(user=self.author, log_action="wagtail.create")
        record = ImportedFile(source_name=source_name, parent_path=self.target.path, page=page)
        _remember(record, manuscript, revision)
        return Outcome(Action.CREATED, title, new_path, page.pk, _counts(manuscript), remarks)

    def _update(self, manuscript: Manuscript, title: str, record: ImportedFile, pictures: "_PictureKeeper") -> Outcome:
        page = record.page.specific
        if reason := self._reason_to_leave(page, record):
            return _untouched(Action.LEFT_ALONE, page, Remark(None, reason))
        draft = page.get_latest_revision_as_object()
        draft.title = title
        draft.body = self._body(manuscript, pictures)
        remarks = [*manuscript.remarks, *pictures.remarks]
        if not self.is_dry_run:
            _remember(record, manuscript, draft.save_revision(user=self.author, log_action=True))
        return Outcome(Action.UPDATED, title, public_path(page), page.pk, _counts(manuscript), remarks)

    def _reason_to_leave(self, page: Page, record: ImportedFile) -> str:
        """Why ``page`` is no longer the import's to change; empty when it is."""
        if not isinstance(page, self.target.page_class):
            return "the file was imported as another type of page; left alone"
        newest = page.get_latest_revision()
        # Autosave rewrites a revision in place and dates it anew, so its number alone proves nothing.
        if newest is None or newest.pk != record.revision_id or newest.created_at > record.imported_at:
            return "changed by an editor since; left alone"
        if page.locked or page.workflow_in_progress:
            return "locked or in review; left alone"
        return ""

    def _body(self, manuscript: Manuscript, pictures: "_PictureKeeper") -> object:
        """The body as the page stores it, checked as the editor would check it. A dry run keeps no pictures."""
        blocks = [block for block in manuscript.blocks if not (self.is_dry_run and isinstance(block, Picture))]
        stream = self.target.page_class._meta.get_field("body").stream_block
        body = stream.to_python(stream_values(blocks, pictures.keep))
        try:
            stream.clean(body)
        except ValidationError as error:
            raise UnfitDraft(f"its blocks do not fit the page: {' '.join(_messages_of(error))}") from error
        return body


class _PictureKeeper:
    """Puts pictures into the library, each once: the same bytes are the same picture."""

    def __init__(self, author: AbstractBaseUser | None) -> None:
        self.remarks: list[Remark] = []
        self._author = author
        self._made: list[FieldFile] = []

    def keep(self, picture: Picture) -> int:
        """The primary key of ``picture`` in the library."""
        model = get_image_model()
        alt = picture.alt[:MAX_ALT_CHARACTERS]
        if alt != picture.alt:
            self.remarks.append(Remark(picture.line, f"an alternative text was cut to {MAX_ALT_CHARACTERS} characters"))
        file_hash = hash_filelike(BytesIO(picture.data))
        known = model.objects.filter(file_hash=file_hash).order_by("pk").first()
        if known is not None:
            if alt and alt != known.description:
                message = f"the picture “{known.title}” is in the library already, with another alternative text"
                self.remarks.append(Remark(picture.line, message))
            return known.pk
        image = model(title=alt or picture.file_name, description=alt, uploaded_by_user=self._author)
        image.file = ImageFile(BytesIO(picture.data), name=picture.file_name)
        # Wagtail fills these in for uploads by hand only.
        image.file_size, image.file_hash = len(picture.data), file_hash
        image.save()
        self._made.append(image.file)
        return image.pk

    def remove_files(self) -> None:
        """Delete the files that were stored."""
        for file in self._made:
            file.delete(save=False)


def _has_digest(path: Path, digest: str) -> bool:
    try:
        with path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest() == digest
    except OSError:
        return False  # reading it for good will say what is wrong


def _messages_of(error: ValidationError) -> Iterator[str]:
    """What is wrong with which block, counted from 1; errors of blocks are nested as deep as the blocks are."""
    found = getattr(error, "block_errors", None)
    if found is None:
        yield from getattr(error, "messages", [str(error)])
        return
    for position, inner in found.items() if isinstance(found, dict) else enumerate(found):
        if isinstance(inner, ValidationError):
            place = f"block {position + 1}" if isinstance(position, int) else str(position)
            yield from (f"{place}: {message}" for message in _messages_of(inner))


def _untouched(action: Action, page: Page, *remarks: Remark) -> Outcome:
    return Outcome(action, page.draft_title or page.title, public_path(page), page.pk, remarks=list(remarks))


def _remember(record: ImportedFile, manuscript: Manuscript, revision: Revision) -> None:
    record.digest = manuscript.digest
    record.revision_id = revision.pk
    record.save()


def _counts(manuscript: Manuscript) -> dict[str, int]:
    return dict(Counter(block.kind for block in manuscript.blocks))


def _free_slug(wanted: str, parent: Page) -> str:
    taken = set(parent.get_children().filter(slug__startswith=wanted).values_list("slug", flat=True))
    candidates = (wanted if number == 1 else f"{wanted}-{number}" for number in range(1, len(taken) + 2))
    return next(slug for slug in candidates if slug not in taken)
