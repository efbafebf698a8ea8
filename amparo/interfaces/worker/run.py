"""Running the worker."""

from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector


def run_worker(*, wait: bool = True) -> None:
    """Run background jobs until a signal ends it. wait: False ends when no job is left."""
    connector = DjangoConnector().get_worker_connector()
    app.with_connector(connector).run_worker(wait=wait, listen_notify=wait)
