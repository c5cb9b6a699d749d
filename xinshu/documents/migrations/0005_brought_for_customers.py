"""An account manager brings papers for a customer: who looks after it, and whether the customer is asked to confirm."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_assurance"),
        ("documents", "0004_office_texts"),
    ]

    operations = [
        migrations.AddField(
            model_name="reading",
            name="asks_owner",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="reading",
            name="keeper",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.member",
            ),
        ),
        migrations.AddIndex(
            model_name="reading",
            index=models.Index(fields=["keeper", "-id"], name="reading_of_keeper"),
        ),
    ]
