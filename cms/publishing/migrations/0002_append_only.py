"""Entries are written once: the database itself refuses to change or delete them, whoever asks."""

from django.db import migrations

SQLITE = (
    "CREATE TRIGGER entry_refuses_update BEFORE UPDATE ON publishing_entry "
    "BEGIN SELECT RAISE(ABORT, 'ledger entries are append-only'); END",
    "CREATE TRIGGER entry_refuses_delete BEFORE DELETE ON publishing_entry "
    "BEGIN SELECT RAISE(ABORT, 'ledger entries are append-only'); END",
    # INSERT OR REPLACE deletes the row in its way without asking the trigger above.
    "CREATE TRIGGER entry_refuses_replace BEFORE INSERT ON publishing_entry "
    "WHEN EXISTS (SELECT 1 FROM publishing_entry WHERE position = NEW.position) "
    "BEGIN SELECT RAISE(ABORT, 'ledger entries are append-only'); END",
)
POSTGRESQL = (
    """
    CREATE FUNCTION refuse_entry_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'ledger entries are append-only' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    "CREATE TRIGGER entry_refuses_change BEFORE UPDATE OR DELETE ON publishing_entry "
    "FOR EACH ROW EXECUTE FUNCTION refuse_entry_change()",
    "CREATE TRIGGER entry_refuses_truncate BEFORE TRUNCATE ON publishing_entry "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_entry_change()",
)
UNDO = {
    "sqlite": (
        "DROP TRIGGER entry_refuses_update",
        "DROP TRIGGER entry_refuses_delete",
        "DROP TRIGGER entry_refuses_replace",
    ),
    "postgresql": (
        "DROP TRIGGER entry_refuses_change ON publishing_entry",
        "DROP TRIGGER entry_refuses_truncate ON publishing_entry",
        "DROP FUNCTION refuse_entry_change()",
    ),
}


def install(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def remove(apps, schema_editor):
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("publishing", "0001_initial")]

    operations = [migrations.RunPython(install, remove)]
