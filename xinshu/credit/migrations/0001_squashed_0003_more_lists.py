import django.db.models.deletion
from django.db import migrations, models

import xinshu.core.cases

SQLITE = """CREATE TRIGGER credit_behaviour_kept BEFORE UPDATE ON credit_behaviour
BEGIN SELECT RAISE(ABORT, 'a behaviour is never changed'); END"""
ON_POSTGRESQL = """CREATE TRIGGER credit_behaviour_kept BEFORE UPDATE ON credit_behaviour
FOR EACH ROW EXECUTE FUNCTION credit_behaviour_kept()"""
POSTGRESQL = """CREATE FUNCTION credit_behaviour_kept() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'a behaviour is never changed' USING ERRCODE = 'integrity_constraint_violation'; END $$"""


def keep(apps, schema_editor):
    """Let the database itself refuse to change a behaviour: corrections are new rows."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL)
        schema_editor.execute(ON_POSTGRESQL)
    else:
        schema_editor.execute(SQLITE)


def as_before(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER credit_behaviour_kept ON credit_behaviour")
        schema_editor.execute("DROP FUNCTION credit_behaviour_kept()")
    else:
        schema_editor.execute("DROP TRIGGER credit_behaviour_kept")


class Migration(migrations.Migration):
    replaces = [("credit", "0001_initial"), ("credit", "0002_one_draft_one_appeal"), ("credit", "0003_more_lists")]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0005_link_codes"),
        ("documents", "0001_squashed_0003_texts"),
        ("ledger", "0001_squashed_0004_trace"),
    ]

    operations = [
        migrations.CreateModel(
            name="Card",
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
                ("side", models.CharField(choices=[("applicant", "申请人"), ("guarantor", "保证人")], max_length=10)),
                ("number", models.PositiveIntegerField(null=True)),
                ("content", models.JSONField()),
                ("authors", models.JSONField(default=list)),
                ("written_by", models.CharField(max_length=60)),
                ("activated_by", models.CharField(blank=True, max_length=60)),
                ("activated_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("side", "number"), name="credit_card_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "active")), fields=("side",), name="credit_one_active_card"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ("active", "superseded")), _negated=True),
                            models.Q(("activated_at__isnull", False), ("number__isnull", False)),
                            _connector="OR",
                        ),
                        name="credit_card_numbered",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "draft")), fields=("side",), name="credit_one_draft_card"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Effect",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("content_sm3", models.CharField(max_length=64)),
                ("on", models.DateField()),
                ("subjects", models.PositiveIntegerField()),
                ("risen", models.PositiveIntegerField()),
                ("fallen", models.PositiveIntegerField()),
                ("moved", models.PositiveIntegerField()),
                ("counts", models.JSONField(default=list)),
                ("measured_by", models.CharField(max_length=60)),
                ("at", models.DateTimeField()),
                (
                    "card",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="effects", to="credit.card"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Record",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reference",
                    models.CharField(
                        default=xinshu.core.cases.new_reference, editable=False, max_length=16, unique=True
                    ),
                ),
                ("side", models.CharField(choices=[("applicant", "申请人"), ("guarantor", "保证人")], max_length=10)),
                ("score", models.PositiveSmallIntegerField(null=True)),
                ("band", models.CharField(blank=True, max_length=20)),
                ("tone", models.CharField(blank=True, max_length=8)),
                ("on", models.DateField(null=True)),
                (
                    "card",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="credit.card"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_records",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["side", "score"], name="credit_record_by_score")],
                "constraints": [models.UniqueConstraint(fields=("organisation", "side"), name="credit_record_once")],
            },
        ),
        migrations.CreateModel(
            name="Behaviour",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reference",
                    models.CharField(
                        default=xinshu.core.cases.new_reference, editable=False, max_length=16, unique=True
                    ),
                ),
                ("kind", models.CharField(blank=True, max_length=20)),
                ("happened_on", models.DateField()),
                ("case", models.CharField(blank=True, max_length=60)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.CharField(max_length=60)),
                ("recorded_label", models.CharField(max_length=60)),
                ("recorder", models.IntegerField(null=True)),
                (
                    "corrects",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="correction",
                        to="credit.behaviour",
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.entry"
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.file"
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
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="behaviours", to="credit.record"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["record", "-happened_on"], name="behaviour_of_record")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("entry__isnull", False)),
                        fields=("entry", "record", "kind"),
                        name="behaviour_once_per_entry",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", ""), _negated=True), ("corrects__isnull", False), _connector="OR"
                        ),
                        name="behaviour_has_kind",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EffectLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("before", models.PositiveSmallIntegerField(null=True)),
                ("after", models.PositiveSmallIntegerField()),
                ("before_band", models.CharField(blank=True, max_length=20)),
                ("after_band", models.CharField(max_length=20)),
                (
                    "effect",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="credit.effect"
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="credit.record"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["effect", "before_band", "after_band"], name="credit_effect_by_band")],
            },
        ),
        migrations.RunPython(
            code=keep,
        ),
        migrations.CreateModel(
            name="Appeal",
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
                ("text", models.CharField(max_length=1000)),
                ("score", models.PositiveSmallIntegerField(null=True)),
                ("raised_by", models.CharField(max_length=60)),
                ("raised_at", models.DateTimeField()),
                ("due_on", models.DateField()),
                ("due_rule", models.CharField(max_length=600)),
                ("decision", models.CharField(blank=True, max_length=1000)),
                ("decided_by", models.CharField(blank=True, max_length=60)),
                ("decided_at", models.DateTimeField(null=True)),
                ("changed_at", models.DateTimeField()),
                (
                    "file",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.file"
                    ),
                ),
                (
                    "behaviour",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appeals",
                        to="credit.behaviour",
                    ),
                ),
                (
                    "outcome",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decided",
                        to="credit.behaviour",
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="appeals", to="credit.record"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("behaviour",),
                        name="credit_one_appeal_per_behaviour",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "upheld"), _negated=True), ("outcome__isnull", False), _connector="OR"
                        ),
                        name="credit_upheld_corrects",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("behaviour", None), ("state", "open")),
                        fields=("record",),
                        name="credit_one_appeal_per_score",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ListEntry",
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
                ("side", models.CharField(choices=[("applicant", "申请人"), ("guarantor", "保证人")], max_length=10)),
                (
                    "colour",
                    models.CharField(
                        choices=[
                            ("black", "黑名单"),
                            ("grey", "灰名单"),
                            ("red", "红名单"),
                            ("key", "重点企业名单"),
                            ("top100", "百强企业名单"),
                            ("core", "骨干企业名单"),
                            ("odd", "异常企业名单"),
                        ],
                        max_length=6,
                    ),
                ),
                (
                    "effect",
                    models.CharField(
                        choices=[
                            ("block", "不得自动通过，也不得批准"),
                            ("ask", "转人工审批"),
                            ("favour", "优待（可由规则采用）"),
                            ("mark", "仅作标识，不影响审批"),
                        ],
                        max_length=6,
                    ),
                ),
                ("reason", models.CharField(max_length=500)),
                ("evidence", models.CharField(max_length=200)),
                ("valid_from", models.DateField()),
                ("valid_until", models.DateField()),
                ("proposed_by", models.IntegerField()),
                ("proposed_label", models.CharField(max_length=60)),
                ("confirmed_label", models.CharField(blank=True, max_length=60)),
                ("lift_asked_by", models.IntegerField(null=True)),
                ("lift_label", models.CharField(blank=True, max_length=60)),
                ("lift_reason", models.CharField(blank=True, max_length=500)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "file",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.file"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_lists",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["organisation", "state"], name="credit_list_of_firm")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("valid_until__gte", models.F("valid_from"))), name="credit_list_days"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["proposed", "standing", "lifting"])),
                        fields=("owner", "organisation", "side", "colour"),
                        name="credit_listed_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("owner", None), ("state__in", ["proposed", "standing", "lifting"])),
                        fields=("organisation", "side", "colour"),
                        name="credit_listed_once_by_city",
                    ),
                ],
            },
        ),
    ]
