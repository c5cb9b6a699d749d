"""Training data may come of the house's own past."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scoring", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="dataset",
            name="origin",
            field=models.CharField(
                choices=[("upload", "上传"), ("generated", "演示生成"), ("history", "本机构历史")],
                default="upload",
                max_length=12,
            ),
        ),
    ]
