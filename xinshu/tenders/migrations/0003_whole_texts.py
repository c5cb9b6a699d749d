from itertools import islice

from django.db import migrations, models

from xinshu.core.bands import bands_of

WEEK = 7 * 86_400 * (1 << 30)
AT_ONCE = 1_000


def mark_lines(apps, schema_editor):
    """Give the lines there are their new marks, so that the list shows them; the night makes them anew from all texts."""
    rows = apps.get_model("tenders", "Listed").objects.order_by("place")
    told = rows.values_list("place", "announcement__amount", "announcement__told_again_of").iterator(chunk_size=AT_ONCE)
    with schema_editor.connection.cursor() as cursor:
        while some := [(_marks(*row), row[0]) for row in islice(told, AT_ONCE)]:
            cursor.executemany("UPDATE tenders_listed SET grams = %s || grams WHERE place = %s", some)


def _marks(place, amount, told_again_of):
    marks = [f"week{place // WEEK}"]
    if told_again_of is None:
        marks.append("firsttelling")
    if amount is not None:
        marks += ["amount", *(f"amount{band}" for band in bands_of(amount))]
    return " ".join([*marks, ""])


class Migration(migrations.Migration):
    dependencies = [
        ("tenders", "0002_effects"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="announcement", name="announcement_region"),
        migrations.AddField(model_name="listed", name="shape", field=models.PositiveSmallIntegerField(null=True)),
        migrations.AddIndex(
            model_name="announcement",
            index=models.Index(
                fields=["region_code", "kind", "published_at", "told_again_of"], name="announcement_map"
            ),
        ),
        migrations.AddIndex(model_name="listed", index=models.Index(fields=["shape"], name="listed_shape")),
        migrations.RunPython(mark_lines, migrations.RunPython.noop),
    ]
