import django.db.models.deletion
from django.db import migrations, models

import xinshu.core.cases
import xinshu.ledger.canonical


class Migration(migrations.Migration):
    replaces = [
        ("ledger", "0001_initial"),
        ("ledger", "0002_veil"),
        ("ledger", "0003_retention"),
        ("ledger", "0004_trace"),
    ]

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("size", models.BigIntegerField(unique=True)),
                ("root", models.BinaryField(max_length=32)),
                ("text", models.TextField()),
                ("signature", models.TextField()),
                ("cosignature", models.TextField(blank=True, default="")),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Refused",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("entry_id", models.BigIntegerField(unique=True)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Verification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("requested_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("genuine", models.BooleanField(null=True)),
                ("sealed", models.BigIntegerField(default=0)),
                ("waiting", models.BigIntegerField(default=0)),
                ("finding", models.TextField(blank=True, default="")),
                ("entry_number", models.BigIntegerField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Worker",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, unique=True)),
                ("started_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("stopped_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=60)),
                ("subject_type", models.CharField(max_length=60)),
                ("subject_id", models.BigIntegerField()),
                ("actor_key", models.CharField(max_length=60)),
                ("actor_label", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                ("sealed_until", models.DateTimeField(null=True)),
                ("data", models.JSONField(default=dict, encoder=xinshu.ledger.canonical.CanonicalEncoder)),
                ("salt", models.BinaryField(max_length=16)),
                ("mac", models.BinaryField(max_length=32)),
                ("trace", models.CharField(max_length=32, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["subject_type", "subject_id", "id"], name="entry_subject"),
                    models.Index(fields=["kind", "id"], name="entry_kind"),
                    models.Index(fields=["actor_key", "id"], name="entry_actor"),
                    models.Index(fields=["at"], name="entry_at"),
                    models.Index(condition=models.Q(("trace__isnull", False)), fields=["trace"], name="entry_trace"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Leaf",
            fields=[
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                ("hash", models.BinaryField(max_length=32)),
                (
                    "entry",
                    models.OneToOneField(
                        db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to="ledger.entry"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="NightlyRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("function", models.CharField(max_length=200)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("due_at", models.DateTimeField()),
                ("leased_until", models.DateTimeField(null=True)),
                ("leased_by", models.CharField(blank=True, default="", max_length=60)),
                ("last_error", models.TextField(blank=True, default="")),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("function", "day"), name="nightly_once")],
            },
        ),
        migrations.CreateModel(
            name="Node",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("level", models.PositiveSmallIntegerField()),
                ("index", models.BigIntegerField()),
                ("hash", models.BinaryField(max_length=32)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("level", "index"), name="node_once")],
            },
        ),
        migrations.CreateModel(
            name="Veil",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject_type", models.CharField(max_length=60)),
                ("subject_id", models.BigIntegerField()),
                ("until", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("subject_type", "subject_id"), name="veil_once_per_subject")
                ],
            },
        ),
        migrations.CreateModel(
            name="RetentionRule",
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
                ("proposed_by", models.CharField(max_length=60)),
                ("proposer", models.CharField(max_length=200)),
                ("proposed_at", models.DateTimeField()),
                ("decided_by", models.CharField(blank=True, default="", max_length=60)),
                ("decider", models.CharField(blank=True, default="", max_length=200)),
                ("decided_at", models.DateTimeField(null=True)),
                ("refusal", models.CharField(blank=True, default="", max_length=500)),
                ("kind", models.CharField(max_length=60)),
                ("months", models.PositiveIntegerField()),
                ("basis", models.CharField(max_length=200)),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "proposed")), fields=("kind",), name="one_rule_proposed"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "active")), fields=("kind",), name="one_rule_in_force"
                    ),
                    models.CheckConstraint(condition=models.Q(("months__gt", 0)), name="rule_months_positive"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Tombstone",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="tombstone",
                        serialize=False,
                        to="ledger.entry",
                    ),
                ),
                (
                    "told",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.entry"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Redaction",
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
                ("proposed_by", models.CharField(max_length=60)),
                ("proposer", models.CharField(max_length=200)),
                ("proposed_at", models.DateTimeField()),
                ("decided_by", models.CharField(blank=True, default="", max_length=60)),
                ("decider", models.CharField(blank=True, default="", max_length=200)),
                ("decided_at", models.DateTimeField(null=True)),
                ("refusal", models.CharField(blank=True, default="", max_length=500)),
                ("until", models.DateTimeField()),
                ("expected", models.PositiveIntegerField()),
                ("cleared", models.PositiveIntegerField(default=0)),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="redactions",
                        to="ledger.retentionrule",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["proposed", "approved"])),
                        fields=("rule",),
                        name="one_redaction_at_a_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reaction", models.CharField(max_length=200)),
                ("lane", models.CharField(max_length=90)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "等待"), ("done", "完成"), ("parked", "搁置")],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("due_at", models.DateTimeField()),
                ("leased_until", models.DateTimeField(null=True)),
                ("leased_by", models.CharField(blank=True, default="", max_length=60)),
                ("last_error", models.TextField(blank=True, default="")),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="deliveries", to="ledger.entry"
                    ),
                ),
                ("milliseconds", models.PositiveIntegerField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")), fields=["due_at", "id"], name="delivery_due"
                    ),
                    models.Index(
                        condition=models.Q(("state", "done"), _negated=True),
                        fields=["reaction", "lane", "entry"],
                        name="delivery_lane",
                    ),
                    models.Index(
                        condition=models.Q(("state", "parked")), fields=["state", "id"], name="delivery_state"
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("entry", "reaction"), name="delivery_once")],
            },
        ),
    ]
