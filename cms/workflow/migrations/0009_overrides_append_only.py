"""Overrides and confirmations are given once, and a confirmation is somebody else's: the database itself sees to it."""

from django.db import migrations

TABLES = ("override", "overrideconfirmation")


def _sqlite(name):
    refuse = f"BEGIN SELECT RAISE(ABORT, '{name}s are append-only'); END"
    return (
        f"CREATE TRIGGER {name}_refuses_update BEFORE UPDATE ON workflow_{name} {refuse}",
        f"CREATE TRIGGER {name}_refuses_delete BEFORE DELETE ON workflow_{name} {refuse}",
        # INSERT OR REPLACE deletes the row in its way without asking the trigger above.
        f"CREATE TRIGGER {name}_refuses_replace BEFORE INSERT ON workflow_{name} "
        f"WHEN EXISTS (SELECT 1 FROM workflow_{name} WHERE id = NEW.id) {refuse}",
    )


def _postgresql(name):
    return (
        f"CREATE TRIGGER {name}_refuses_change BEFORE UPDATE OR DELETE ON workflow_{name} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_override_change()",
        f"CREATE TRIGGER {name}_refuses_truncate BEFORE TRUNCATE ON workflow_{name} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_override_change()",
    )


SQLITE = (
    *(statement for name in TABLES for statement in _sqlite(name)),
    "CREATE TRIGGER overrideconfirmation_is_by_another BEFORE INSERT ON workflow_overrideconfirmation "
    "WHEN EXISTS (SELECT 1 FROM workflow_override WHERE id = NEW.override_id AND user_id = NEW.user_id) "
    "BEGIN SELECT RAISE(ABORT, 'nobody confirms their own override'); END",
)
POSTGRESQL = (
    """
    CREATE FUNCTION refuse_override_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'overrides are append-only' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    *(statement for name in TABLES for statement in _postgresql(name)),
    """
    CREATE FUNCTION refuse_own_confirmation() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT 1 FROM workflow_override WHERE id = NEW.override_id AND user_id = NEW.user_id) THEN
            RAISE EXCEPTION 'nobody confirms their own override' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER overrideconfirmation_is_by_another BEFORE INSERT ON workflow_overrideconfirmation "
    "FOR EACH ROW EXECUTE FUNCTION refuse_own_confirmation()",
)
UNDO = {
    "sqlite": (
        *(f"DROP TRIGGER {name}_refuses_{what}" for name in TABLES for what in ("update", "delete", "replace")),
        "DROP TRIGGER overrideconfirmation_is_by_another",
    ),
    "postgresql": (
        *(f"DROP TRIGGER {name}_refuses_{what} ON workflow_{name}" for name in TABLES for what in ("change", "truncate")),
        "DROP TRIGGER overrideconfirmation_is_by_another ON workflow_overrideconfirmation",
        "DROP FUNCTION refuse_override_change()",
        "DROP FUNCTION refuse_own_confirmation()",
    ),
}


def install(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def remove(apps, schema_editor):
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("workflow", "0008_overrides")]

    operations = [migrations.RunPython(install, remove)]
