import django.db.models.deletion
from django.db import migrations, models

import xinshu.core.cases


class Migration(migrations.Migration):
    replaces = [
        ("projects", "0001_initial"),
        ("projects", "0002_supervision"),
        ("projects", "0003_bases"),
        ("projects", "0004_project_sync"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0005_link_codes"),
    ]

    operations = [
        migrations.CreateModel(
            name="Project",
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
                ("name", models.CharField(max_length=300)),
                ("number", models.CharField(blank=True, max_length=80)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("building", "房屋建筑"),
                            ("municipal", "市政工程"),
                            ("highway", "公路工程"),
                            ("water", "水利工程"),
                            ("transport", "铁路与港航"),
                            ("energy", "电力与能源"),
                            ("landscape", "园林绿化"),
                            ("other", "其他工程"),
                        ],
                        default="other",
                        max_length=12,
                    ),
                ),
                ("region_code", models.CharField(blank=True, max_length=12)),
                ("site", models.CharField(blank=True, max_length=200)),
                ("estimate_amount", models.BigIntegerField(null=True)),
                ("estimate_source", models.CharField(blank=True, max_length=120)),
                ("award_amount", models.BigIntegerField(null=True)),
                ("award_source", models.CharField(blank=True, max_length=120)),
                ("opens_at", models.DateTimeField(null=True)),
                ("bid_validity_days", models.PositiveIntegerField(null=True)),
                ("contract_days", models.PositiveIntegerField(null=True)),
                (
                    "source",
                    models.CharField(
                        choices=[("entered", "人工录入"), ("award_notice", "中标公告"), ("synced", "项目同步")],
                        default="entered",
                        max_length=12,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "buyer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="projects_bought",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "registered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="projects_registered",
                        to="accounts.organisation",
                    ),
                ),
                ("advance_amount", models.BigIntegerField(null=True)),
                ("advance_source", models.CharField(blank=True, max_length=120)),
                ("completed_on", models.DateField(null=True)),
                ("contract_amount", models.BigIntegerField(null=True)),
                ("contract_source", models.CharField(blank=True, max_length=120)),
                ("defects_months", models.PositiveIntegerField(null=True)),
                (
                    "labour_department",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "regime",
                    models.CharField(
                        choices=[("tender", "招标投标"), ("procurement", "政府采购")], default="tender", max_length=12
                    ),
                ),
                ("settlement_amount", models.BigIntegerField(null=True)),
                ("settlement_source", models.CharField(blank=True, max_length=120)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["registered_by", "-id"], name="project_registrant"),
                    models.Index(fields=["region_code", "-id"], name="project_region"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("number", ""), _negated=True),
                        fields=("registered_by", "source", "number"),
                        name="project_number_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("estimate_amount", None), ("estimate_amount__gt", 0), _connector="OR"),
                        name="project_estimate_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("award_amount", None), ("award_amount__gt", 0), _connector="OR"),
                        name="project_award_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "awarded"), _negated=True),
                            ("award_amount__isnull", False),
                            _connector="OR",
                        ),
                        name="project_awarded_has_amount",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("contract_amount", None), ("contract_amount__gt", 0), _connector="OR"),
                            models.Q(("settlement_amount", None), ("settlement_amount__gt", 0), _connector="OR"),
                            models.Q(("advance_amount", None), ("advance_amount__gt", 0), _connector="OR"),
                        ),
                        name="project_bases_positive",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Party",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[("agency", "招标代理"), ("winner", "中标人"), ("consortium_member", "联合体成员")],
                        max_length=20,
                    ),
                ),
                ("order", models.PositiveSmallIntegerField(default=0)),
                ("amount", models.BigIntegerField(null=True)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="project_parts",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="parties", to="projects.project"
                    ),
                ),
            ],
            options={
                "ordering": ["order", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("project", "organisation", "role"), name="party_once_per_role"),
                    models.UniqueConstraint(
                        condition=models.Q(("role", "winner")), fields=("project",), name="project_has_one_winner"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SupervisionPlan",
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
                ("basis", models.CharField(blank=True, max_length=200)),
                ("valid_from", models.DateTimeField(null=True)),
                ("refusal", models.CharField(blank=True, max_length=500)),
                ("proposed_by", models.CharField(max_length=60)),
                ("proposer", models.CharField(max_length=200)),
                ("proposed_at", models.DateTimeField()),
                ("decided_by", models.CharField(blank=True, max_length=60)),
                ("decider", models.CharField(blank=True, max_length=200)),
                ("decided_at", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["draft", "proposed"])),
                        fields=("state",),
                        name="supervision_one_in_each_hand",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["proposed", "approved"]), _negated=True),
                            ("valid_from__isnull", False),
                            _connector="OR",
                        ),
                        name="supervision_plan_has_a_beginning",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SupervisionRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kinds", models.JSONField(default=list)),
                ("project_kinds", models.JSONField(default=list)),
                ("region_code", models.CharField(max_length=6)),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="projects.supervisionplan"
                    ),
                ),
            ],
        ),
    ]
