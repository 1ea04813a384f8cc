"""The pages and the API, as WSGI."""

import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from config.memory import settle
from config.prepared import wait_for_our_turn
from config.shared_counts import share_counts

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

if settings.SECRET_KEY.startswith("unset-"):
    raise ImproperlyConfigured("Set SECRET_KEY: every process must have the same, and it must survive a restart.")

if settings.METRICS_TOKEN:
    share_counts()
application = get_wsgi_application()
# Every page's code is loaded before the processes part: once, and shared by all of them.
get_resolver().url_patterns  # noqa: B018
settle()
wait_for_our_turn()
