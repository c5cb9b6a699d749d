import django.db.models.deletion
from django.db import migrations, models

import xinshu.core.cases


class Migration(migrations.Migration):
    replaces = [("guarantors", "0001_initial"), ("guarantors", "0002_netassets")]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0005_link_codes"),
        ("documents", "0001_squashed_0003_texts"),
    ]

    operations = [
        migrations.CreateModel(
            name="Qualification",
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
                ("valid_from", models.DateField()),
                ("valid_until", models.DateField(null=True)),
                ("authors", models.JSONField(default=list)),
                ("filed_by", models.CharField(max_length=60)),
                ("confirmed_by", models.CharField(blank=True, max_length=60)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("guaranty", "融资担保业务经营许可证"),
                            ("banking", "金融许可证"),
                            ("insurance", "保险许可证"),
                            ("business", "营业执照（经营范围）"),
                            ("record", "工程担保备案"),
                        ],
                        max_length=12,
                    ),
                ),
                ("certificate", models.CharField(max_length=60)),
                ("authority", models.CharField(max_length=80)),
                (
                    "file",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.file"
                    ),
                ),
                (
                    "guarantor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "replaces",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="successors",
                        to="guarantors.qualification",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [models.Index(fields=["guarantor", "state"], name="qualification_of_house")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until", None), ("valid_until__gte", models.F("valid_from")), _connector="OR"
                        ),
                        name="qualification_days_ordered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ("confirmed", "replaced", "ended")), _negated=True),
                            ("confirmed_at__isnull", False),
                            _connector="OR",
                        ),
                        name="qualification_confirmed",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("confirmed", "replaced", "ended"))),
                        fields=("replaces",),
                        name="qualification_replaced_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Scope",
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
                ("valid_from", models.DateField()),
                ("valid_until", models.DateField(null=True)),
                ("authors", models.JSONField(default=list)),
                ("filed_by", models.CharField(max_length=60)),
                ("confirmed_by", models.CharField(blank=True, max_length=60)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("kind", models.CharField(blank=True, max_length=20)),
                ("region_code", models.CharField(blank=True, max_length=6)),
                ("most_amount", models.BigIntegerField(null=True)),
                ("annual_rate", models.DecimalField(decimal_places=6, max_digits=9, null=True)),
                (
                    "guarantor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "replaces",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="successors",
                        to="guarantors.scope",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [models.Index(fields=["guarantor", "state"], name="scope_of_house")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until", None), ("valid_until__gte", models.F("valid_from")), _connector="OR"
                        ),
                        name="scope_days_ordered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ("confirmed", "replaced", "ended")), _negated=True),
                            ("confirmed_at__isnull", False),
                            _connector="OR",
                        ),
                        name="scope_confirmed",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("confirmed", "replaced", "ended"))),
                        fields=("replaces",),
                        name="scope_replaced_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Terms",
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
                ("kind", models.CharField(blank=True, max_length=20)),
                ("number", models.PositiveIntegerField(null=True)),
                ("text", models.TextField()),
                ("authors", models.JSONField(default=list)),
                ("written_by", models.CharField(max_length=60)),
                ("activated_by", models.CharField(blank=True, max_length=60)),
                ("activated_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "guarantor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="terms", to="accounts.organisation"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("guarantor", "kind", "number"), name="terms_version_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "active")), fields=("guarantor", "kind"), name="terms_one_active"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ("active", "superseded")), _negated=True),
                            models.Q(("activated_at__isnull", False), ("number__isnull", False)),
                            _connector="OR",
                        ),
                        name="terms_numbered_in_force",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NetAssets",
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
                ("valid_from", models.DateField()),
                ("valid_until", models.DateField(null=True)),
                ("authors", models.JSONField(default=list)),
                ("filed_by", models.CharField(max_length=60)),
                ("confirmed_by", models.CharField(blank=True, max_length=60)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("amount", models.BigIntegerField()),
                ("source", models.CharField(max_length=120)),
                ("mainly_small", models.BooleanField(default=False)),
                ("basis", models.CharField(blank=True, max_length=200)),
                (
                    "file",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.file"
                    ),
                ),
                (
                    "guarantor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "replaces",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="successors",
                        to="guarantors.netassets",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [models.Index(fields=["guarantor", "state"], name="netassets_of_house")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until", None), ("valid_until__gte", models.F("valid_from")), _connector="OR"
                        ),
                        name="netassets_days_ordered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ("confirmed", "replaced", "ended")), _negated=True),
                            ("confirmed_at__isnull", False),
                            _connector="OR",
                        ),
                        name="netassets_confirmed",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("confirmed", "replaced", "ended"))),
                        fields=("replaces",),
                        name="netassets_replaced_once",
                    ),
                ],
            },
        ),
    ]
