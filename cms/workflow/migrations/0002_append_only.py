"""Approvals are given once: the database itself refuses to change or delete them."""

from django.db import migrations

SQLITE = (
    "CREATE TRIGGER approval_refuses_update BEFORE UPDATE ON workflow_approval "
    "BEGIN SELECT RAISE(ABORT, 'approvals are append-only'); END",
    "CREATE TRIGGER approval_refuses_delete BEFORE DELETE ON workflow_approval "
    "BEGIN SELECT RAISE(ABORT, 'approvals are append-only'); END",
    # INSERT OR REPLACE deletes the row in its way without asking the trigger above.
    "CREATE TRIGGER approval_refuses_replace BEFORE INSERT ON workflow_approval "
    "WHEN EXISTS (SELECT 1 FROM workflow_approval WHERE id = NEW.id) "
    "BEGIN SELECT RAISE(ABORT, 'approvals are append-only'); END",
)
POSTGRESQL = (
    """
    CREATE FUNCTION refuse_approval_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'approvals are append-only' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    "CREATE TRIGGER approval_refuses_change BEFORE UPDATE OR DELETE ON workflow_approval "
    "FOR EACH ROW EXECUTE FUNCTION refuse_approval_change()",
    "CREATE TRIGGER approval_refuses_truncate BEFORE TRUNCATE ON workflow_approval "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_approval_change()",
)
UNDO = {
    "sqlite": (
        "DROP TRIGGER approval_refuses_update",
        "DROP TRIGGER approval_refuses_delete",
        "DROP TRIGGER approval_refuses_replace",
    ),
    "postgresql": (
        "DROP TRIGGER approval_refuses_change ON workflow_approval",
        "DROP TRIGGER approval_refuses_truncate ON workflow_approval",
        "DROP FUNCTION refuse_approval_change()",
    ),
}


def install(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def remove(apps, schema_editor):
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("workflow", "0001_initial")]

    operations = [migrations.RunPython(install, remove)]
