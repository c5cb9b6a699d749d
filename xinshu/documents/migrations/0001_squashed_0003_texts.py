import django.db.models.deletion
from django.db import migrations, models

import xinshu.core.cases
import xinshu.documents.models
from xinshu.core.pieces import followed, indexed, unfollowed

TABLE, INDEX = "documents_filetext", "documents_filegrams"


def index_grams(apps, schema_editor):
    """Put over the texts what each database finds pieces with."""
    sqlite = schema_editor.connection.vendor == "sqlite"
    for statement in followed(TABLE, "file_id", INDEX) if sqlite else indexed(TABLE, INDEX):
        schema_editor.execute(statement)


def drop_grams(apps, schema_editor):
    """Take it away again; PostgreSQL drops the index with its table."""
    if schema_editor.connection.vendor == "sqlite":
        for statement in unfollowed(TABLE, INDEX):
            schema_editor.execute(statement)


class Migration(migrations.Migration):
    replaces = [("documents", "0001_initial"), ("documents", "0002_readings"), ("documents", "0003_texts")]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0005_link_codes"),
    ]

    operations = [
        migrations.CreateModel(
            name="Blob",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sm3", models.CharField(max_length=64, unique=True)),
                ("size", models.BigIntegerField()),
                ("mime", models.CharField(max_length=100)),
            ],
        ),
        migrations.CreateModel(
            name="File",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=160)),
                ("uploaded_by", models.CharField(max_length=60)),
                ("uploaded_at", models.DateTimeField()),
                ("subject_type", models.CharField(blank=True, max_length=60)),
                ("subject_id", models.BigIntegerField(null=True)),
                ("sealed_until", models.DateTimeField(null=True)),
                (
                    "reference",
                    models.CharField(default=xinshu.documents.models.new_reference, max_length=32, unique=True),
                ),
                (
                    "blob",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="files", to="documents.blob"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["subject_type", "subject_id"], name="file_subject")],
            },
        ),
        migrations.CreateModel(
            name="LetterTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=80)),
                (
                    "guarantor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "guarantor"), name="template_once_per_guarantor"),
                    models.UniqueConstraint(
                        condition=models.Q(("guarantor", None)), fields=("kind",), name="template_once_for_the_platform"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SealedDocument",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("pdf_sm3", models.CharField(max_length=64, unique=True)),
                ("sm2_signature", models.CharField(max_length=128)),
                ("sm2_public", models.CharField(max_length=130)),
                ("certificate_serial", models.CharField(max_length=48)),
                ("sealed_at", models.DateTimeField()),
                ("subject_type", models.CharField(blank=True, max_length=60)),
                ("subject_id", models.BigIntegerField(null=True)),
                (
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sealing", to="documents.file"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["subject_type", "subject_id"], name="sealed_subject")],
            },
        ),
        migrations.CreateModel(
            name="TemplateVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("source", models.TextField()),
                ("placeholders", models.JSONField(default=list)),
                ("state", models.CharField(default="draft", max_length=10)),
                ("activated_at", models.DateTimeField(null=True)),
                ("activated_by", models.CharField(blank=True, max_length=60)),
                ("retired_at", models.DateTimeField(null=True)),
                (
                    "template",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="documents.lettertemplate",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("template", "number"), name="version_number_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "active")), fields=("template",), name="version_one_active"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reading",
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
                ("batch", models.CharField(default=xinshu.documents.models.random_batch, max_length=16)),
                ("brought_at", models.DateTimeField()),
                ("kind", models.CharField(blank=True, max_length=20)),
                ("certainty", models.DecimalField(decimal_places=3, max_digits=4, null=True)),
                ("pages_total", models.PositiveSmallIntegerField(default=0)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("why", models.CharField(blank=True, max_length=300)),
                ("remarks", models.JSONField(default=list)),
                ("sums", models.JSONField(default=dict)),
                ("read_at", models.DateTimeField(null=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                (
                    "brought_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.member"
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.member"
                    ),
                ),
                (
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reading", to="documents.file"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["owner", "-id"], name="reading_newest")],
            },
        ),
        migrations.CreateModel(
            name="ReadValue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                ("code", models.CharField(max_length=80)),
                ("value", models.CharField(blank=True, max_length=500)),
                ("sure", models.BooleanField()),
                ("depends", models.BooleanField(default=False)),
                ("confidence", models.DecimalField(decimal_places=3, max_digits=4)),
                ("page", models.PositiveSmallIntegerField()),
                ("box", models.JSONField(null=True)),
                ("note", models.CharField(blank=True, max_length=200)),
                ("proposed", models.CharField(blank=True, max_length=500)),
                ("final", models.CharField(max_length=500, null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "reading",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="values", to="documents.reading"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("reading", "code"), name="read_value_once")],
            },
        ),
        migrations.CreateModel(
            name="ReadingPage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("printed", models.BooleanField()),
                ("turned", models.PositiveSmallIntegerField(default=0)),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("lines", models.JSONField()),
                ("concealed", models.BooleanField(default=False)),
                ("found", models.JSONField(default=list)),
                (
                    "picture",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.blob"
                    ),
                ),
                (
                    "reading",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="pages", to="documents.reading"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("reading", "number"), name="reading_page_once")],
            },
        ),
        migrations.CreateModel(
            name="ReadingSettlement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=500)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.member"
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.readvalue"
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.readvalue"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("first", "second"), name="reading_settled_once")],
            },
        ),
        migrations.CreateModel(
            name="FileText",
            fields=[
                (
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="text",
                        serialize=False,
                        to="documents.file",
                    ),
                ),
                ("content", models.BinaryField(default=bytes)),
                ("grams", models.TextField(blank=True)),
                ("pages_total", models.PositiveSmallIntegerField(default=0)),
                ("pages_read", models.PositiveSmallIntegerField(default=0)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("why", models.CharField(blank=True, max_length=10)),
                ("read_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.RunPython(
            code=index_grams,
        ),
    ]
