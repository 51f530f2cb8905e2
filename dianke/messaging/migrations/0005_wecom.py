"""WeCom is a channel: an employee gets the message and sends it, so it is with them for a while."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0004_wechat")]

    operations = [
        migrations.RemoveConstraint(
            model_name="message",
            name="messaging_message_state",
        ),
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
                    ("WECOM", "WeCom"),
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
                    ("WECOM", "WeCom"),
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
                    ("WECOM", "WeCom"),
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
                    ("WECOM", "WeCom"),
                ],
                max_length=8,
                verbose_name="channel",
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="state",
            field=models.CharField(
                choices=[
                    ("QUEUED", "Waiting"),
                    ("HELD", "Held back"),
                    ("CLAIMED", "Being sent"),
                    ("HANDED", "With an employee"),
                    ("SENT", "Sent"),
                    ("DELIVERED", "Delivered"),
                    ("READ", "Read"),
                    ("FAILED", "Failed"),
                    ("UNKNOWN", "Not certain"),
                    ("SUPPRESSED", "Not allowed"),
                    ("CANCELLED", "Cancelled"),
                ],
                default="QUEUED",
                max_length=10,
                verbose_name="state",
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
                    ("WECOM", "WeCom"),
                ],
                max_length=8,
                verbose_name="channel",
            ),
        ),
        migrations.AlterField(
            model_name="suppression",
            name="why",
            field=models.CharField(
                choices=[
                    ("REPLY", "Answered stop"),
                    ("BOUNCE", "Does not exist"),
                    ("COMPLAINT", "Complained"),
                    ("HAND", "Entered by hand"),
                    ("LEFT", "Took us off their contacts"),
                ],
                max_length=10,
                verbose_name="reason",
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
                    ("WECOM", "WeCom"),
                ],
                max_length=8,
                verbose_name="channel",
            ),
        ),
        AddConstraintNotValid(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "QUEUED",
                            "HELD",
                            "CLAIMED",
                            "HANDED",
                            "SENT",
                            "DELIVERED",
                            "READ",
                            "FAILED",
                            "UNKNOWN",
                            "SUPPRESSED",
                            "CANCELLED",
                        ],
                    )
                ),
                name="messaging_message_state",
            ),
        ),
    ]
