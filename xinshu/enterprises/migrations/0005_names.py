import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_squashed_0005_link_codes"),
        ("enterprises", "0001_squashed_0004_readings"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="recordfield",
            index=models.Index(
                condition=models.Q(("code__in", ("legal_name", "former_name"))),
                fields=["value"],
                name="record_field_names",
            ),
        ),
        migrations.CreateModel(
            name="KnownName",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=500)),
                ("former", models.BooleanField()),
                ("folded", models.CharField(max_length=120)),
                ("core", models.CharField(max_length=120)),
                ("trade", models.CharField(max_length=120)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="known_names",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["folded"], name="known_name_folded"),
                    models.Index(fields=["core"], name="known_name_core"),
                    models.Index(fields=["trade"], name="known_name_trade"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "name"), name="known_name_once"),
                ],
            },
        ),
    ]
