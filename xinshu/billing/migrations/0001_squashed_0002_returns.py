import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import xinshu.core.cases


class Migration(migrations.Migration):
    replaces = [("billing", "0001_initial"), ("billing", "0002_returns")]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0005_link_codes"),
        ("books", "0001_squashed_0003_capacity"),
        ("documents", "0001_squashed_0003_texts"),
        ("guarantees", "0001_squashed_0016_related_parties"),
    ]

    operations = [
        migrations.CreateModel(
            name="BankFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120)),
                ("sm3", models.CharField(max_length=64)),
                ("count", models.PositiveIntegerField()),
                ("known", models.PositiveIntegerField(default=0)),
                ("imported_at", models.DateTimeField()),
                ("imported_by", models.CharField(max_length=60)),
                (
                    "house",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bank_files",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("house", "sm3"), name="bank_file_once")],
            },
        ),
        migrations.CreateModel(
            name="BankLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reference",
                    models.CharField(
                        default=xinshu.core.cases.new_reference, editable=False, max_length=16, unique=True
                    ),
                ),
                ("row", models.PositiveIntegerField()),
                ("on", models.DateField()),
                ("amount", models.BigIntegerField()),
                ("payer", models.CharField(blank=True, max_length=120)),
                ("remark", models.CharField(blank=True, max_length=200)),
                ("bank_number", models.CharField(blank=True, max_length=60)),
                ("note", models.CharField(blank=True, max_length=200)),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="billing.bankfile"
                    ),
                ),
                (
                    "house",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bank_lines",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["house", "on", "id"], name="bank_line_by_day")],
                "constraints": [
                    models.UniqueConstraint(fields=("file", "row"), name="bank_line_once_per_file"),
                    models.UniqueConstraint(
                        condition=models.Q(("bank_number", ""), _negated=True),
                        fields=("house", "bank_number"),
                        name="bank_line_number_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount", 0), _negated=True), name="bank_line_moves_something"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BuyerTitle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("ordinary", "普通发票"), ("special", "增值税专用发票")],
                        default="ordinary",
                        max_length=8,
                    ),
                ),
                ("title", models.CharField(max_length=120)),
                ("tax_number", models.CharField(max_length=20)),
                ("address", models.CharField(blank=True, max_length=200)),
                ("phone", models.CharField(blank=True, max_length=30)),
                ("bank", models.CharField(blank=True, max_length=120)),
                ("account", models.CharField(blank=True, max_length=40)),
                ("mail", models.EmailField(blank=True, max_length=254)),
                (
                    "organisation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoice_title",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Match",
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
                ("way", models.CharField(choices=[("auto", "自动"), ("person", "人工")], max_length=6)),
                ("score", models.PositiveSmallIntegerField()),
                ("reason", models.CharField(max_length=200)),
                ("made_at", models.DateTimeField()),
                ("decided_by", models.CharField(blank=True, max_length=60)),
                ("changed_at", models.DateTimeField()),
                (
                    "house",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bank_matches",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="matches", to="billing.bankline"
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="bank_matches", to="books.transfer"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["house", "state", "-changed_at"], name="match_by_house")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "undone"), _negated=True), fields=("line",), name="match_line_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "undone"), _negated=True),
                        fields=("transfer",),
                        name="match_transfer_once",
                    ),
                    models.CheckConstraint(condition=models.Q(("score__lte", 100)), name="match_score_of_100"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReserveMethod",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("unearned_rate", models.DecimalField(decimal_places=5, max_digits=6)),
                ("claims_rate", models.DecimalField(decimal_places=5, max_digits=6)),
                ("claims_cap", models.DecimalField(decimal_places=5, max_digits=6)),
                ("opening_amount", models.BigIntegerField(default=0)),
                ("minimum_at_once", models.BooleanField(default=True)),
                ("source", models.CharField(max_length=200)),
                ("valid_from", models.DateField()),
                ("set_by", models.CharField(max_length=60)),
                ("set_at", models.DateTimeField()),
                (
                    "house",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reserve_methods",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["house", "-valid_from", "-id"], name="reserve_method_valid")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("claims_cap__range", (0, 1)),
                            ("claims_rate__range", (0, 1)),
                            ("unearned_rate__range", (0, 1)),
                        ),
                        name="reserve_rates_within_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("opening_amount__gte", 0)), name="reserve_opening_not_negative"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Invoice",
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
                    "kind",
                    models.CharField(
                        choices=[("ordinary", "普通发票"), ("special", "增值税专用发票")],
                        default="ordinary",
                        max_length=8,
                    ),
                ),
                ("title", models.CharField(max_length=120)),
                ("tax_number", models.CharField(max_length=20)),
                ("address", models.CharField(blank=True, max_length=200)),
                ("phone", models.CharField(blank=True, max_length=30)),
                ("bank", models.CharField(blank=True, max_length=120)),
                ("account", models.CharField(blank=True, max_length=40)),
                ("mail", models.EmailField(blank=True, max_length=254)),
                ("amount", models.BigIntegerField()),
                ("tax_rate", models.DecimalField(decimal_places=4, max_digits=5)),
                ("net_amount", models.BigIntegerField()),
                ("tax_amount", models.BigIntegerField()),
                ("serial", models.CharField(max_length=32, unique=True)),
                ("number", models.CharField(max_length=20, null=True, unique=True)),
                ("issued_at", models.DateTimeField(null=True)),
                ("code", models.CharField(blank=True, max_length=20)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("red_serial", models.CharField(max_length=32, null=True, unique=True)),
                ("red_number", models.CharField(max_length=20, null=True, unique=True)),
                ("red_at", models.DateTimeField(null=True)),
                ("red_reason", models.CharField(blank=True, max_length=200)),
                ("requested_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "buyer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoices_bought",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.file"
                    ),
                ),
                (
                    "guarantee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="invoices", to="guarantees.guarantee"
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="invoices", to="guarantees.payment"
                    ),
                ),
                (
                    "red_file",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.file"
                    ),
                ),
                (
                    "seller",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoices_given",
                        to="accounts.organisation",
                    ),
                ),
                ("red_amount", models.BigIntegerField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["seller", "-changed_at", "-id"], name="invoice_by_seller"),
                    models.Index(fields=["buyer", "-changed_at", "-id"], name="invoice_by_buyer"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "reversed"), _negated=True),
                        fields=("payment",),
                        name="invoice_once_per_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "amount",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("net_amount"), "+", models.F("tax_amount")
                                ),
                            ),
                            ("amount__gt", 0),
                            ("tax_amount__gte", 0),
                        ),
                        name="invoice_net_and_tax_are_the_amount",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["requested", "refused"]),
                            models.Q(("file__isnull", False), ("issued_at__isnull", False), ("number__isnull", False)),
                            _connector="OR",
                        ),
                        name="invoice_issued_has_number_and_file",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "reversed"), _negated=True),
                            models.Q(("red_at__isnull", False), ("red_number__isnull", False)),
                            _connector="OR",
                        ),
                        name="invoice_reversed_has_red_letter",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("red_amount__isnull", True),
                            models.Q(("red_amount__gt", 0), ("red_amount__lt", models.F("amount"))),
                            _connector="OR",
                        ),
                        name="invoice_red_part_within",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "reduced"), _negated=True),
                            models.Q(("red_amount__isnull", False), ("red_number__isnull", False)),
                            _connector="OR",
                        ),
                        name="invoice_reduced_has_red_letter",
                    ),
                ],
            },
        ),
    ]
