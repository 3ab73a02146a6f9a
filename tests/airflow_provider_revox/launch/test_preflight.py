"""What is checked before a campaign is created, and what nobody can tell."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_revox.client.organization import Assistant, PhoneNumber
from airflow_provider_revox.launch.preflight import (
    Comparison,
    Placeholders,
    check_assistant,
    check_from_phone_number,
    check_variables,
    compare,
    placeholders_of,
)

NAMES = st.builds(
    "{}{}{}".format, st.sampled_from("aZé9_名"), st.text("aZé9_ .-名", max_size=6), st.sampled_from("bé1名")
)
BLANKS = st.sampled_from(["", " ", "  ", "\n", "\t", "\u00a0"])


def assistant(prompt="", **texts):
    return Assistant.model_validate({"id": "a", "prompt": prompt, **texts})


def needed(prompt):
    return placeholders_of(assistant(prompt)).needed


@pytest.mark.parametrize(
    ("prompt", "names", "unreadable"),
    [
        ("Hello", set(), 0),
        ("{{plan}}", {"plan"}, 0),
        ("{{ plan }}{{  plan\n}}", {"plan"}, 0),
        ("{{{plan}}}", {"plan"}, 0),
        ("{plan} { {plan} }", set(), 0),
        ("{{First Name}} {{first-name}} {{first.name}}", {"First Name", "first-name", "first.name"}, 0),
        ("{{prénom}} {{名前}} {{2nd}}", {"prénom", "名前", "2nd"}, 0),
        ("{{Plan}} {{plan}}", {"Plan", "plan"}, 0),
        ("{{}} {{ }}", set(), 2),
        ("{{#if plan}}x{{/if}}", set(), 2),
        ("{{plan | upper}}", set(), 1),
        ("{{plan", set(), 1),
        ("{{a {{plan}}", {"plan"}, 1),
        ("plan}} {{plan}", set(), 1),
        ("{{" + "x" * 101 + "}}", set(), 1),
        ("{{a}}{{b}}", {"a", "b"}, 0),
    ],
)
def test_the_names_between_double_braces(prompt, names, unreadable):
    found = placeholders_of(assistant(prompt))
    assert (found.needed, found.unreadable) == (names, unreadable)


@pytest.mark.parametrize(
    "field",
    [
        "prompt",
        "first_sentence",
        "end_of_call_sentence",
        "voicemail_message",
        "max_duration_end_message",
        "sms_template",
        "after_call_sms_prompt",
        "voicemail_sms_prompt",
    ],
)
def test_every_text_that_the_assistant_says_is_searched(field):
    assert placeholders_of(assistant(**{field: "{{plan}}"})).needed == {"plan"}


def test_the_blocks_of_a_flow_are_searched():
    flow = {"edges": [], "nodes": [{"id": "1", "data": {"title": "t", "body": "{{plan}}"}}]}
    assert placeholders_of(assistant(prompt_flow=flow)).needed == {"plan"}


@pytest.mark.parametrize(
    "texts",
    [
        {"structured_output_prompt": "{{transcript}}"},
        {"slack": {"template": "{{transcript}}"}},
        {"custom_tools": [{"url": "https://x.invalid/{{transcript}}"}]},
        {"unknown": [[{"deep": "{{transcript}}"}]]},
    ],
    ids=str,
)
def test_texts_that_revox_fills_itself_need_no_variable(texts):
    found = placeholders_of(assistant(**texts))
    assert (found.needed, found.mentioned) == (frozenset(), {"transcript"})
    assert compare(found, ["transcript"]).unused == frozenset()


@pytest.mark.parametrize("value", [None, 7, [], {}, ["{{plan}}"], {"a": None}, True])
def test_a_text_of_another_type_is_no_error(value):
    assert placeholders_of(assistant(first_sentence=value)).unreadable == 0


@given(NAMES, BLANKS, BLANKS)
def test_blanks_around_a_name_make_no_difference(name, before, after):
    assert needed(f"x{{{{{before}{name}{after}}}}}y") == {name}


@given(st.text(alphabet="{} ab|\n", max_size=40))
def test_every_text_is_read_and_no_brace_is_part_of_a_name(prompt):
    found = placeholders_of(assistant(prompt))
    assert all(not set(name) & set("{}|\n") and name == name.strip() for name in found.needed)
    if "{{" in prompt:
        assert found.needed or found.unreadable
    else:
        assert found == Placeholders()


@given(st.sets(NAMES, max_size=5), st.sets(NAMES, max_size=5), st.sets(NAMES, max_size=5))
def test_every_placeholder_has_one_verdict_and_nothing_is_called_fine_that_is_not(names, variables, of_some):
    found = compare(Placeholders(frozenset(names)), variables, of_some=of_some)
    filled = names & variables
    assert filled | found.missing | found.doubtful == names
    assert len(filled) + len(found.missing) + len(found.doubtful) == len(names)
    assert found.unused <= variables | of_some
    assert not found.unused & names
    assert (found.verdict == "fine") == (names <= variables)
    assert (found.verdict == "problem") == bool(found.missing)


@pytest.mark.parametrize(
    "variable",
    ["first_name", "First_Name", "FIRST NAME", "first-name", " First Name ", "\uff46irst name", "first.name"],
)
def test_another_spelling_is_not_checked(variable):
    found = compare(Placeholders(frozenset({"First Name"})), [variable])
    assert (found.doubtful, found.missing, found.unused) == ({"First Name"}, frozenset(), frozenset())
    assert found.verdict == "not checked"


def test_another_unicode_form_is_not_checked():
    apart = unicodedata.normalize("NFD", "prénom")
    assert needed(f"{{{{{apart}}}}}") == {apart}
    assert compare(placeholders_of(assistant("{{prénom}}")), [apart]).verdict == "not checked"


def test_a_variable_that_only_some_contacts_have_is_not_checked():
    assert compare(Placeholders(frozenset({"plan"})), [], of_some=["plan"]).verdict == "not checked"


@pytest.mark.parametrize("name", ["phone", "transcript", "contact_name", "Call Direction"])
def test_a_name_that_revox_may_fill_is_not_checked(name):
    assert compare(Placeholders(frozenset({name})), []).doubtful == {name}


def test_a_placeholder_that_cannot_be_read_is_not_checked():
    assert compare(Placeholders(unreadable=1), []).verdict == "not checked"
    assert Comparison(missing=frozenset({"x"}), unreadable=1).verdict == "problem"


def test_a_long_text_of_braces_is_read():
    assert placeholders_of(assistant("{" * 500_000 + "x" + "{{x " * 50_000)).unreadable == 50_001


# --- findings ---


def test_an_assistant_is_there_or_not_or_nobody_can_tell():
    assert check_assistant(assistant(), None).verdict == "fine"
    assert check_assistant(None, None).verdict == "not checked"
    missing = check_assistant(None, [assistant()])
    assert missing.verdict == "problem"
    assert "check the id" in missing.text


@pytest.mark.parametrize(
    ("prompt", "variables", "verdict", "text"),
    [
        ("{{plan}}", ["plan"], "fine", "the variables fill every placeholder"),
        ("", [], "fine", "the variables fill every placeholder"),
        ("{{plan}}", [], "problem", "no variable fills; add them to variable_fields: 'plan'"),
        ("", ["plan"], "fine", "no text of the assistant has these variables: 'plan'"),
        ("{{Plan}}", ["plan"], "not checked", "exactly this name"),
        ("{{plan|x}}", [], "not checked", "can't be read: 1"),
    ],
)
def test_the_variables_are_checked(prompt, variables, verdict, text):
    found = check_variables(assistant(prompt), variables)
    assert found.verdict == verdict
    assert text in found.text


@pytest.mark.parametrize(
    "shown", [None, Assistant.model_validate({"id": "a"}), assistant(prompt=["x"])], ids=repr
)
def test_without_the_prompt_the_variables_are_not_checked(shown):
    assert check_variables(shown, ["plan"]).verdict == "not checked"


def test_a_finding_shows_no_number_and_no_long_text():
    names = ["plan", "+33612345678", "06 12 34 56 78", "x" * 60]
    found = check_variables(assistant("".join(f"{{{{{name}}}}}" for name in names[2:])), names[:2])
    assert "12" not in found.text
    assert "xxx" not in found.text
    assert "2 more" in found.text
    many = check_variables(assistant("".join(f"{{{{name {index}}}}}" for index in range(30))), [])
    assert "20 more" in many.text


@pytest.mark.parametrize(
    ("listed", "verdict"),
    [
        (None, "not checked"),
        (["+14155550199"], "fine"),
        (["+1 (415) 555-0199"], "fine"),
        (["14155550199"], "fine"),
        ([], "problem"),
        (["+14155550100"], "problem"),
        (["+14155550100", None], "not checked"),
        (["+14155550100", "4155550199"], "not checked"),
        (["sip:desk"], "not checked"),
        ([7], "not checked"),
    ],
)
def test_the_number_that_people_see_is_checked(listed, verdict):
    numbers = listed and [PhoneNumber.model_validate({"phone_number": number}) for number in listed]
    found = check_from_phone_number("+14155550199", numbers if listed is not None else None)
    assert found.verdict == verdict
    assert "415" not in found.text
