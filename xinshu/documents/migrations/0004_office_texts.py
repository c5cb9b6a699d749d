"""Word and Excel files are read now: those that were found by their names only are read again at night."""

from typing import Any

from django.db import migrations

OFFICE = "application/vnd.openxmlformats-officedocument."


def read_again(apps: Any, schema_editor: Any) -> None:
    texts = apps.get_model("documents", "FileText")
    texts.objects.filter(why="kind", file__blob__mime__startswith=OFFICE).delete()


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_squashed_0003_texts")]

    operations = [migrations.RunPython(read_again, migrations.RunPython.noop)]
