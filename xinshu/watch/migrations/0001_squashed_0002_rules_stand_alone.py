import django.db.models.deletion
from django.db import migrations, models

import xinshu.core.cases


class Migration(migrations.Migration):
    replaces = [("watch", "0001_initial"), ("watch", "0002_rules_stand_alone")]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0005_link_codes"),
        ("guarantees", "0001_squashed_0016_related_parties"),
        ("projects", "0001_squashed_0004_project_sync"),
        ("rules", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="RiskEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reference",
                    models.CharField(
                        default=xinshu.core.cases.new_reference, editable=False, max_length=16, unique=True
                    ),
                ),
                ("source", models.CharField(max_length=60)),
                ("source_id", models.CharField(max_length=120)),
                ("kind", models.CharField(max_length=12)),
                ("title", models.CharField(max_length=300)),
                ("url", models.CharField(blank=True, max_length=500)),
                ("happened_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("polarity", models.SmallIntegerField()),
                ("about_firm", models.BooleanField()),
                ("score", models.SmallIntegerField()),
                ("words", models.JSONField(default=list)),
                ("simhash", models.CharField(max_length=16)),
                (
                    "firm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="risk_events",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "house",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "same_as",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="repeats",
                        to="watch.riskevent",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["firm", "kind", "-happened_at"], name="risk_event_of_firm")],
                "constraints": [models.UniqueConstraint(fields=("source", "source_id"), name="risk_event_once")],
            },
        ),
        migrations.CreateModel(
            name="Alert",
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
                (
                    "grade",
                    models.CharField(choices=[("note", "关注"), ("warn", "预警"), ("severe", "严重")], max_length=8),
                ),
                ("half_life", models.PositiveIntegerField()),
                ("happened_at", models.DateTimeField()),
                ("raised_at", models.DateTimeField()),
                ("due_on", models.DateField()),
                ("changed_at", models.DateTimeField()),
                ("outcome", models.CharField(blank=True, max_length=500)),
                (
                    "firm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "house",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="watch_alerts",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "manager",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.member"
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="alerts", to="watch.riskevent"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["house", "state", "-raised_at"], name="watch_alert_of_house"),
                    models.Index(fields=["house", "firm", "-happened_at"], name="watch_alert_of_firm"),
                ],
                "constraints": [models.UniqueConstraint(fields=("event", "house"), name="watch_alert_once")],
            },
        ),
        migrations.CreateModel(
            name="Screening",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reference",
                    models.CharField(
                        default=xinshu.core.cases.new_reference, editable=False, max_length=16, unique=True
                    ),
                ),
                ("uscc", models.CharField(max_length=18)),
                ("name", models.CharField(max_length=120)),
                ("asked_by", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
                (
                    "firm",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "house",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
                ("runs", models.ManyToManyField(related_name="screenings", to="rules.run")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["house", "-at"], name="watch_screening_of_house"),
                    models.Index(fields=["house", "uscc", "-at"], name="watch_screening_of_firm"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Trace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("tender", models.CharField(blank=True, max_length=64)),
                ("what", models.CharField(max_length=8)),
                ("digest", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                (
                    "firm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "guarantee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="guarantees.guarantee"
                    ),
                ),
                (
                    "house",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="projects.project"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("tender", ""), _negated=True),
                        fields=["tender", "what", "digest", "firm"],
                        name="watch_trace_of_tender",
                    ),
                    models.Index(fields=["what", "digest", "at", "firm"], name="watch_trace_of_value"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("guarantee", "what", "digest"), name="watch_trace_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="WatchCase",
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
                ("pattern", models.CharField(max_length=20)),
                ("key", models.CharField(max_length=160)),
                ("rule_number", models.PositiveIntegerField(default=0)),
                (
                    "grade",
                    models.CharField(choices=[("note", "关注"), ("warn", "预警"), ("severe", "严重")], max_length=8),
                ),
                ("blocks", models.BooleanField(default=False)),
                ("tender", models.CharField(blank=True, max_length=64)),
                ("trace", models.CharField(blank=True, max_length=8)),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("found_at", models.DateTimeField()),
                ("opened_at", models.DateTimeField(null=True)),
                ("due_on", models.DateField(null=True)),
                ("changed_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("outcome", models.CharField(blank=True, max_length=500)),
                (
                    "firm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "house",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="watch_cases",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "responsible",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.member"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["house", "state", "-changed_at"], name="watch_case_of_house"),
                    models.Index(condition=models.Q(("state", "sealed")), fields=["tender"], name="watch_case_sealed"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("sealed", "open", "frozen", "thawing"))),
                        fields=("house", "pattern", "key"),
                        name="watch_case_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state", "sealed"), ("opened_at__isnull", False), _connector="OR"),
                        name="watch_case_opened_when_told",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=80)),
                ("text", models.CharField(max_length=300)),
                ("at", models.DateTimeField()),
                (
                    "firm",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "guarantee",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="guarantees.guarantee",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="evidence", to="watch.watchcase"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["firm", "case"], name="watch_evidence_of_firm")],
                "constraints": [models.UniqueConstraint(fields=("case", "key"), name="watch_evidence_once")],
            },
        ),
        migrations.CreateModel(
            name="WatchRule",
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
                ("pattern", models.CharField(max_length=20)),
                ("number", models.PositiveIntegerField(null=True)),
                ("on", models.BooleanField(default=True)),
                (
                    "grade",
                    models.CharField(choices=[("note", "关注"), ("warn", "预警"), ("severe", "严重")], max_length=8),
                ),
                ("blocks", models.BooleanField(default=False)),
                ("limits", models.JSONField(default=dict)),
                ("authors", models.JSONField(default=list)),
                ("written_by", models.CharField(max_length=60)),
                ("activated_by", models.CharField(blank=True, max_length=60)),
                ("activated_at", models.DateTimeField(null=True)),
                ("changed_at", models.DateTimeField()),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="watch_rules",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("owner", "pattern", "number"), name="watch_rule_numbered"),
                    models.UniqueConstraint(
                        condition=models.Q(("owner__isnull", False), ("state", "active")),
                        fields=("owner", "pattern"),
                        name="watch_rule_active",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("owner", None), ("state", "active")),
                        fields=("pattern",),
                        name="watch_rule_active_platform",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("owner", None)),
                        fields=("pattern", "number"),
                        name="watch_rule_numbered_platform",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("owner__isnull", False), ("state", "draft")),
                        fields=("owner", "pattern"),
                        name="watch_rule_draft",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("owner", None), ("state", "draft")),
                        fields=("pattern",),
                        name="watch_rule_draft_platform",
                    ),
                ],
            },
        ),
    ]
