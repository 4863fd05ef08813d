"""Words and names in the order of their letters, whatever the language of the database: then “begins with” is one walk."""

from django.db import migrations

_COLUMNS = (("search_word", "word", 40), ("search_name", "rest", 120))


def _collate(schema_editor, ending):
    # SQLite orders by letters anyway.
    if schema_editor.connection.vendor == "postgresql":
        for table, column, length in _COLUMNS:
            schema_editor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE varchar({length}){ending}")


def by_letters(apps, schema_editor):
    _collate(schema_editor, ' COLLATE "C"')


def by_language(apps, schema_editor):
    _collate(schema_editor, "")


class Migration(migrations.Migration):

    dependencies = [("search", "0001_index")]

    operations = [migrations.RunPython(by_letters, by_language)]
