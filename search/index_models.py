"""The tables of the index: what is found by which word, in plain columns, the same on every database (decision 0014).

Everything in them comes from documents that are public. They follow the ledger in its own transactions
(``search/indexing.py``), and can be made anew from it at any time.
"""

from django.db import models


class IndexedDocument(models.Model):
    """One public document as it was indexed. Never changed: a document that changes is indexed anew under another id.

    So what a process remembers of an id stays true, and nothing has to tell it otherwise.
    """

    document_id = models.UUIDField(unique=True)
    site_id = models.BigIntegerField()
    locale = models.CharField(max_length=20)
    type = models.CharField(max_length=40)
    published_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    ties = models.TextField()
    words = models.TextField()
    fingerprint = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["expires_at"], condition=models.Q(expires_at__isnull=False), name="indexed_by_expiry")
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.document_id}"


class Posting(models.Model):
    """That a document has a word, by the number of its stem (``words.term_of``), and how much it says (``weighing``).

    Read along ``posting_by_impact``: the documents of which a word says most come first, so a word that stands everywhere
    costs no more than one that does not.
    """

    pk = models.CompositePrimaryKey("document", "term")
    document = models.BigIntegerField()
    term = models.BigIntegerField()
    impact = models.SmallIntegerField()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["term", "-impact", "document"], name="posting_by_impact")]

    def __str__(self) -> str:
        return f"{self.term} in {self.document}"


class Word(models.Model):
    """A word of public documents on one site in one language, folded, and in how many of them it stands."""

    site_id = models.BigIntegerField()
    locale = models.CharField(max_length=20)
    word = models.CharField(max_length=40)
    term = models.BigIntegerField()
    documents = models.IntegerField()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["term"], name="word_by_term")]
        constraints = [models.UniqueConstraint(fields=["site_id", "locale", "word"], name="word_is_one_row")]

    def __str__(self) -> str:
        return self.word


class Spelling(models.Model):
    """A word with a letter or two left out, as a number: misspelt words meet the right ones where both lack the same."""

    pk = models.CompositePrimaryKey("key", "word")
    key = models.BigIntegerField()
    word = models.BigIntegerField()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["word"], name="spelling_by_word")]

    def __str__(self) -> str:
        return f"{self.key} {self.word}"


class Name(models.Model):
    """The title of a document, or another name of it, from one of its words on: for completions, and to find it by name.

    ``rest`` is folded. ``later`` is 0 for the whole name, which also has a ``key`` (``words.phrase_key``), and 1 for the rest
    of it from a later word on.
    """

    document = models.BigIntegerField()
    site_id = models.BigIntegerField()
    locale = models.CharField(max_length=20)
    type = models.CharField(max_length=40)
    later = models.SmallIntegerField()
    rest = models.CharField(max_length=120)
    text = models.CharField(max_length=255)
    is_title = models.BooleanField()
    key = models.BigIntegerField(null=True)

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["site_id", "later", "rest"], name="name_by_beginning"),
            models.Index(fields=["site_id", "type", "later", "rest"], name="name_of_type_by_beginning"),
            models.Index(fields=["key"], condition=models.Q(key__isnull=False), name="name_by_key"),
            models.Index(fields=["document"], name="name_by_document"),
        ]

    def __str__(self) -> str:
        return self.text


class EngineIndex(models.Model):
    """An index in an engine of search (``search.engine``): the one that holds the postings, or one that is to be dropped.

    Where none is in force, the table of postings holds them.
    """

    name = models.CharField(max_length=80, unique=True)
    is_in_force = models.BooleanField(default=False)
    drop_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["is_in_force"], condition=models.Q(is_in_force=True), name="engine_index_in_force_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class EngineChange(models.Model):
    """A document of which the engine has yet to be told: written in the ledger's transaction, sent when that is committed.

    ``postings`` are ``term:impact`` of each word, with spaces between; empty when the document is to be forgotten. A key is
    never given again, so a change with a higher one is the newer.
    """

    document = models.BigIntegerField()
    postings = models.TextField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.document}: {len(self.postings.split())} words"
