from __future__ import annotations

import pytest

from airflow_provider_revox.client.limits import DEEPEST
from airflow_provider_revox.client.organization import Assistant, PhoneNumber

ADA = "+33612345678"


def test_a_phone_number_stays_out_of_repr():
    number = PhoneNumber.model_validate({"phone_number": ADA, "label": "Ada"})
    assert "33" not in f"{number!r} {number} {[number]}"
    assert "Ada" not in f"{number!r}"


@pytest.mark.parametrize("content", [{"id": "a"}, {"id": "a", "name": 7, "prompt": None}], ids=str)
def test_an_assistant_may_lack_everything_but_its_id(content):
    assistant = Assistant.model_validate(content)
    assert (assistant.name, assistant.shows_prompt, assistant.filled_texts) == (None, False, [])


def test_texts_that_the_variables_fill_are_told_from_all_others():
    assistant = Assistant.model_validate(
        {
            "id": "a",
            "name": "Renewals",
            "prompt": "About {{plan}}",
            "first_sentence": "Hello",
            "prompt_flow": {"nodes": [{"text": "Ask {{who}}"}, 7, None]},
            "tools": [{"url": "https://crm.example/{{summary}}"}],
        }
    )
    assert assistant.filled_texts == ["About {{plan}}", "Hello", "Ask {{who}}"]
    assert sorted(assistant.other_texts) == ["Renewals", "a", "https://crm.example/{{summary}}"]


def test_texts_are_looked_for_a_hundred_levels_deep_and_no_deeper():
    value: object = "{{plan}}"
    for _ in range(DEEPEST + 1):
        value = [value]
    assert Assistant.model_validate({"id": "a", "prompt_flow": value}).filled_texts == []
