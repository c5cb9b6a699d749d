import django.db.models.deletion
from django.db import migrations, models

import xinshu.core.cases


class Migration(migrations.Migration):
    replaces = [("archive", "0001_initial"), ("archive", "0002_exports")]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0005_link_codes"),
        ("documents", "0001_squashed_0003_texts"),
        ("guarantees", "0001_squashed_0016_related_parties"),
    ]

    operations = [
        migrations.CreateModel(
            name="Dossier",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reference",
                    models.CharField(
                        default=xinshu.core.cases.new_reference, editable=False, max_length=16, unique=True
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("cause", models.CharField(choices=[("ended", "结束后自动归档"), ("asked", "人工归档")], max_length=8)),
                ("asked_at", models.DateTimeField()),
                ("sealed_at", models.DateTimeField(null=True)),
                ("latest", models.BooleanField(default=False)),
                ("state_then", models.CharField(blank=True, max_length=20)),
                ("header", models.JSONField(default=dict)),
                ("signature", models.CharField(blank=True, max_length=128)),
                ("manifest_sm3", models.CharField(blank=True, max_length=64)),
                ("entry_number", models.BigIntegerField(null=True)),
                ("count", models.PositiveIntegerField(default=0)),
                ("size", models.BigIntegerField(default=0)),
                ("retain_until", models.DateField(null=True)),
                (
                    "guarantee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="dossiers", to="guarantees.guarantee"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("latest", True)), fields=["-sealed_at", "-id"], name="dossier_by_sealing"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("guarantee", "number"), name="dossier_version_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("latest", True)), fields=("guarantee",), name="dossier_latest_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("sealed_at", None)), fields=("guarantee",), name="dossier_one_in_the_making"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Item",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField()),
                ("path", models.CharField(max_length=200)),
                ("title", models.CharField(max_length=120)),
                ("since", models.DateTimeField(null=True)),
                ("size", models.BigIntegerField()),
                ("sm3", models.CharField(max_length=64)),
                ("sha256", models.CharField(max_length=64)),
                ("salt", models.CharField(max_length=32)),
                ("sides", models.JSONField(default=list)),
                (
                    "blob",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.blob"
                    ),
                ),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="items", to="archive.dossier"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("dossier", "position"), name="item_position_once")],
            },
        ),
        migrations.CreateModel(
            name="Export",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reference",
                    models.CharField(
                        default=xinshu.core.cases.new_reference, editable=False, max_length=16, unique=True
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("making", "准备中"), ("ready", "可以下载"), ("expired", "已过期")],
                        default="making",
                        max_length=8,
                    ),
                ),
                ("filters", models.CharField(blank=True, max_length=500)),
                ("count", models.PositiveIntegerField()),
                ("asked_at", models.DateTimeField()),
                ("ready_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.member"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["member", "-id"], name="export_of_member")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "making"),
                            models.Q(("expires_at__isnull", False), ("ready_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="export_ready_until",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ExportPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField()),
                ("dossiers", models.JSONField()),
                ("size", models.BigIntegerField(default=0)),
                ("made_at", models.DateTimeField(null=True)),
                (
                    "blob",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.blob"
                    ),
                ),
                (
                    "export",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="archive.export"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("export", "position"), name="export_part_once")],
            },
        ),
    ]
