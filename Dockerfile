# Touchline's one image: docker-compose.yml starts it as web, events, worker, beat, lines, and once to migrate.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
COPY requirements/production.txt /tmp/production.txt
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --require-hashes --no-deps -r /tmp/production.txt

FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings \
    STATIC_ROOT=/srv/static \
    VAR_DIR=/var/lib/touchline
RUN useradd --system --uid 10001 --home-dir /var/lib/touchline --no-create-home --shell /usr/sbin/nologin touchline \
 && install --directory --owner touchline --group touchline --mode 0750 /var/lib/touchline
WORKDIR /srv/touchline
COPY --from=build /opt/venv /opt/venv
COPY . .
# Nothing can be compiled later: nobody may write there.
RUN python -m config.catalogs && python -m compileall -q -j 0 config content engagement listening maturity measurement roles
# The folder tells the settings that files are collected; they are named after their contents and compressed here.
RUN mkdir /srv/static && python manage.py collectstatic --noinput
USER touchline
EXPOSE 8000 8001
CMD ["gunicorn", "config.wsgi:application", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "8", "--preload", "--no-control-socket", "--graceful-timeout", "4", "--log-level", "warning"]
