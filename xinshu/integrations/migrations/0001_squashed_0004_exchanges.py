import django.db.models.deletion
from django.db import migrations, models

import xinshu.core.cases


class Migration(migrations.Migration):
    replaces = [
        ("integrations", "0001_initial"),
        ("integrations", "0002_attempt_trace"),
        ("integrations", "0003_fields_given"),
        ("integrations", "0004_exchanges"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0005_link_codes"),
        ("ledger", "0001_squashed_0004_trace"),
    ]

    operations = [
        migrations.CreateModel(
            name="Caller",
            fields=[],
            options={
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("accounts.member",),
        ),
        migrations.CreateModel(
            name="ApiClient",
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
                ("scopes", models.JSONField(default=list)),
                ("networks", models.JSONField(default=list)),
                ("per_minute", models.PositiveIntegerField(default=120)),
                ("created_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="api_clients",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "principal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="api_clients", to="accounts.member"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "closed"), _negated=True),
                        fields=("organisation", "name"),
                        name="api_client_name_once",
                    ),
                    models.CheckConstraint(condition=models.Q(("per_minute__gt", 0)), name="api_client_rate_positive"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=24, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("bearer", "只读令牌"), ("hmac", "HMAC 签名"), ("sm2", "SM2 签名")], max_length=6
                    ),
                ),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("sealed", models.BinaryField(null=True)),
                ("public_hex", models.CharField(blank=True, max_length=130)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("last_used_at", models.DateTimeField(null=True)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="keys", to="integrations.apiclient"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["client", "-id"], name="api_key_by_client")],
            },
        ),
        migrations.CreateModel(
            name="Subscription",
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
                ("url", models.CharField(max_length=500)),
                ("kinds", models.JSONField(default=list)),
                ("sealed", models.BinaryField()),
                ("failures", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subscriptions",
                        to="integrations.apiclient",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Nonce",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("value", models.CharField(max_length=64)),
                ("at", models.DateTimeField(db_index=True)),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="integrations.apikey"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("key", "value"), name="nonce_once")],
            },
        ),
        migrations.CreateModel(
            name="Sending",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=60)),
                ("subject", models.CharField(max_length=40)),
                ("event", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "待推送"), ("sent", "已送达"), ("held", "已暂存"), ("dropped", "已作废")],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                (
                    "entry",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.entry"),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sendings",
                        to="integrations.subscription",
                    ),
                ),
                ("fields", models.JSONField(default=list)),
                ("level", models.PositiveSmallIntegerField(default=0)),
                ("clear", models.PositiveSmallIntegerField(default=0)),
                ("covered", models.BooleanField(default=False)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["subscription", "-id"], name="sending_by_subscription"),
                    models.Index(fields=["at"], name="sending_at"),
                    models.Index(fields=["subject"], name="sending_by_subject"),
                ],
                "constraints": [models.UniqueConstraint(fields=("subscription", "entry"), name="sending_once")],
            },
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("answer", models.CharField(blank=True, max_length=500)),
                ("milliseconds", models.PositiveIntegerField()),
                (
                    "sending",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="attempts", to="integrations.sending"
                    ),
                ),
                ("trace", models.CharField(blank=True, default="", max_length=32)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("trace", ""), _negated=True), fields=["trace"], name="attempt_trace"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Reply",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=80)),
                ("fingerprint", models.CharField(max_length=64)),
                ("status", models.PositiveSmallIntegerField(default=0)),
                ("content_type", models.CharField(blank=True, max_length=80)),
                ("body", models.BinaryField(default=bytes)),
                ("at", models.DateTimeField(db_index=True)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="integrations.apiclient"
                    ),
                ),
                ("noted", models.JSONField(default=dict)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("client", "key"), name="reply_once")],
            },
        ),
        migrations.CreateModel(
            name="Call",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("method", models.CharField(max_length=8)),
                ("path", models.CharField(max_length=200)),
                ("query", models.CharField(blank=True, max_length=500)),
                ("sent", models.TextField(blank=True)),
                ("status", models.PositiveSmallIntegerField()),
                ("outcome", models.CharField(blank=True, max_length=200)),
                ("replayed", models.BooleanField(default=False)),
                ("address", models.CharField(max_length=64)),
                ("milliseconds", models.PositiveIntegerField()),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="calls", to="integrations.apiclient"
                    ),
                ),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="integrations.apikey"
                    ),
                ),
                ("fields", models.JSONField(default=list)),
                ("level", models.PositiveSmallIntegerField(default=0)),
                ("operation", models.CharField(blank=True, default="", max_length=120)),
                ("subject", models.CharField(blank=True, default="", max_length=16)),
                ("subject_type", models.CharField(blank=True, default="", max_length=60)),
                ("subject_id", models.BigIntegerField(null=True)),
                ("sealed_until", models.DateTimeField(null=True)),
                ("clear", models.PositiveSmallIntegerField(default=0)),
                ("covered", models.BooleanField(default=False)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["client", "-id"], name="call_by_client"),
                    models.Index(fields=["at"], name="call_at"),
                    models.Index(
                        condition=models.Q(("subject", ""), _negated=True),
                        fields=["subject", "at"],
                        name="call_by_subject",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Meter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, unique=True)),
                ("full_at", models.BigIntegerField()),
            ],
        ),
    ]
