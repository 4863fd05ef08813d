"""The index of search: plain tables. Postings and spellings are kept in the order of their keys, without a second copy of them.

SQLite does that when a table has no row ids, which Django cannot say; so these two are made by hand.
"""

from django.db import migrations, models


def make_posting(apps, schema_editor):
    _make(schema_editor, "search_posting", "document bigint NOT NULL, term bigint NOT NULL, impact smallint NOT NULL", "document, term")
    schema_editor.execute("CREATE INDEX posting_by_impact ON search_posting (term, impact DESC, document)")


def drop_posting(apps, schema_editor):
    schema_editor.execute("DROP TABLE search_posting")


def make_spelling(apps, schema_editor):
    _make(schema_editor, "search_spelling", "key bigint NOT NULL, word bigint NOT NULL", "key, word")
    schema_editor.execute("CREATE INDEX spelling_by_word ON search_spelling (word)")


def drop_spelling(apps, schema_editor):
    schema_editor.execute("DROP TABLE search_spelling")


def _make(schema_editor, table, columns, key):
    ending = " WITHOUT ROWID" if schema_editor.connection.vendor == "sqlite" else ""
    schema_editor.execute(f"CREATE TABLE {table} ({columns}, PRIMARY KEY ({key})){ending}")


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='IndexedDocument',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('document_id', models.UUIDField(unique=True)),
                ('site_id', models.BigIntegerField()),
                ('locale', models.CharField(max_length=20)),
                ('type', models.CharField(max_length=40)),
                ('published_at', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField(null=True)),
                ('ties', models.TextField()),
                ('words', models.TextField()),
                ('fingerprint', models.CharField(max_length=64)),
            ],
            options={
                'default_permissions': (),
                'indexes': [models.Index(condition=models.Q(('expires_at__isnull', False)), fields=['expires_at'], name='indexed_by_expiry')],
            },
        ),
        migrations.CreateModel(
            name='Name',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('document', models.BigIntegerField()),
                ('site_id', models.BigIntegerField()),
                ('locale', models.CharField(max_length=20)),
                ('type', models.CharField(max_length=40)),
                ('later', models.SmallIntegerField()),
                ('rest', models.CharField(max_length=120)),
                ('text', models.CharField(max_length=255)),
                ('is_title', models.BooleanField()),
                ('key', models.BigIntegerField(null=True)),
            ],
            options={
                'default_permissions': (),
                'indexes': [models.Index(fields=['site_id', 'later', 'rest'], name='name_by_beginning'), models.Index(fields=['site_id', 'type', 'later', 'rest'], name='name_of_type_by_beginning'), models.Index(condition=models.Q(('key__isnull', False)), fields=['key'], name='name_by_key'), models.Index(fields=['document'], name='name_by_document')],
            },
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(make_posting, drop_posting)],
            state_operations=[
                migrations.CreateModel(
                    name='Posting',
                    fields=[
                        ('pk', models.CompositePrimaryKey('document', 'term', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('document', models.BigIntegerField()),
                        ('term', models.BigIntegerField()),
                        ('impact', models.SmallIntegerField()),
                    ],
                    options={
                        'default_permissions': (),
                        'indexes': [models.Index(fields=['term', '-impact', 'document'], name='posting_by_impact')],
                    },
                ),
            ],
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(make_spelling, drop_spelling)],
            state_operations=[
                migrations.CreateModel(
                    name='Spelling',
                    fields=[
                        ('pk', models.CompositePrimaryKey('key', 'word', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('key', models.BigIntegerField()),
                        ('word', models.BigIntegerField()),
                    ],
                    options={
                        'default_permissions': (),
                        'indexes': [models.Index(fields=['word'], name='spelling_by_word')],
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name='Word',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('site_id', models.BigIntegerField()),
                ('locale', models.CharField(max_length=20)),
                ('word', models.CharField(max_length=40)),
                ('term', models.BigIntegerField()),
                ('documents', models.IntegerField()),
            ],
            options={
                'default_permissions': (),
                'indexes': [models.Index(fields=['term'], name='word_by_term')],
                'constraints': [models.UniqueConstraint(fields=('site_id', 'locale', 'word'), name='word_is_one_row')],
            },
        ),
    ]
