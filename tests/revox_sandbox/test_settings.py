import pytest

from revox_sandbox import SandboxAssistant, SandboxSettings


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"api_key": ""}, "api_key"),
        ({"speed": -1}, "speed"),
        ({"max_concurrent_calls": 0}, "max_concurrent_calls"),
        ({"call_ends": {"hung_up": 1}}, "unknown ends"),
        ({"call_ends": {"human": -1, "busy": 2}}, "weights"),
        ({"call_ends": {"human": 0}}, "weights"),
        ({"call_ends": {}}, "weights"),
    ],
)
def test_settings_that_make_no_sense_are_refused(options, complaint):
    with pytest.raises(ValueError, match=complaint):
        SandboxSettings(**options)


def test_the_key_stays_out_of_the_text():
    assert "my-key" not in repr(SandboxSettings(api_key="my-key"))


def test_a_generation_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="contract, drafts, launch-calls"):
        SandboxSettings(generation="latest")


def test_hours_that_nobody_knows_are_refused():
    with pytest.raises(ValueError, match="always, page"):
        SandboxSettings(default_hours="night")


def test_an_assistant_has_an_id():
    with pytest.raises(ValueError, match="id"):
        SandboxAssistant(id="")
