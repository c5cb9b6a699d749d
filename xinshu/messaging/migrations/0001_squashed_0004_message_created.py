import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import xinshu.core.cases


class Migration(migrations.Migration):
    replaces = [
        ("messaging", "0001_initial"),
        ("messaging", "0002_channels"),
        ("messaging", "0003_call_trace"),
        ("messaging", "0004_message_created"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0005_link_codes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider", models.CharField(max_length=12, unique=True)),
                ("sealed", models.BinaryField()),
                ("expires_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(default=xinshu.core.cases.new_reference, editable=False, max_length=16)),
                ("text", models.CharField(max_length=300)),
                ("link", models.CharField(blank=True, max_length=300)),
                (
                    "tone",
                    models.CharField(
                        choices=[("ok", "办成"), ("info", "告知"), ("warn", "待办"), ("danger", "紧急")],
                        default="info",
                        max_length=8,
                    ),
                ),
                ("subject_type", models.CharField(blank=True, max_length=60)),
                ("subject_id", models.BigIntegerField(null=True)),
                ("key", models.CharField(max_length=120)),
                ("at", models.DateTimeField()),
                ("read_at", models.DateTimeField(null=True)),
                ("removed_at", models.DateTimeField(null=True)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notices", to="accounts.member"
                    ),
                ),
                ("kind", models.CharField(blank=True, max_length=80)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("removed_at", None)),
                        fields=["member", "-at", "-id"],
                        name="notice_of_member",
                    ),
                    models.Index(
                        condition=models.Q(("read_at", None), ("removed_at", None)),
                        fields=["member"],
                        name="notice_unread",
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("member", "key"), name="notice_once_per_key")],
            },
        ),
        migrations.CreateModel(
            name="Digest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("channel", models.CharField(max_length=8)),
                ("due_at", models.DateTimeField()),
                ("sealed", models.CharField(blank=True, max_length=40)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "channel", "due_at", "sealed"), name="digest_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="MessageTemplate",
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
                ("kind", models.CharField(max_length=80)),
                (
                    "channel",
                    models.CharField(
                        choices=[("sms", "短信"), ("mail", "邮件"), ("wechat", "微信公众号"), ("push", "App 推送")],
                        max_length=8,
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("subject", models.CharField(blank=True, max_length=100)),
                ("text", models.TextField(max_length=1000)),
                ("provider_code", models.CharField(blank=True, max_length=80)),
                ("approval", models.CharField(blank=True, max_length=10)),
                ("approval_note", models.CharField(blank=True, max_length=300)),
                ("approval_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                ("activated_at", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "channel", "number"), name="message_template_version_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "active")),
                        fields=("kind", "channel"),
                        name="message_template_one_active",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
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
                ("kind", models.CharField(max_length=80)),
                (
                    "channel",
                    models.CharField(
                        choices=[("sms", "短信"), ("mail", "邮件"), ("wechat", "微信公众号"), ("push", "App 推送")],
                        max_length=8,
                    ),
                ),
                ("provider", models.CharField(blank=True, max_length=12)),
                (
                    "priority",
                    models.PositiveSmallIntegerField(choices=[(1, "一般"), (2, "普通"), (3, "重要"), (4, "必达")]),
                ),
                ("subject", models.CharField(blank=True, max_length=100)),
                ("text", models.TextField(blank=True)),
                ("link", models.CharField(blank=True, max_length=300)),
                ("values", models.JSONField(default=dict)),
                ("address_sealed", models.BinaryField(default=bytes)),
                ("masked", models.CharField(blank=True, max_length=80)),
                ("sealed_until", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("first_tried_at", models.DateTimeField(null=True)),
                ("doubtful", models.BooleanField(default=False)),
                ("key", models.CharField(blank=True, max_length=80)),
                ("serial", models.CharField(blank=True, max_length=80)),
                ("sent_at", models.DateTimeField(null=True)),
                ("delivered_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
                (
                    "digest",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="messaging.digest",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="accounts.member",
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="messaging.notice",
                    ),
                ),
                (
                    "template",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="messaging.messagetemplate",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(fields=["state", "-id"], name="message_by_state"),
                    models.Index(
                        condition=models.Q(("serial", ""), _negated=True),
                        fields=["provider", "serial"],
                        name="message_by_serial",
                    ),
                    models.Index(fields=["created_at"], name="message_created"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("notice", "channel"), name="message_once_per_notice_channel")
                ],
            },
        ),
        migrations.CreateModel(
            name="QuietHours",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("begins", models.TimeField(null=True)),
                ("ends", models.TimeField(null=True)),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Address",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(
                        choices=[("sms", "短信"), ("mail", "邮件"), ("wechat", "微信公众号"), ("push", "App 推送")],
                        max_length=8,
                    ),
                ),
                ("sealed", models.BinaryField(default=bytes)),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("masked", models.CharField(blank=True, max_length=80)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("code_digest", models.CharField(blank=True, max_length=64)),
                ("code_until", models.DateTimeField(null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("code_digest", ""), _negated=True),
                        fields=["code_digest"],
                        name="address_by_code",
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("user", "channel"), name="address_once_per_channel")],
            },
        ),
        migrations.CreateModel(
            name="Preference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(
                        choices=[("sms", "短信"), ("mail", "邮件"), ("wechat", "微信公众号"), ("push", "App 推送")],
                        max_length=8,
                    ),
                ),
                (
                    "rhythm",
                    models.CharField(
                        choices=[("at_once", "即时"), ("daily", "每日汇总"), ("weekly", "每周汇总"), ("off", "不接收")],
                        max_length=8,
                    ),
                ),
                (
                    "least",
                    models.PositiveSmallIntegerField(choices=[(1, "一般"), (2, "普通"), (3, "重要"), (4, "必达")]),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "channel"), name="preference_once_per_channel")
                ],
            },
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider", models.CharField(max_length=12)),
                ("serial", models.CharField(blank=True, max_length=80)),
                ("our_reference", models.CharField(blank=True, max_length=16)),
                ("delivered", models.BooleanField()),
                ("code", models.CharField(blank=True, max_length=80)),
                ("at", models.DateTimeField()),
                ("times", models.PositiveIntegerField(default=1)),
                (
                    "message",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="receipts",
                        to="messaging.message",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("provider", "serial", "our_reference", "delivered", "code"), name="receipt_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Call",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("channel", models.CharField(max_length=8)),
                ("provider", models.CharField(max_length=12)),
                ("act", models.CharField(max_length=60)),
                ("address", models.CharField(max_length=200)),
                ("request", models.TextField()),
                ("status", models.CharField(blank=True, max_length=40)),
                ("answer", models.TextField(blank=True)),
                ("at", models.DateTimeField()),
                ("milliseconds", models.PositiveIntegerField()),
                (
                    "message",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calls",
                        to="messaging.message",
                    ),
                ),
                ("trace", models.CharField(blank=True, default="", max_length=32)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["-id"], name="call_newest"),
                    models.Index(
                        condition=models.Q(("trace", ""), _negated=True), fields=["trace"], name="provider_call_trace"
                    ),
                ],
            },
        ),
    ]
