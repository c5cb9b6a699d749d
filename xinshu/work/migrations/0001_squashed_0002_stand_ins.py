import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import xinshu.core.cases


class Migration(migrations.Migration):
    replaces = [("work", "0001_initial"), ("work", "0002_stand_ins")]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0005_link_codes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ApprovalPlan",
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
                ("kind", models.CharField(max_length=20)),
                ("number", models.PositiveIntegerField()),
                ("levels", models.JSONField(default=list)),
                ("escalates_to", models.CharField(blank=True, max_length=60)),
                ("hands", models.JSONField(default=list)),
                ("drafted_at", models.DateTimeField()),
                ("activated_at", models.DateTimeField(null=True)),
                ("retired_at", models.DateTimeField(null=True)),
                (
                    "activated_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.member"
                    ),
                ),
                (
                    "drafted_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.member"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="approval_plans",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "kind", "number"), name="plan_version_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "active")),
                        fields=("organisation", "kind"),
                        name="plan_active_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "draft")), fields=("organisation", "kind"), name="plan_draft_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Approval",
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
                ("kind", models.CharField(max_length=20)),
                ("subject_type", models.CharField(max_length=60)),
                ("subject_id", models.BigIntegerField()),
                ("levels", models.JSONField()),
                ("facts", models.JSONField()),
                ("facts_digest", models.CharField(max_length=64)),
                ("keepers", models.JSONField(default=list)),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("level", models.CharField(blank=True, max_length=20)),
                ("level_name", models.CharField(blank=True, max_length=40)),
                ("badge", models.CharField(blank=True, max_length=60)),
                ("short", models.BooleanField(default=False)),
                ("opened_at", models.DateTimeField()),
                ("due_on", models.DateField(null=True)),
                ("escalated_at", models.DateTimeField(null=True)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="approvals",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="approvals", to="work.approvalplan"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "open")),
                        fields=["organisation", "kind", "badge"],
                        name="approval_waiting",
                    ),
                    models.Index(fields=["subject_type", "subject_id"], name="approval_subject"),
                    models.Index(condition=models.Q(("state", "open")), fields=["due_on"], name="approval_due"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["open", "returned"])),
                        fields=("subject_type", "subject_id"),
                        name="approval_open_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Delegation",
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
                ("kinds", models.JSONField()),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                ("reason", models.CharField(max_length=200)),
                ("given_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "delegate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="delegations_received",
                        to="accounts.member",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="delegations",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "principal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="delegations_given",
                        to="accounts.member",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "given")), fields=["delegate", "ends_on"], name="delegation_given"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))), name="delegation_period_ordered"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("principal", models.F("delegate")), _negated=True),
                        name="delegation_to_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OwnDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("works", models.BooleanField()),
                ("note", models.CharField(max_length=60)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="own_days", to="accounts.organisation"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("organisation", "day"), name="own_day_once")],
            },
        ),
        migrations.CreateModel(
            name="Standing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("barred", models.BooleanField()),
                (
                    "approval",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="standings", to="work.approval"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["user", "barred"], name="standing_user")],
                "constraints": [models.UniqueConstraint(fields=("approval", "user", "barred"), name="standing_once")],
            },
        ),
        migrations.CreateModel(
            name="StoppedClock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("applicant", "applicant"),
                            ("court", "court"),
                            ("co_handler", "co_handler"),
                            ("site_visit", "site_visit"),
                            ("expert", "expert"),
                        ],
                        max_length=12,
                    ),
                ),
                ("note", models.CharField(max_length=200)),
                ("evidence_name", models.CharField(max_length=200)),
                ("evidence_reference", models.CharField(max_length=40)),
                ("evidence_sm3", models.CharField(max_length=64)),
                ("from_at", models.DateTimeField()),
                ("to_at", models.DateTimeField(null=True)),
                (
                    "approval",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="stops", to="work.approval"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("to_at", None)), fields=("approval",), name="clock_stopped_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reason__in", ["applicant", "court", "co_handler", "site_visit", "expert"]),
                            models.Q(("evidence_sm3", ""), _negated=True),
                        ),
                        name="clock_stopped_on_evidence",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Signature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("approve", "同意"),
                            ("reject", "不同意"),
                            ("add", "加签"),
                            ("back", "退回上级"),
                            ("return", "退回申请人"),
                            ("resubmit", "重新提交"),
                            ("withdraw", "撤回"),
                            ("appoint", "指定代签人"),
                            ("lift", "撤销加签"),
                            ("update", "要素变化"),
                        ],
                        max_length=10,
                    ),
                ),
                ("level", models.CharField(blank=True, max_length=20)),
                ("level_name", models.CharField(blank=True, max_length=40)),
                ("group", models.CharField(blank=True, max_length=40)),
                ("hand_label", models.CharField(max_length=200)),
                ("opinion", models.CharField(blank=True, max_length=500)),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("closes", models.BooleanField(default=False)),
                ("at", models.DateTimeField()),
                ("voided_at", models.DateTimeField(null=True)),
                (
                    "approval",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="signatures", to="work.approval"
                    ),
                ),
                (
                    "delegation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="work.delegation",
                    ),
                ),
                (
                    "hand",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "seat",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("act__in", ["approve", "reject"]), ("voided_at", None)),
                        fields=("approval", "group", "hand"),
                        name="signature_hand_once_per_group",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("act__in", ["approve", "reject"]), ("voided_at", None)),
                        fields=("approval", "group", "seat"),
                        name="signature_seat_once_per_group",
                    ),
                ],
            },
        ),
    ]
