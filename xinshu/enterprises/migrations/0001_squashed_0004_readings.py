import django.db.models.deletion
from django.db import migrations, models

import xinshu.core.cases

SQLITE = (
    """CREATE VIRTUAL TABLE enterprises_searchgrams USING fts5(
        grams, content='enterprises_searchtext', content_rowid='enterprise_id', detail=none, tokenize='ascii')""",
    """CREATE TRIGGER enterprises_searchtext_new AFTER INSERT ON enterprises_searchtext BEGIN
        INSERT INTO enterprises_searchgrams (rowid, grams) VALUES (new.enterprise_id, new.grams); END""",
    """CREATE TRIGGER enterprises_searchtext_gone AFTER DELETE ON enterprises_searchtext BEGIN
        INSERT INTO enterprises_searchgrams (enterprises_searchgrams, rowid, grams)
        VALUES ('delete', old.enterprise_id, old.grams); END""",
    """CREATE TRIGGER enterprises_searchtext_changed AFTER UPDATE ON enterprises_searchtext BEGIN
        INSERT INTO enterprises_searchgrams (enterprises_searchgrams, rowid, grams)
        VALUES ('delete', old.enterprise_id, old.grams);
        INSERT INTO enterprises_searchgrams (rowid, grams) VALUES (new.enterprise_id, new.grams); END""",
)
POSTGRESQL = (
    "CREATE INDEX enterprises_searchtext_grams ON enterprises_searchtext "
    "USING gin (string_to_array(grams, ' ')) WITH (fastupdate = off)",
)


def index_grams(apps, schema_editor):
    """Put over the search texts what each database finds pieces with."""
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def drop_grams(apps, schema_editor):
    """Take it away again; PostgreSQL drops the index with its table."""
    if schema_editor.connection.vendor == "sqlite":
        for name in ("new", "gone", "changed"):
            schema_editor.execute(f"DROP TRIGGER enterprises_searchtext_{name}")
        schema_editor.execute("DROP TABLE enterprises_searchgrams")


class Migration(migrations.Migration):
    replaces = [
        ("enterprises", "0001_initial"),
        ("enterprises", "0002_record"),
        ("enterprises", "0003_imports"),
        ("enterprises", "0004_readings"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0005_link_codes"),
        ("documents", "0001_squashed_0003_texts"),
    ]

    operations = [
        migrations.CreateModel(
            name="Enterprise",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reference",
                    models.CharField(
                        default=xinshu.core.cases.new_reference, editable=False, max_length=16, unique=True
                    ),
                ),
                (
                    "organisation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="enterprise",
                        to="accounts.organisation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Relation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField()),
                (
                    "enterprise",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="relations",
                        to="enterprises.enterprise",
                    ),
                ),
                (
                    "guarantor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="customers",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "manager",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="customers", to="accounts.member"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("guarantor", "enterprise"), name="one_manager_per_institution")
                ],
            },
        ),
        migrations.CreateModel(
            name="RecordField",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=40)),
                ("value", models.CharField(max_length=500)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("entered", "本人填写"),
                            ("manager", "客户经理填写"),
                            ("licence", "营业执照"),
                            ("registry", "登记机关数据"),
                            ("application", "历史申请"),
                            ("award_notice", "中标公告"),
                            ("imported", "批量导入"),
                            ("certificate", "资质证书"),
                            ("statement", "财务报表"),
                        ],
                        max_length=12,
                    ),
                ),
                ("source_label", models.CharField(blank=True, max_length=120)),
                ("confidence", models.DecimalField(decimal_places=3, max_digits=4, null=True)),
                ("valid_until", models.DateField(null=True)),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.CharField(max_length=60)),
                (
                    "enterprise",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="fields", to="enterprises.enterprise"
                    ),
                ),
                ("aside", models.BooleanField(default=False)),
                ("place", models.JSONField(default=dict)),
                (
                    "source_file",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.file"
                    ),
                ),
                ("valid_from", models.DateField()),
                ("verified_at", models.DateTimeField(null=True)),
                (
                    "verified_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.member"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["enterprise", "code", "-id"], name="record_field_latest"),
                    models.Index(condition=models.Q(("aside", True)), fields=["enterprise"], name="record_field_aside"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("verified_at", None), ("verified_by", None)),
                            models.Q(("verified_at__isnull", False), ("verified_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="record_field_verified_by_somebody",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="HandOver",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=500)),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=60)),
                (
                    "former",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.member"
                    ),
                ),
                (
                    "manager",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.member"
                    ),
                ),
                (
                    "relation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hand_overs",
                        to="enterprises.relation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PartAge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("part", models.CharField(max_length=20)),
                ("updated_at", models.DateTimeField()),
                ("updated_by", models.CharField(max_length=60)),
                (
                    "enterprise",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="ages", to="enterprises.enterprise"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("enterprise", "part"), name="part_age_once")],
            },
        ),
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("part", models.CharField(max_length=20)),
                ("due_on", models.DateField()),
                ("next_on", models.DateField()),
                ("at", models.DateTimeField()),
                (
                    "relation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reminders", to="enterprises.relation"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("relation", "part", "due_on"), name="reminded_once_per_period")
                ],
            },
        ),
        migrations.CreateModel(
            name="Rhythm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("part", models.CharField(max_length=20)),
                ("days", models.PositiveSmallIntegerField()),
                (
                    "guarantor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("guarantor", "part"), name="rhythm_once"),
                    models.CheckConstraint(
                        condition=models.Q(("days__gte", 7), ("days__lte", 3650)), name="rhythm_days_sane"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Settlement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("taken", models.BooleanField()),
                ("reason", models.CharField(max_length=500)),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=60)),
                (
                    "entered",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enterprises.recordfield",
                    ),
                ),
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="settlement",
                        to="enterprises.recordfield",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("entered", None), ("taken", False)),
                            models.Q(("entered__isnull", False), ("taken", True)),
                            _connector="OR",
                        ),
                        name="settlement_names_what_was_entered",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchText",
            fields=[
                (
                    "enterprise",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="search_text",
                        serialize=False,
                        to="enterprises.enterprise",
                    ),
                ),
                ("text", models.TextField()),
                ("grams", models.TextField()),
            ],
        ),
        migrations.RunPython(
            code=index_grams,
        ),
        migrations.CreateModel(
            name="RecordImport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reference",
                    models.CharField(
                        default=xinshu.core.cases.new_reference, editable=False, max_length=16, unique=True
                    ),
                ),
                ("state", models.CharField(max_length=20)),
                ("version", models.PositiveIntegerField(default=1)),
                ("name", models.CharField(max_length=200)),
                ("row_count", models.PositiveIntegerField()),
                ("fault_count", models.PositiveIntegerField()),
                ("created_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("changed_at", models.DateTimeField()),
                (
                    "file",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.file"
                    ),
                ),
                (
                    "house",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "prepared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.member"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.PositiveIntegerField()),
                ("typed", models.JSONField(default=dict)),
                ("values", models.JSONField(default=dict)),
                ("faults", models.JSONField(default=list)),
                ("brings", models.JSONField(default=list)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "待导入"), ("done", "已导入"), ("failed", "没有导入")],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("entered", models.PositiveSmallIntegerField(default=0)),
                ("aside", models.PositiveSmallIntegerField(default=0)),
                ("reason", models.CharField(blank=True, max_length=300)),
                (
                    "enterprise",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="enterprises.enterprise",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rows", to="enterprises.recordimport"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["batch", "state", "line"], name="import_row_waiting")],
                "constraints": [models.UniqueConstraint(fields=("batch", "line"), name="import_row_once")],
            },
        ),
    ]
