"""The pages and the API, as WSGI."""

import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from config.memory import settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

if settings.SECRET_KEY.startswith("unset-"):
    raise ImproperlyConfigured("Set SECRET_KEY: every process must have the same, and it must survive a restart.")

application = get_wsgi_application()
settle()
