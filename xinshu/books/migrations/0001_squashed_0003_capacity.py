import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import xinshu.core.cases


class Migration(migrations.Migration):
    replaces = [("books", "0001_initial"), ("books", "0002_limits"), ("books", "0003_capacity")]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0005_link_codes"),
    ]

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("purpose", models.CharField(max_length=20)),
                ("unit", models.CharField(choices=[("CNY", "人民币（分）"), ("LINE", "授信额度（分）")], max_length=4)),
                ("debits_pending", models.BigIntegerField(default=0)),
                ("debits_posted", models.BigIntegerField(default=0)),
                ("credits_pending", models.BigIntegerField(default=0)),
                ("credits_posted", models.BigIntegerField(default=0)),
                ("debits_must_not_exceed_credits", models.BooleanField(default=False)),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accounts_held",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accounts_as_party",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "reference",
                    models.CharField(
                        default=xinshu.core.cases.new_reference, editable=False, max_length=16, unique=True
                    ),
                ),
                ("ceiling", models.BigIntegerField(null=True)),
                ("closed_to", models.DateTimeField(null=True)),
                ("excess", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("holder", "party", "purpose", "unit"), name="account_once_per_party"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("party", None)),
                        fields=("holder", "purpose", "unit"),
                        name="account_once_without_party",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("credits_pending__gte", 0),
                            ("credits_posted__gte", 0),
                            ("debits_pending__gte", 0),
                            ("debits_posted__gte", 0),
                        ),
                        name="account_sums_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("debits_must_not_exceed_credits", False),
                            (
                                "credits_posted__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("debits_pending"), "+", models.F("debits_posted")
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="account_not_overdrawn",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.BigIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("pending", "已预占"), ("posted", "已入账"), ("voided", "已撤销")], max_length=7
                    ),
                ),
                ("key", models.CharField(max_length=120, unique=True)),
                ("subject_type", models.CharField(blank=True, max_length=60)),
                ("subject_id", models.BigIntegerField(null=True)),
                ("at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "credit",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credits",
                        to="books.account",
                    ),
                ),
                (
                    "debit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="debits", to="books.account"
                    ),
                ),
                ("due_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["subject_type", "subject_id", "id"], name="transfer_subject"),
                    models.Index(
                        condition=models.Q(("due_at__isnull", False), ("state", "pending")),
                        fields=["due_at"],
                        name="transfer_pending_due",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="transfer_amount_positive"),
                    models.CheckConstraint(
                        condition=models.Q(("debit", models.F("credit")), _negated=True),
                        name="transfer_between_two_accounts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("settled_at", None), ("state", "pending")),
                            models.Q(models.Q(("state", "pending"), _negated=True), ("settled_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="transfer_settled_when_not_pending",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CustomerGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reference",
                    models.CharField(
                        default=xinshu.core.cases.new_reference, editable=False, max_length=16, unique=True
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("used", models.BigIntegerField(default=0)),
                ("ceiling", models.BigIntegerField(null=True)),
                ("excess", models.BigIntegerField(default=0)),
                (
                    "issuer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="customer_groups",
                        to="accounts.organisation",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="account",
            name="group",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="accounts",
                to="books.customergroup",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(("excess__gte", 0)), name="account_excess_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ceiling__isnull", True),
                    (
                        "ceiling__gte",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("credits_pending"), "+", models.F("credits_posted")
                                ),
                                "-",
                                models.F("debits_posted"),
                            ),
                            "-",
                            models.F("excess"),
                        ),
                    ),
                    _connector="OR",
                ),
                name="account_within_ceiling",
            ),
        ),
        migrations.AddConstraint(
            model_name="customergroup",
            constraint=models.UniqueConstraint(fields=("issuer", "name"), name="group_name_once_per_issuer"),
        ),
        migrations.AddConstraint(
            model_name="customergroup",
            constraint=models.CheckConstraint(
                condition=models.Q(("excess__gte", 0), ("used__gte", 0)), name="group_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="customergroup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ceiling__isnull", True),
                    (
                        "used__lte",
                        django.db.models.expressions.CombinedExpression(models.F("ceiling"), "+", models.F("excess")),
                    ),
                    _connector="OR",
                ),
                name="group_within_ceiling",
            ),
        ),
        migrations.CreateModel(
            name="Difference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=12)),
                ("about", models.CharField(max_length=120)),
                ("subject_type", models.CharField(blank=True, max_length=60)),
                ("subject_id", models.BigIntegerField(null=True)),
                ("stands", models.CharField(max_length=80)),
                ("should", models.CharField(max_length=80)),
                ("found_at", models.DateTimeField()),
                ("gone_at", models.DateTimeField(null=True)),
                (
                    "issuer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "party",
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
                    models.UniqueConstraint(
                        condition=models.Q(("gone_at", None)), fields=("kind", "about"), name="difference_stands_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="GroupMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "relation",
                    models.CharField(
                        choices=[
                            ("parent", "集团母公司"),
                            ("controlled", "受同一控制"),
                            ("management", "关键管理人员相同"),
                            ("surety", "互保或连环担保"),
                            ("other", "其他关联"),
                        ],
                        max_length=12,
                    ),
                ),
                ("basis", models.CharField(max_length=200)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="members", to="books.customergroup"
                    ),
                ),
                (
                    "issuer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="group_memberships",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until", None)),
                        fields=("issuer", "party"),
                        name="in_one_group_of_an_issuer",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Capital",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.BigIntegerField()),
                ("as_of", models.DateField()),
                ("source", models.CharField(max_length=120)),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.CharField(max_length=60)),
                (
                    "issuer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="capitals", to="accounts.organisation"
                    ),
                ),
                ("mainly_small", models.BooleanField(default=False)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount__gte", 0)), name="capital_not_negative")
                ],
            },
        ),
        migrations.CreateModel(
            name="TotalLimit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("used", models.BigIntegerField(default=0)),
                ("ceiling", models.BigIntegerField(null=True)),
                ("excess", models.BigIntegerField(default=0)),
                ("warn_at", models.PositiveSmallIntegerField(default=80)),
                ("alarm_at", models.PositiveSmallIntegerField(default=95)),
                ("told", models.PositiveSmallIntegerField(default=0)),
                (
                    "issuer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="total_limit",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("excess__gte", 0), ("used__gte", 0)), name="total_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ceiling__isnull", True),
                            (
                                "used__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("ceiling"), "+", models.F("excess")
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="total_within_ceiling",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("alarm_at__lte", 100), ("warn_at__gte", 1), ("warn_at__lt", models.F("alarm_at"))
                        ),
                        name="total_warns_in_order",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="account",
            name="total",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="accounts", to="books.totallimit"
            ),
        ),
        migrations.CreateModel(
            name="TotalDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField()),
                ("reserved", models.BigIntegerField()),
                ("occupied", models.BigIntegerField()),
                ("ceiling", models.BigIntegerField(null=True)),
                (
                    "issuer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("issuer", "on"), name="total_once_a_day")],
            },
        ),
        migrations.CreateModel(
            name="Reconciliation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("accounts", models.PositiveIntegerField()),
                ("transfers", models.PositiveIntegerField()),
                ("cases", models.PositiveIntegerField()),
                ("differences", models.PositiveIntegerField()),
            ],
        ),
    ]
