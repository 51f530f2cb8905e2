"""WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

from dianke.core.collector import settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dianke.config.settings")
application = get_wsgi_application()
settle()
