import re

from amparo.values import incident_number
from amparo.values.rows import RowError, RowsRefused


def test_a_refused_file_says_how_many_rows_and_nothing_of_what_is_in_them() -> None:
    fault = RowError(row=7, column="wage", reason="The amount is negative.", remedy="Correct it.")

    refusal = RowsRefused(errors=[fault], total=12)

    assert (refusal.errors, refusal.total) == ((fault,), 12)
    assert str(refusal) == "12 rows cannot be taken in. Nothing was kept; see the error file."


def test_an_incident_number_can_be_read_out_on_the_telephone() -> None:
    numbers = {incident_number() for _ in range(100)}

    assert len(numbers) > 90
    assert all(re.fullmatch("[0-9A-F]{4}-[0-9A-F]{4}", number) for number in numbers)
