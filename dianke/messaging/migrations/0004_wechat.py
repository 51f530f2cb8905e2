"""WeChat is a channel: only what may be chosen, nothing in the tables."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0003_when_sent"),
    ]

    operations = [
        migrations.AlterField(
            model_name="channelsetting",
            name="channel",
            field=models.CharField(
                choices=[
                    ("SMS", "Text message"),
                    ("EMAIL", "Email"),
                    ("PORTAL", "Inbox on the member card"),
                    ("CALL", "Phone call"),
                    ("WECHAT", "WeChat"),
                ],
                max_length=8,
                unique=True,
                verbose_name="channel",
            ),
        ),
        migrations.AlterField(
            model_name="channeluse",
            name="channel",
            field=models.CharField(
                choices=[
                    ("SMS", "Text message"),
                    ("EMAIL", "Email"),
                    ("PORTAL", "Inbox on the member card"),
                    ("CALL", "Phone call"),
                    ("WECHAT", "WeChat"),
                ],
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="handover",
            name="channel",
            field=models.CharField(
                choices=[
                    ("SMS", "Text message"),
                    ("EMAIL", "Email"),
                    ("PORTAL", "Inbox on the member card"),
                    ("CALL", "Phone call"),
                    ("WECHAT", "WeChat"),
                ],
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="channel",
            field=models.CharField(
                choices=[
                    ("SMS", "Text message"),
                    ("EMAIL", "Email"),
                    ("PORTAL", "Inbox on the member card"),
                    ("CALL", "Phone call"),
                    ("WECHAT", "WeChat"),
                ],
                max_length=8,
                verbose_name="channel",
            ),
        ),
        migrations.AlterField(
            model_name="suppression",
            name="channel",
            field=models.CharField(
                choices=[
                    ("SMS", "Text message"),
                    ("EMAIL", "Email"),
                    ("PORTAL", "Inbox on the member card"),
                    ("CALL", "Phone call"),
                    ("WECHAT", "WeChat"),
                ],
                max_length=8,
                verbose_name="channel",
            ),
        ),
        migrations.AlterField(
            model_name="template",
            name="channel",
            field=models.CharField(
                choices=[
                    ("SMS", "Text message"),
                    ("EMAIL", "Email"),
                    ("PORTAL", "Inbox on the member card"),
                    ("CALL", "Phone call"),
                    ("WECHAT", "WeChat"),
                ],
                max_length=8,
                verbose_name="channel",
            ),
        ),
    ]
