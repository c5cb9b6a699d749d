"""Notices belong to topics and may have a score; people decide topic by topic. What was decided so far holds in general."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

BEGINS = (  # the longest last, so that it wins
    ("claim.", "claim"),
    ("watch_", "risk"),
    ("credit", "risk"),
    ("payment.", "money"),
    ("scoring.", "platform"),
    ("account.", "account"),
    ("fee_return.", "money"),
    ("opportunity.", "award"),
    ("guarantee.ending", "expiry"),
    ("guarantee.expired", "expiry"),
)


def sort_notices(apps, schema_editor):
    notices = apps.get_model("messaging", "Notice").objects
    for begin, topic in BEGINS:
        notices.filter(kind__startswith=begin).update(topic=topic)
        notices.filter(kind="", key__startswith=begin).update(topic=topic)


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0001_squashed_0004_message_created"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TopicRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("topic", models.CharField(max_length=16)),
                ("least_score", models.PositiveSmallIntegerField(default=0)),
                (
                    "quiet",
                    models.CharField(
                        choices=[("general", "与总设置相同"), ("own", "另设时段"), ("never", "不设免打扰")],
                        default="general",
                        max_length=8,
                    ),
                ),
                ("begins", models.TimeField(null=True)),
                ("ends", models.TimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "topic"), name="topic_rule_once"),
                    models.CheckConstraint(condition=models.Q(("least_score__lte", 100)), name="topic_rule_percent"),
                ],
            },
        ),
        migrations.RemoveConstraint(model_name="preference", name="preference_once_per_channel"),
        migrations.AddField("preference", "topic", models.CharField(blank=True, max_length=16, default=""), False),
        migrations.AddConstraint(
            model_name="preference",
            constraint=models.UniqueConstraint(fields=("user", "topic", "channel"), name="preference_once_per_topic"),
        ),
        migrations.AddField("message", "opened_at", models.DateTimeField(null=True)),
        migrations.AddField("notice", "topic", models.CharField(default="progress", max_length=16)),
        migrations.AddField("notice", "score", models.PositiveSmallIntegerField(null=True)),
        migrations.AddField("notice", "merge", models.CharField(blank=True, max_length=120, default=""), False),
        migrations.AddField("notice", "also", models.JSONField(default=list)),
        migrations.AddField("notice", "sealed_until", models.DateTimeField(null=True)),
        migrations.AddField("notice", "opened_at", models.DateTimeField(null=True)),
        migrations.AddField("notice", "business_at", models.DateTimeField(null=True)),
        migrations.RunPython(sort_notices, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex("notice", models.Index(fields=["at", "topic"], name="notice_by_week")),
        migrations.AddIndex("notice", models.Index(fields=["subject_type", "subject_id"], name="notice_about")),
        migrations.AddConstraint(
            "notice",
            models.UniqueConstraint(
                condition=models.Q(("merge", ""), _negated=True),
                fields=("member", "merge"),
                name="notice_once_per_merge",
            ),
        ),
        migrations.AddConstraint(
            "notice",
            models.CheckConstraint(
                condition=models.Q(("score", None), ("score__lte", 100), _connector="OR"),
                name="notice_score_percent",
            ),
        ),
    ]
