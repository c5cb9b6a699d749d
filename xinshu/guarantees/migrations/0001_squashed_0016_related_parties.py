from decimal import Decimal

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
from django.db import migrations, models

import xinshu.core.cases
import xinshu.guarantees.kinds


class Migration(migrations.Migration):
    replaces = [
        ("guarantees", "0001_initial"),
        ("guarantees", "0002_refunds"),
        ("guarantees", "0003_by_change"),
        ("guarantees", "0004_lapsed"),
        ("guarantees", "0005_types"),
        ("guarantees", "0006_changes"),
        ("guarantees", "0007_guarantors"),
        ("guarantees", "0008_batches"),
        ("guarantees", "0009_views"),
        ("guarantees", "0010_ends"),
        ("guarantees", "0011_wording"),
        ("guarantees", "0012_ease"),
        ("guarantees", "0013_returns"),
        ("guarantees", "0014_origins"),
        ("guarantees", "0015_watch_indexes"),
        ("guarantees", "0016_related_parties"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0005_link_codes"),
        ("documents", "0001_squashed_0003_texts"),
        ("guarantors", "0001_squashed_0002_netassets"),
        ("projects", "0001_squashed_0004_project_sync"),
        ("tenders", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Tariff",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=xinshu.guarantees.kinds.every_choice, max_length=20)),
                ("number", models.PositiveIntegerField()),
                ("annual_rate", models.DecimalField(decimal_places=6, max_digits=9)),
                (
                    "period",
                    models.CharField(
                        choices=[
                            ("daily", "按日"),
                            ("month", "按月，不足一月按一月"),
                            ("quarter", "按季，不足一季按一季"),
                            ("flat", "按笔"),
                        ],
                        default="daily",
                        max_length=10,
                    ),
                ),
                ("basis", models.PositiveSmallIntegerField(default=365)),
                ("minimum_amount", models.BigIntegerField(default=0)),
                ("includes_last_day", models.BooleanField(default=False)),
                ("valid_from", models.DateField()),
                (
                    "guarantor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tariffs", to="accounts.organisation"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("guarantor", "kind", "number"), name="tariff_version_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Guarantee",
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
                ("kind", models.CharField(choices=xinshu.guarantees.kinds.every_choice, max_length=20)),
                ("number", models.CharField(max_length=32, null=True, unique=True)),
                ("verify_code", models.CharField(blank=True, max_length=6)),
                ("on_behalf", models.BooleanField(default=False)),
                ("currency", models.CharField(default="CNY", max_length=3)),
                ("amount", models.BigIntegerField(null=True)),
                ("base_amount", models.BigIntegerField(null=True)),
                ("base_source", models.CharField(blank=True, max_length=120)),
                ("effective_on", models.DateField(null=True)),
                ("expires_on", models.DateField(null=True)),
                ("findings", models.JSONField(default=list)),
                ("reviewed_by_key", models.CharField(blank=True, max_length=60)),
                ("fee_amount", models.BigIntegerField(null=True)),
                ("fee_lines", models.JSONField(default=list)),
                (
                    "nature",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("independent", "独立保函（见索即付）"),
                            ("accessory_joint", "连带责任保证"),
                            ("accessory_general", "一般保证"),
                            ("surety_insurance", "保证保险"),
                        ],
                        max_length=20,
                    ),
                ),
                ("clauses", models.JSONField(default=list)),
                ("letter_values", models.JSONField(default=dict)),
                ("available_amount", models.BigIntegerField(default=0)),
                ("reserved_amount", models.BigIntegerField(default=0)),
                ("paid_amount", models.BigIntegerField(default=0)),
                ("lapsed_amount", models.BigIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("submitted_at", models.DateTimeField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("issued_at", models.DateTimeField(null=True)),
                ("delivered_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("changed_at", models.DateTimeField()),
                (
                    "applicant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="guarantees_applied",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "beneficiary",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="guarantees_held",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "guarantor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="guarantees_given",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "letter",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="documents.sealeddocument"
                    ),
                ),
                (
                    "manager",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.member"
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="guarantees", to="projects.project"
                    ),
                ),
                (
                    "template",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="documents.templateversion"
                    ),
                ),
                (
                    "tariff",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="guarantees.tariff"),
                ),
                ("kind_number", models.PositiveIntegerField(default=1)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["guarantor", "-changed_at", "-id"], name="guarantee_by_guarantor"),
                    models.Index(fields=["applicant", "-changed_at", "-id"], name="guarantee_by_applicant"),
                    models.Index(fields=["beneficiary", "-changed_at", "-id"], name="guarantee_by_beneficiary"),
                    models.Index(fields=["guarantor", "state", "-changed_at"], name="guarantee_by_state"),
                    models.Index(fields=["state", "expires_on"], name="guarantee_by_expiry"),
                    models.Index(fields=["-changed_at", "-id"], name="guarantee_by_change"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount__isnull", True), ("amount__gt", 0), _connector="OR"),
                        name="guarantee_amount_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("available_amount__gte", 0),
                            ("lapsed_amount__gte", 0),
                            ("paid_amount__gte", 0),
                            ("reserved_amount__gte", 0),
                        ),
                        name="guarantee_parts_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expires_on__isnull", True),
                            ("effective_on__isnull", True),
                            ("expires_on__gte", models.F("effective_on")),
                            _connector="OR",
                        ),
                        name="guarantee_period_ordered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                (
                                    "draft",
                                    "submitted",
                                    "in_review",
                                    "returned",
                                    "fee_due",
                                    "to_issue",
                                    "declined",
                                    "withdrawn",
                                    "lapsed",
                                ),
                            ),
                            models.Q(
                                (
                                    "amount",
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("available_amount"), "+", models.F("reserved_amount")
                                            ),
                                            "+",
                                            models.F("paid_amount"),
                                        ),
                                        "+",
                                        models.F("lapsed_amount"),
                                    ),
                                ),
                                ("issued_at__isnull", False),
                                ("number__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="guarantee_parts_sum_to_amount",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PublicCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(db_index=True, max_length=40)),
                ("way", models.CharField(max_length=10)),
                ("verdict", models.CharField(max_length=20)),
                ("at", models.DateTimeField()),
                (
                    "guarantee",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="checks",
                        to="guarantees.guarantee",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["number", "at"], name="check_by_number")],
            },
        ),
        migrations.CreateModel(
            name="Authority",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=xinshu.guarantees.kinds.every_choice, max_length=20)),
                ("unverified", models.BooleanField(default=False)),
                ("auto_amount", models.BigIntegerField()),
                ("person_amount", models.BigIntegerField()),
                ("waives", models.JSONField(default=list)),
                (
                    "guarantor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="authorities",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("guarantor", "kind", "unverified"), name="authority_row_once"),
                    models.CheckConstraint(
                        condition=models.Q(("auto_amount__gte", 0), ("person_amount__gte", models.F("auto_amount"))),
                        name="authority_ascends",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Product",
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
                ("kind", models.CharField(choices=xinshu.guarantees.kinds.every_choice, max_length=20)),
                ("name", models.CharField(max_length=40)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("least_amount", models.BigIntegerField()),
                ("most_amount", models.BigIntegerField()),
                ("longest_days", models.PositiveIntegerField()),
                ("offered_from", models.DateField()),
                ("offered_until", models.DateField(null=True)),
                ("conditions", models.JSONField(default=list)),
                ("documents", models.JSONField(default=list)),
                ("authors", models.JSONField(default=list)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "guarantor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="products", to="accounts.organisation"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["state", "kind", "guarantor"], name="product_shelf")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("least_amount__gt", 0), ("most_amount__gte", models.F("least_amount"))),
                        name="product_amounts_ordered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("offered_until", None), ("offered_until__gte", models.F("offered_from")), _connector="OR"
                        ),
                        name="product_days_ordered",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="guarantee",
            name="product",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="guarantees",
                to="guarantees.product",
            ),
        ),
        migrations.CreateModel(
            name="TypeVersion",
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
                ("code", models.CharField(max_length=20)),
                ("number", models.PositiveIntegerField()),
                ("definition", models.JSONField()),
                ("authors", models.JSONField(default=list)),
                ("report", models.JSONField(default=list)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("activated_at", models.DateTimeField(null=True)),
                ("activated_by", models.CharField(blank=True, max_length=60)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("code", "number"), name="type_version_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "active")), fields=("code",), name="type_one_active"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["draft", "tested"])),
                        fields=("code",),
                        name="type_one_in_writing",
                    ),
                ],
            },
        ),
        migrations.RemoveConstraint(
            model_name="guarantee",
            name="guarantee_amount_positive",
        ),
        migrations.AddField(
            model_name="guarantee",
            name="first_amount",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="guarantee",
            name="increased_amount",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="guarantee",
            name="predecessor",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="successors",
                to="guarantees.guarantee",
            ),
        ),
        migrations.AddField(
            model_name="guarantee",
            name="reduced_amount",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="guarantee",
            name="restored_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="guarantee",
            name="tail_until",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="guarantee",
            name="worded",
            field=models.JSONField(default=dict),
        ),
        migrations.AddIndex(
            model_name="guarantee",
            index=models.Index(
                condition=models.Q(("restored_at", None)), fields=["tail_until"], name="guarantee_by_tail"
            ),
        ),
        migrations.AddConstraint(
            model_name="guarantee",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount__isnull", True),
                    ("amount__gt", 0),
                    models.Q(("amount", 0), ("reduced_amount__gt", 0)),
                    _connector="OR",
                ),
                name="guarantee_amount_positive",
            ),
        ),
        migrations.AddConstraint(
            model_name="guarantee",
            constraint=models.CheckConstraint(
                condition=models.Q(("increased_amount__gte", 0), ("reduced_amount__gte", 0)),
                name="guarantee_changes_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="guarantee",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        (
                            "draft",
                            "submitted",
                            "in_review",
                            "returned",
                            "fee_due",
                            "to_issue",
                            "declined",
                            "withdrawn",
                            "lapsed",
                        ),
                    ),
                    (
                        "amount",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                models.F("first_amount"), "+", models.F("increased_amount")
                            ),
                            "-",
                            models.F("reduced_amount"),
                        ),
                    ),
                    _connector="OR",
                ),
                name="guarantee_face_is_first_and_changes",
            ),
        ),
        migrations.AddConstraint(
            model_name="guarantee",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("restored_at__isnull", True),
                    models.Q(("ended_at__isnull", False), ("reserved_amount", 0)),
                    _connector="OR",
                ),
                name="guarantee_restored_after_end",
            ),
        ),
        migrations.CreateModel(
            name="Amendment",
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
                ("reason", models.CharField(max_length=500)),
                ("proposed_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("changed_at", models.DateTimeField()),
                ("number", models.PositiveSmallIntegerField(null=True)),
                ("old_amount", models.BigIntegerField()),
                ("new_amount", models.BigIntegerField(null=True)),
                ("new_expires_on", models.DateField(null=True)),
                ("wording", models.JSONField(default=dict)),
                ("before", models.JSONField(default=dict)),
                ("fee_amount", models.BigIntegerField(default=0)),
                ("fee_lines", models.JSONField(default=list)),
                ("letter_values", models.JSONField(default=dict)),
                ("reviewed_by_key", models.CharField(blank=True, max_length=60)),
                ("decided_at", models.DateTimeField(null=True)),
                ("issued_at", models.DateTimeField(null=True)),
                ("offered_at", models.DateTimeField(null=True)),
                (
                    "guarantee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="guarantees.guarantee",
                    ),
                ),
                (
                    "letter",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="documents.sealeddocument"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["state", "guarantee"], name="amendment_by_state")],
                "constraints": [
                    models.UniqueConstraint(fields=("guarantee", "number"), name="amendment_number_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("in_review", "fee_due", "to_issue", "sealing", "offered"))),
                        fields=("guarantee",),
                        name="amendment_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("new_amount__isnull", True), ("new_amount__gt", 0), _connector="OR"),
                        name="amendment_amount_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("fee_amount__gte", 0)), name="amendment_fee_not_negative"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("order_number", models.CharField(max_length=32, unique=True)),
                ("channel", models.CharField(max_length=20)),
                ("account", models.CharField(blank=True, max_length=60)),
                ("amount", models.BigIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "支付中"),
                            ("confirmed", "已到账"),
                            ("refused", "未成功"),
                            ("refunding", "退费中"),
                            ("refunded", "已退费"),
                        ],
                        default="requested",
                        max_length=12,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("requested_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "guarantee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payments", to="guarantees.guarantee"
                    ),
                ),
                (
                    "amendment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="guarantees.amendment",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="payment_amount_positive"),
                    models.UniqueConstraint(
                        condition=models.Q(("amendment", None), ("state__in", ["requested", "confirmed"])),
                        fields=("guarantee",),
                        name="payment_once_per_guarantee",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("amendment__isnull", False), ("state__in", ["requested", "confirmed"])),
                        fields=("amendment",),
                        name="payment_once_per_amendment",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClaimTail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=xinshu.guarantees.kinds.every_choice, max_length=20)),
                ("end", models.CharField(choices=[("released", "解除"), ("expired", "到期")], max_length=10)),
                ("days", models.PositiveSmallIntegerField()),
                ("source", models.CharField(max_length=120)),
                (
                    "guarantor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="claim_tails",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("guarantor", "kind", "end"), name="claim_tail_once")],
            },
        ),
        migrations.CreateModel(
            name="Reduction",
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
                ("reason", models.CharField(max_length=500)),
                ("proposed_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("changed_at", models.DateTimeField()),
                ("amount", models.BigIntegerField()),
                ("on", models.DateField(null=True)),
                ("taken_amount", models.BigIntegerField(default=0)),
                (
                    "document",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.file"
                    ),
                ),
                (
                    "guarantee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="guarantees.guarantee",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["state", "on"], name="reduction_by_day")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="reduction_amount_positive"),
                    models.CheckConstraint(
                        condition=models.Q(("taken_amount__gte", 0), ("taken_amount__lte", models.F("amount"))),
                        name="reduction_taken_within",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("on__isnull", False)), fields=("guarantee", "on"), name="reduction_day_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Surrender",
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
                ("reason", models.CharField(max_length=500)),
                ("proposed_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("changed_at", models.DateTimeField()),
                (
                    "ground",
                    models.CharField(
                        choices=[
                            ("accepted", "工程已竣工验收"),
                            ("terminated", "合同已解除或终止"),
                            ("not_awarded", "未中标或招标终止"),
                            ("replaced", "已更换担保"),
                            ("paid_back", "预付款已全部扣回"),
                        ],
                        max_length=20,
                    ),
                ),
                ("checks", models.JSONField(default=list)),
                ("consent", models.CharField(blank=True, max_length=10)),
                ("consent_note", models.CharField(blank=True, max_length=500)),
                ("decision", models.CharField(blank=True, max_length=500)),
                ("receipt_number", models.CharField(max_length=32, null=True, unique=True)),
                (
                    "guarantee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="guarantees.guarantee",
                    ),
                ),
                (
                    "proof",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.file"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["state", "guarantee"], name="surrender_by_state")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("in_review", "returned"))),
                        fields=("guarantee",),
                        name="surrender_open_once",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="guarantee",
            name="terms",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="guarantees", to="guarantors.terms"
            ),
        ),
        migrations.AddField(
            model_name="tariff",
            name="base_amount",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="tariff",
            name="minimum_rate",
            field=models.DecimalField(decimal_places=6, default=Decimal("0"), max_digits=9),
        ),
        migrations.AddField(
            model_name="tariff",
            name="period_minimum_amount",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="tariff",
            name="refunds",
            field=models.CharField(
                choices=[
                    ("none", "不退"),
                    ("unearned", "按未满天数退，最低收费不退"),
                    ("periods", "按未开始的整期退，最低收费不退"),
                ],
                default="none",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="tariff",
            name="tax_rate",
            field=models.DecimalField(decimal_places=6, default=Decimal("0"), max_digits=9),
        ),
        migrations.AddIndex(
            model_name="guarantee",
            index=models.Index(
                condition=models.Q(("decided_at__isnull", False)),
                fields=["guarantor", "kind", "-decided_at"],
                name="guarantee_by_decision",
            ),
        ),
        migrations.CreateModel(
            name="TariffDraft",
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
                ("kind", models.CharField(choices=xinshu.guarantees.kinds.every_choice, max_length=20)),
                ("annual_rate", models.DecimalField(decimal_places=6, max_digits=9)),
                (
                    "period",
                    models.CharField(
                        choices=[
                            ("daily", "按日"),
                            ("month", "按月，不足一月按一月"),
                            ("quarter", "按季，不足一季按一季"),
                            ("flat", "按笔"),
                        ],
                        default="daily",
                        max_length=10,
                    ),
                ),
                ("basis", models.PositiveSmallIntegerField(default=365)),
                ("minimum_amount", models.BigIntegerField(default=0)),
                ("minimum_rate", models.DecimalField(decimal_places=6, default=Decimal("0"), max_digits=9)),
                ("period_minimum_amount", models.BigIntegerField(default=0)),
                ("base_amount", models.BigIntegerField(default=0)),
                ("tax_rate", models.DecimalField(decimal_places=6, default=Decimal("0"), max_digits=9)),
                ("includes_last_day", models.BooleanField(default=False)),
                (
                    "refunds",
                    models.CharField(
                        choices=[
                            ("none", "不退"),
                            ("unearned", "按未满天数退，最低收费不退"),
                            ("periods", "按未开始的整期退，最低收费不退"),
                        ],
                        default="none",
                        max_length=10,
                    ),
                ),
                ("valid_from", models.DateField()),
                ("authors", models.JSONField(default=list)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "guarantor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tariff_drafts",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "tariff",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="draft",
                        to="guarantees.tariff",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["guarantor", "state", "-changed_at"], name="tariff_draft_by_state")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "published"), _negated=True), ("tariff__isnull", False), _connector="OR"
                        ),
                        name="tariff_draft_published_as",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Batch",
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
                ("name", models.CharField(max_length=60)),
                ("authors", models.JSONField(default=list)),
                ("account", models.CharField(blank=True, max_length=60)),
                ("row_count", models.PositiveIntegerField(default=0)),
                ("fault_count", models.PositiveIntegerField(default=0)),
                ("amount", models.BigIntegerField(default=0)),
                ("fee", models.BigIntegerField(default=0)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("created_at", models.DateTimeField()),
                ("submitted_at", models.DateTimeField(null=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("changed_at", models.DateTimeField()),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.member"
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.file"
                    ),
                ),
                (
                    "guarantor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batches_received",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batches_prepared",
                        to="accounts.organisation",
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
                "indexes": [
                    models.Index(fields=["owner", "-id"], name="batch_by_owner"),
                    models.Index(fields=["guarantor", "-id"], name="batch_by_guarantor"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["running", "paused", "finished"]), _negated=True),
                            ("confirmed_by__isnull", False),
                            _connector="OR",
                        ),
                        name="batch_runs_when_confirmed",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BatchRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.PositiveIntegerField()),
                ("key", models.CharField(max_length=40)),
                ("typed", models.JSONField(default=dict)),
                ("faults", models.JSONField(default=list)),
                ("notes", models.JSONField(default=list)),
                ("kind", models.CharField(blank=True, choices=xinshu.guarantees.kinds.every_choice, max_length=20)),
                ("amount", models.BigIntegerField(null=True)),
                ("effective_on", models.DateField(null=True)),
                ("expires_on", models.DateField(null=True)),
                ("fee", models.BigIntegerField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "待办"),
                            ("done", "已出函"),
                            ("referred", "转人工审批"),
                            ("failed", "未办成"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "applicant",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="guarantees.batch"
                    ),
                ),
                (
                    "guarantee",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batch_row",
                        to="guarantees.guarantee",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="guarantees.product",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="projects.project"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["batch", "state", "line"], name="batch_rows_by_state")],
                "constraints": [
                    models.UniqueConstraint(fields=("batch", "line"), name="batch_line_once"),
                    models.UniqueConstraint(fields=("batch", "key"), name="batch_key_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["done", "referred"]), _negated=True),
                            ("guarantee__isnull", False),
                            _connector="OR",
                        ),
                        name="batch_row_has_letter",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reference",
                    models.CharField(
                        default=xinshu.core.cases.new_reference, editable=False, max_length=16, unique=True
                    ),
                ),
                ("name", models.CharField(max_length=20)),
                ("query", models.CharField(blank=True, max_length=600)),
                ("shared", models.BooleanField(default=False)),
                ("saved_at", models.DateTimeField()),
                (
                    "house",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="register_views",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="register_views", to="accounts.member"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["house", "shared"], name="saved_view_of_house")],
                "constraints": [models.UniqueConstraint(fields=("owner", "name"), name="saved_view_name_once")],
            },
        ),
        migrations.AddField(
            model_name="amendment",
            name="on_demand",
            field=models.CharField(blank=True, max_length=16),
        ),
        migrations.CreateModel(
            name="Closure",
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
                ("began_on", models.DateField()),
                ("ended_on", models.DateField(null=True)),
                ("reason", models.CharField(max_length=500)),
                ("declared_at", models.DateTimeField()),
                ("declared_by", models.CharField(max_length=60)),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.file"
                    ),
                ),
                (
                    "guarantor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="closures", to="accounts.organisation"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["guarantor", "began_on"], name="closure_of_house")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_on", None), ("ended_on__gte", models.F("began_on")), _connector="OR"
                        ),
                        name="closure_days_ordered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_on", None), ("state", "standing")),
                            models.Q(models.Q(("state", "standing"), _negated=True), ("ended_on__isnull", False)),
                            _connector="OR",
                        ),
                        name="closure_ended_when_lifted",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "standing")), fields=("guarantor",), name="closure_standing_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContractChange",
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
                ("reason", models.CharField(max_length=500)),
                ("proposed_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("changed_at", models.DateTimeField()),
                (
                    "effect",
                    models.CharField(
                        choices=[
                            ("heavier", "加重债务（增加价款、扩大范围等）"),
                            ("lighter", "减轻债务"),
                            ("term", "变更履行期限"),
                            ("creditor", "债权转让"),
                            ("debtor", "债务转移"),
                        ],
                        max_length=10,
                    ),
                ),
                ("amount", models.BigIntegerField(null=True)),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.file"
                    ),
                ),
                (
                    "guarantee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="guarantees.guarantee",
                    ),
                ),
                (
                    "letter",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="documents.sealeddocument"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["state", "guarantee"], name="contract_change_by_state")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount__isnull", True), ("amount__gt", 0), _connector="OR"),
                        name="contract_change_amount_positive",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Prolonging",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("before", models.DateField()),
                ("after", models.DateField()),
                ("at", models.DateTimeField()),
                (
                    "closure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="prolongings", to="guarantees.closure"
                    ),
                ),
                (
                    "guarantee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="prolongings",
                        to="guarantees.guarantee",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("closure", "guarantee"), name="prolonged_once_by_a_closure"),
                    models.CheckConstraint(
                        condition=models.Q(("after__gt", models.F("before"))), name="prolonged_to_later"
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="guarantee",
            name="extras",
            field=models.JSONField(default=dict),
        ),
        migrations.CreateModel(
            name="Wording",
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
                ("kind", models.CharField(choices=xinshu.guarantees.kinds.every_choice, max_length=20)),
                ("form", models.CharField(max_length=12)),
                ("number", models.PositiveIntegerField()),
                ("paragraphs", models.JSONField(default=list)),
                ("documents", models.JSONField(default=list)),
                ("remarks", models.JSONField(default=list)),
                ("accepted", models.JSONField(default=list)),
                ("answer", models.CharField(blank=True, max_length=500)),
                ("authors", models.JSONField(default=list)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("activated_at", models.DateTimeField(null=True)),
                ("activated_by", models.CharField(blank=True, max_length=60)),
                (
                    "guarantor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="wordings",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["kind", "form", "state"], name="wording_in_use")],
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.comparison.Coalesce(models.F("guarantor"), models.Value(0)),
                        models.F("kind"),
                        models.F("form"),
                        models.F("number"),
                        name="wording_version_once",
                    ),
                    models.UniqueConstraint(
                        django.db.models.functions.comparison.Coalesce(models.F("guarantor"), models.Value(0)),
                        models.F("kind"),
                        models.F("form"),
                        condition=models.Q(("state", "active")),
                        name="wording_one_active",
                    ),
                    models.UniqueConstraint(
                        django.db.models.functions.comparison.Coalesce(models.F("guarantor"), models.Value(0)),
                        models.F("kind"),
                        models.F("form"),
                        condition=models.Q(("state__in", ["draft", "checked"])),
                        name="wording_one_in_writing",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="guarantee",
            name="wording",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="guarantees",
                to="guarantees.wording",
            ),
        ),
        migrations.CreateModel(
            name="AuthorityDraft",
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
                ("kind", models.CharField(choices=xinshu.guarantees.kinds.every_choice, max_length=20)),
                ("unverified", models.BooleanField(default=False)),
                ("auto_amount", models.BigIntegerField()),
                ("person_amount", models.BigIntegerField()),
                ("waives", models.JSONField(default=list)),
                ("author", models.PositiveBigIntegerField()),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "guarantor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="authority_drafts",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("auto_amount__gte", 0), ("person_amount__gte", models.F("auto_amount"))),
                        name="authority_draft_ascends",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "proposed")),
                        fields=("guarantor", "kind", "unverified"),
                        name="authority_one_proposed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=60)),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.file"
                    ),
                ),
                (
                    "guarantee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
                        to="guarantees.guarantee",
                    ),
                ),
                (
                    "reused_from",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reused",
                        to="guarantees.attachment",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="guarantee",
            name="discount_rate",
            field=models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=5),
        ),
        migrations.AddField(
            model_name="guarantee",
            name="tier",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.CreateModel(
            name="FavourPlan",
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
                ("number", models.PositiveIntegerField(null=True)),
                ("tiers", models.JSONField()),
                ("valid_from", models.DateField()),
                ("authors", models.JSONField(default=list)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "guarantor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="favour_plans",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("guarantor", "number"), name="favour_version_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "published"), _negated=True), ("number__isnull", False), _connector="OR"
                        ),
                        name="favour_published_has_number",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="guarantee",
            name="favour_plan",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="guarantees",
                to="guarantees.favourplan",
            ),
        ),
        migrations.CreateModel(
            name="TransferSlip",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("payer", models.CharField(max_length=120)),
                ("paid_on", models.DateField()),
                ("handed_in_by", models.CharField(max_length=60)),
                ("decided_by", models.CharField(blank=True, max_length=60)),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.file"
                    ),
                ),
                (
                    "payment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="slip", to="guarantees.payment"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CustomerTier",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(blank=True, max_length=10)),
                ("reason", models.CharField(max_length=300)),
                ("until", models.DateField(null=True)),
                ("set_at", models.DateTimeField()),
                (
                    "applicant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tiers_held",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "guarantor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tiers_set",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "set_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.member"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["guarantor", "applicant", "-id"], name="customer_tier_latest")],
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reference",
                    models.CharField(
                        default=xinshu.core.cases.new_reference, editable=False, max_length=16, unique=True
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[("passed", "自动通过"), ("referred", "转人工审批"), ("approved", "人工批准")],
                        max_length=8,
                    ),
                ),
                ("rules_version", models.CharField(max_length=20)),
                ("answers", models.JSONField()),
                ("favour", models.JSONField(default=dict)),
                ("sent_to", models.CharField(blank=True, max_length=60)),
                ("signs", models.JSONField(default=list)),
                ("decided_by", models.CharField(max_length=60)),
                ("at", models.DateTimeField()),
                (
                    "guarantee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reviews", to="guarantees.guarantee"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["guarantee", "-id"], name="decision_latest")],
            },
        ),
        migrations.CreateModel(
            name="PaperRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=60)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("asked_at", models.DateTimeField()),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.member"
                    ),
                ),
                (
                    "attachment",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="guarantees.attachment",
                    ),
                ),
                (
                    "guarantee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="paper_requests",
                        to="guarantees.guarantee",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("attachment", None)), fields=("guarantee", "title"), name="paper_asked_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FeeReturn",
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
                ("reason", models.CharField(max_length=500)),
                ("proposed_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("changed_at", models.DateTimeField()),
                ("ended_on", models.DateField()),
                ("computed_amount", models.BigIntegerField()),
                ("lines", models.JSONField(default=list)),
                ("amount", models.BigIntegerField()),
                ("stated_reason", models.CharField(blank=True, max_length=500)),
                ("stated_by_key", models.CharField(blank=True, max_length=60)),
                ("decided_at", models.DateTimeField(null=True)),
                ("receipt", models.CharField(blank=True, max_length=60)),
                ("failure", models.CharField(blank=True, max_length=200)),
                (
                    "guarantee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="guarantees.guarantee",
                    ),
                ),
                (
                    "payment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="part_return", to="guarantees.payment"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["state", "guarantee"], name="fee_return_by_state")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount__gte", 0), ("computed_amount__gt", 0)),
                        name="fee_return_amounts_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount", models.F("computed_amount")),
                            models.Q(("stated_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="fee_return_other_has_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "done"), _negated=True),
                            models.Q(("amount__gt", 0), ("decided_at__isnull", False), ("ended_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="fee_return_done_was_decided",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Origin",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("revision", models.PositiveIntegerField()),
                ("told", models.JSONField(default=list)),
                (
                    "announcement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="origins", to="tenders.announcement"
                    ),
                ),
                (
                    "guarantee",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="origin", to="guarantees.guarantee"
                    ),
                ),
                (
                    "opportunity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="origins", to="tenders.opportunity"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="guarantee",
            index=models.Index(fields=["submitted_at", "guarantor", "applicant"], name="guarantee_by_submission"),
        ),
        migrations.AddIndex(
            model_name="guarantee",
            index=models.Index(
                condition=models.Q(("state__in", ("fee_due", "to_issue", "issuing", "in_force"))),
                fields=["guarantor", "applicant", "amount", "state"],
                name="guarantee_by_holding",
            ),
        ),
        migrations.CreateModel(
            name="RelatedParties",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("controller", models.CharField(blank=True, max_length=120)),
                ("members", models.JSONField()),
                ("circle", models.JSONField(default=list)),
                ("struck", models.JSONField(default=list)),
                ("customers", models.JSONField(default=list)),
                ("exposure", models.BigIntegerField()),
                ("ceiling", models.BigIntegerField(null=True)),
                ("grouped", models.BooleanField()),
                ("cut", models.BooleanField(default=False)),
                (
                    "decision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="related", to="guarantees.decision"
                    ),
                ),
            ],
        ),
    ]
