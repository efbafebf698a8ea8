"""The background worker, as tests let it work."""

from concurrent.futures import ThreadPoolExecutor

from amparo.interfaces.worker.run import run_worker


def work_off() -> None:
    """Let the worker do what waits, and return when nothing waits.

    In a thread of its own: a browser test may have left its event loop running in this one.
    """
    with ThreadPoolExecutor(max_workers=1) as pool:
        pool.submit(run_worker, wait=False).result()
