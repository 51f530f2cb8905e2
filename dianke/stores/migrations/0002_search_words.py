"""Stores and staff get the words they are found by; `0004` fills them."""

from django.db import migrations

import dianke.core.search_words


class Migration(migrations.Migration):
    dependencies = [("stores", "0001_initial")]

    operations = [
        migrations.AddField(
            "store",
            "search_words",
            dianke.core.search_words.SearchWordsField(default="", editable=False, null=True),
        ),
        migrations.AddField(
            "staff",
            "search_words",
            dianke.core.search_words.SearchWordsField(default="", editable=False, null=True),
        ),
    ]
