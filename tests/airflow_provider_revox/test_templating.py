from __future__ import annotations

from decimal import Decimal

import pytest

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.templating import (
    is_missing,
    read_campaign_id,
    read_integer,
    read_literal,
    read_option,
    read_retry_config,
)


@pytest.mark.parametrize("text", ['[{"a": null, "b": "\'"}]', "[{'a': None, 'b': \"'\"}]"])
def test_json_and_python_notation_are_both_read(text):
    assert read_literal(text, "contacts") == [{"a": None, "b": "'"}]


@pytest.mark.parametrize("text", ["3.36123E+10", "3e10", "-3.36123e10", "+3.36123e10", "1_0e3"])
def test_a_number_with_an_exponent_shows_that_digits_are_lost_in_python_notation_too(text):
    literal = f" [{{'name': 'Zo\u00eb 1e3',\r\n 'x': None, 'amount': 1.5, 'phone': {text}}}]"
    (record,) = read_literal(literal, "contacts")
    assert record == {"name": "Zo\u00eb 1e3", "x": None, "amount": 1.5, "phone": Decimal(text)}
    assert type(record["amount"]) is float
    assert type(record["phone"]) is Decimal
    assert record["phone"].as_tuple().exponent == Decimal(text).as_tuple().exponent > 0


@pytest.mark.parametrize("amount", ["90071992547409931.0", "-1234567890123456.78", "19.99", "1_000.5"])
def test_an_amount_keeps_all_its_digits(amount):
    texts = [f"[{{'x': None, 'amount': {amount}}}]"]
    if "_" not in amount:
        texts.append(f'[{{"x": null, "amount": {amount}}}]')
    for text in texts:
        (record,) = read_literal(text, "contacts")
        assert Decimal(str(record["amount"])) == Decimal(amount)


@pytest.mark.parametrize(
    "text",
    [
        '[{"phone": 1, "phone": 2}]',
        '{"a": 1, "b": 2, "a": 1}',
        '[{"phone": 1, "prompt_variables": {"a": 1, "a": 2}}]',
        '[{"phone": 1, "ph\\u006fne": 2}]',
        "[{'phone': 1, 'phone': None}]",
        "({'phone': 1, 'pho' 'ne': None},)",
        "[{'p': {'a': 1, \"a\": 3e5}}]",
    ],
)
def test_a_name_twice_in_one_object_is_an_error_in_json_and_in_python_notation(text):
    with pytest.raises(InvalidRequestError, match="contacts: has a name twice in one object") as caught:
        read_literal(text, "contacts")
    assert "phone" not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "text", ["[{'a': 1}, {'a': 2, 'b': {'a': 1}}, {1: 1, '1': 1}]", "{}", "[{'a': {}}, {}]"]
)
def test_one_name_in_several_objects_is_read(text):
    assert repr(read_literal(text, "contacts")) == text


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


@pytest.mark.parametrize("value", [None, "", " \n", "None", " None "])
def test_none_and_the_text_that_a_template_renders_it_to_are_missing(value):
    assert is_missing(value)


@pytest.mark.parametrize("value", ["c", "none", "None1", 0, [], {}])
def test_any_other_value_is_not_missing(value):
    assert not is_missing(value)


def test_a_campaign_id_is_read_without_spaces_around_it():
    assert read_campaign_id(" 96201a44 \n", object()) == "96201a44"


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (None, "NoneType"),
        ("", "empty"),
        ("  ", "empty"),
        ("None", "the word None"),
        (" None ", "the word None"),
        (["c"], "list"),
        (7, "int"),
    ],
)
def test_what_is_not_the_id_of_one_campaign_is_an_error_that_names_the_operator(value, problem):
    class CampaignReader: ...

    with pytest.raises(InvalidRequestError) as caught:
        read_campaign_id(value, CampaignReader())
    assert f"campaign_id: must be the id of one campaign, not {problem}." in str(caught.value)
    assert "CampaignReader.partial(...).expand(campaign_id=...)" in str(caught.value)


@pytest.mark.parametrize("value", ["five", "-1", "1.5", "", 5, None])
def test_what_is_no_whole_number_is_left_for_the_check_of_the_request(value):
    assert read_integer(value) == value


@pytest.mark.parametrize("text", ["None", " None", "null"])
def test_an_option_that_renders_to_none_is_not_taken_for_one_that_is_not_given(text):
    assert read_option(None, "call_retry_config") is None
    assert read_option("[1]", "variable_fields") == [1]
    with pytest.raises(InvalidRequestError, match="call_retry_config: its template renders to None"):
        read_option(text, "call_retry_config")


@pytest.mark.parametrize(
    ("text", "value"),
    [("True", True), ("true", True), ("False", False), ("false", False), ("yes", "yes"), ("1", "1")],
)
def test_true_and_false_in_a_retry_config_are_read_where_they_are_expected(text, value):
    config = read_retry_config({"call_twice_in_a_row": text, "timezone": text})
    assert config == {"call_twice_in_a_row": value, "timezone": text}
