from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("operations", "0001_initial"), ("operations", "0002_traces")]

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Backup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("began_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField()),
                ("place", models.CharField(max_length=400)),
                ("size", models.BigIntegerField()),
                ("sealed", models.BigIntegerField()),
                ("root", models.CharField(max_length=64)),
                ("rows", models.BigIntegerField()),
                ("files", models.BigIntegerField()),
                ("damaged", models.PositiveIntegerField(default=0)),
            ],
            options={
                "indexes": [models.Index(fields=["-began_at"], name="backup_began")],
            },
        ),
        migrations.CreateModel(
            name="PageTime",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slot", models.DateTimeField()),
                ("process", models.CharField(max_length=60)),
                ("view", models.CharField(max_length=120)),
                ("count", models.PositiveIntegerField()),
                ("total_ms", models.BigIntegerField()),
                ("longest_ms", models.PositiveIntegerField()),
                ("failed", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("slot", "process", "view"), name="page_time_once")],
            },
        ),
        migrations.CreateModel(
            name="RequestTrace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("trace", models.CharField(db_index=True, max_length=32)),
                ("number", models.CharField(db_index=True, max_length=64)),
                ("view", models.CharField(max_length=120)),
                ("method", models.CharField(max_length=8)),
                ("status", models.PositiveSmallIntegerField()),
                ("at", models.DateTimeField(db_index=True)),
                ("milliseconds", models.PositiveIntegerField()),
            ],
        ),
    ]
