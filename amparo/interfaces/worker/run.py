"""Running the worker."""

from procrastinate.contrib.django import app


def run_worker(*, wait: bool = True) -> None:
    """Run background jobs until a signal ends it. wait: False ends when no job is left."""
    worker = app.with_connector(app.connector.get_worker_connector())
    worker.run_worker(wait=wait, listen_notify=wait)
