import django.db.models.deletion
from django.db import migrations, models

import xinshu.core.cases


class Migration(migrations.Migration):
    replaces = [("exchange", "0001_initial"), ("exchange", "0002_project_sync")]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0005_link_codes"),
        ("guarantees", "0001_squashed_0016_related_parties"),
        ("ledger", "0001_squashed_0004_trace"),
        ("projects", "0001_squashed_0004_project_sync"),
    ]

    operations = [
        migrations.CreateModel(
            name="OpenedEnvelope",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("destination", models.CharField(max_length=40)),
                ("nonce", models.CharField(max_length=32)),
                ("at", models.DateTimeField(db_index=True)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("destination", "nonce"), name="envelope_once")],
            },
        ),
        migrations.CreateModel(
            name="Submission",
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
                ("destination", models.CharField(max_length=40)),
                ("destination_name", models.CharField(max_length=120)),
                (
                    "event",
                    models.CharField(
                        choices=[
                            ("sealed", "密文登记"),
                            ("reveal", "开标还原"),
                            ("issue", "保函签发"),
                            ("amendment", "保函变更"),
                            ("demand", "索赔"),
                            ("refusal", "拒付通知"),
                            ("release", "解保"),
                            ("expiry", "到期"),
                        ],
                        max_length=12,
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("order", models.CharField(max_length=16)),
                ("message", models.CharField(max_length=32, unique=True)),
                ("content", models.JSONField()),
                ("nonce", models.CharField(blank=True, max_length=64)),
                ("commitment", models.CharField(blank=True, max_length=64)),
                ("receipt", models.CharField(blank=True, max_length=80)),
                ("answer", models.CharField(blank=True, max_length=500)),
                ("created_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("receipted_at", models.DateTimeField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "entry",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.entry"),
                ),
                (
                    "guarantee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="submissions",
                        to="guarantees.guarantee",
                    ),
                ),
                (
                    "receiver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(fields=["state", "sent_at"], name="submission_by_state"),
                    models.Index(fields=["destination", "order"], name="submission_by_order"),
                    models.Index(fields=["receiver", "-id"], name="submission_by_receiver"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("guarantee", "destination", "number"), name="submission_in_order"),
                    models.UniqueConstraint(fields=("destination", "entry", "event"), name="submission_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ("submitted", "filed")), _negated=True),
                            ("receipted_at__isnull", False),
                            _connector="OR",
                        ),
                        name="submission_counts_by_receipt",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Verification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reference",
                    models.CharField(
                        default=xinshu.core.cases.new_reference, editable=False, max_length=16, unique=True
                    ),
                ),
                ("asked_by", models.CharField(max_length=200)),
                ("name", models.CharField(max_length=160)),
                ("at", models.DateTimeField()),
                ("rows", models.JSONField()),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["organisation", "-id"], name="verification_by_house")],
            },
        ),
        migrations.CreateModel(
            name="ProjectMessage",
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
                ("destination", models.CharField(max_length=40)),
                ("destination_name", models.CharField(max_length=120)),
                ("number", models.PositiveIntegerField()),
                ("order", models.CharField(max_length=16)),
                ("message", models.CharField(max_length=32, unique=True)),
                ("content", models.JSONField()),
                ("receipt", models.CharField(blank=True, max_length=80)),
                ("answer", models.CharField(blank=True, max_length=500)),
                ("created_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("receipted_at", models.DateTimeField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("lot", models.CharField(max_length=90)),
                (
                    "event",
                    models.CharField(
                        choices=[("project_new", "新项目"), ("project_changed", "项目变化")], max_length=16
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.entry"),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="messages", to="projects.project"
                    ),
                ),
                (
                    "receiver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [models.Index(fields=["receiver", "-id"], name="project_message_receiver")],
                "constraints": [
                    models.UniqueConstraint(fields=("lot", "destination", "number"), name="project_message_in_order"),
                    models.UniqueConstraint(fields=("destination", "entry"), name="project_message_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ("submitted", "filed")), _negated=True),
                            ("receipted_at__isnull", False),
                            _connector="OR",
                        ),
                        name="project_message_by_receipt",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Try",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("message", models.CharField(max_length=32)),
                ("at", models.DateTimeField()),
                ("outcome", models.CharField(max_length=12)),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("answer", models.CharField(blank=True, max_length=500)),
                ("milliseconds", models.PositiveIntegerField(default=0)),
                (
                    "submission",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tries",
                        to="exchange.submission",
                    ),
                ),
                (
                    "project_message",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tries",
                        to="exchange.projectmessage",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("project_message__isnull", True), ("submission__isnull", False)),
                            models.Q(("project_message__isnull", False), ("submission__isnull", True)),
                            _connector="OR",
                        ),
                        name="try_of_one_message",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ProjectRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reference",
                    models.CharField(
                        default=xinshu.core.cases.new_reference, editable=False, max_length=16, unique=True
                    ),
                ),
                ("external_id", models.CharField(max_length=80)),
                ("version", models.PositiveIntegerField(default=0)),
                ("withdrawn", models.BooleanField(default=False)),
                ("name", models.CharField(blank=True, max_length=300)),
                ("number", models.CharField(blank=True, db_index=True, max_length=80)),
                ("facts", models.JSONField(default=dict)),
                ("received_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="project_records",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["source", "-changed_at"], name="project_record_by_source")],
                "constraints": [models.UniqueConstraint(fields=("source", "external_id"), name="project_record_once")],
            },
        ),
        migrations.CreateModel(
            name="FieldRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("field", models.CharField(max_length=30)),
                (
                    "wins",
                    models.CharField(
                        choices=[("ask", "逐次决定"), ("theirs", "以对方为准"), ("ours", "以本单位为准")], max_length=8
                    ),
                ),
                ("by", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "source", "field"), name="field_rule_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Difference",
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
                ("field", models.CharField(max_length=30)),
                ("theirs", models.JSONField(null=True)),
                ("ours", models.JSONField(null=True)),
                ("their_version", models.PositiveIntegerField()),
                ("seen_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("decider", models.CharField(blank=True, max_length=200)),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="differences", to="projects.project"
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="differences",
                        to="exchange.projectrecord",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [models.Index(fields=["project", "state"], name="difference_by_project")],
                "constraints": [models.UniqueConstraint(fields=("record", "project", "field"), name="difference_once")],
            },
        ),
        migrations.CreateModel(
            name="Arrival",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField()),
                ("withdrawn", models.BooleanField(default=False)),
                ("facts", models.JSONField(default=dict)),
                ("digest", models.CharField(max_length=64)),
                ("receipt", models.CharField(max_length=32, unique=True)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("taken", "已采纳"),
                            ("older", "版本较旧，未覆盖"),
                            ("conflict", "同版本内容不同，待决定"),
                            ("adopted", "已改用这一份"),
                            ("dismissed", "已弃用这一份"),
                        ],
                        max_length=12,
                    ),
                ),
                ("times", models.PositiveIntegerField(default=1)),
                ("at", models.DateTimeField()),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="arrivals",
                        to="exchange.projectrecord",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "constraints": [models.UniqueConstraint(fields=("record", "version", "digest"), name="arrival_once")],
            },
        ),
    ]
