"""Running the worker."""

import asyncio

from asgiref.sync import sync_to_async
from django.db import connections
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector


def run_worker(*, wait: bool = True) -> None:
    """Run background jobs until a signal ends it. wait: False ends when no job is left."""
    connector = DjangoConnector().get_worker_connector()
    try:
        app.with_connector(connector).run_worker(wait=wait, listen_notify=wait)
    finally:
        # Periodic jobs are enqueued from a thread of the event loop, whose connection nobody else
        # closes.
        asyncio.run(sync_to_async(connections.close_all)())
