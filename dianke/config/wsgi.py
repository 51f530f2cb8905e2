"""WSGI entry point."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dianke.config.settings")
application = get_wsgi_application()

# What is loaded stays: the collector need not look at it again, nor after every few hundred objects of a request.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
