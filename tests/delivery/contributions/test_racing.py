"""Two files at once for one employer and month: really two connections."""

from pathlib import Path
from threading import Barrier, Thread

from django.db import connection

from amparo.delivery.contributions.models import Declaration
from amparo.delivery.contributions.operations import AlreadyDeclared, post_declarations
from amparo.delivery.ledger.models import Posting
from tests.delivery.world import AMINA_NUMBER, AT, build, declaration


def test_of_two_files_racing_for_a_month_one_posts(cloned_database: object, tmp_path: Path) -> None:
    world = build(tmp_path)
    files = [world.received_file(), world.received_file()]
    start, refused = Barrier(2), []

    def post(wage: str, file_number: int) -> None:
        start.wait()
        try:
            post_declarations(
                declarations=[declaration("2026-08", (AMINA_NUMBER, wage), employer_id=world.kora)],
                received_file_id=files[file_number],
                access=world.emil,
                at=AT,
            )
        except AlreadyDeclared as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [Thread(target=post, args=(f"{1000 + n}.00", n)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 1
    assert Declaration.objects.count() == Posting.objects.count() == 1
