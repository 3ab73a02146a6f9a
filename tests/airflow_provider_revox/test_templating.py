from __future__ import annotations

import pytest

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.templating import read_integer, read_literal, read_retry_config


@pytest.mark.parametrize("text", ['[{"a": null, "b": "\'"}]', "[{'a': None, 'b': \"'\"}]"])
def test_json_and_python_notation_are_both_read(text):
    assert read_literal(text, "contacts") == [{"a": None, "b": "'"}]


def test_values_that_are_no_text_pass():
    assert read_literal([1], "contacts") == [1]


@pytest.mark.parametrize(
    "text", ["", "Ada", "[datetime.datetime(2026, 1, 1)]", "[" * 100_000, "\x00", "{[1]: 2}"]
)
def test_other_text_is_an_error_that_names_the_field_and_hides_the_text(text):
    with pytest.raises(InvalidRequestError, match="contacts: is text that is neither") as caught:
        read_literal(text, "contacts")
    assert caught.value.__context__ is None


def test_numbers_in_a_retry_config_are_read_at_any_depth():
    rendered = {
        "max_retry_attempts": "3",
        "timezone": "7",
        "calling_windows": [{"calling_window_start_time": "9am", "retry_delay_seconds": "60"}],
    }
    assert read_retry_config(rendered) == {
        "max_retry_attempts": 3,
        "timezone": "7",
        "calling_windows": [{"calling_window_start_time": "9am", "retry_delay_seconds": 60}],
    }
    assert read_retry_config(None) is None


@pytest.mark.parametrize("value", ["five", "-1", "1.5", "", 5, None])
def test_what_is_no_whole_number_is_left_for_the_check_of_the_request(value):
    assert read_integer(value) == value
