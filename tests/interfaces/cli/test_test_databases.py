"""The databases that tests work in: the application's role, one copy each, nothing left over."""

import psycopg
import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import ProgrammingError, connection

from tests.conftest import Clone


@pytest.mark.django_db
def test_tests_log_in_as_the_application() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user")
        row = cursor.fetchone()

    assert row == ("amparo_app", False)


@pytest.mark.django_db
def test_the_application_cannot_empty_a_table() -> None:
    with connection.cursor() as cursor, pytest.raises(ProgrammingError, match="permission denied"):
        cursor.execute("TRUNCATE django_content_type")


@pytest.mark.parametrize("_again", [1, 2])
def test_what_a_test_commits_in_its_own_database_is_gone_for_the_next(
    cloned_database: Clone, _again: int
) -> None:
    before = ContentType.objects.filter(app_label="left_over").count()

    ContentType.objects.create(app_label="left_over", model="row")
    with psycopg.connect(cloned_database.app_url) as other:
        seen = other.execute(
            "SELECT count(*) FROM django_content_type WHERE app_label = 'left_over'"
        ).fetchone()

    assert before == 0
    assert seen == (1,)
