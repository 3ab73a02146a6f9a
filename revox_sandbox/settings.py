"""The settings of a sandbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias, get_args

CallEnd: TypeAlias = Literal["human", "voicemail", "no_answer", "busy"]
"""How an attempt to call a person can end."""

GenerationName: TypeAlias = Literal["contract", "drafts", "launch-calls"]
"""
The generation of the Revox API that the sandbox speaks.

- ``contract``: the API page. Creating a campaign calls people.
- ``drafts``: the next one. A campaign can be saved as a draft.
- ``launch-calls``: the latest one. The user creates a campaign first and launches its calls later.
"""

HoursName: TypeAlias = Literal["always", "page"]
"""
When people are called in a campaign without a ``call_retry_config``.

- ``always``: all day. So a test gives the same result at every time of the day.
- ``page``: from 10:00 to 18:00, as the API page states it. The later generations call from Monday to Friday.
"""

DEFAULT_CALL_ENDS: Mapping[CallEnd, float] = MappingProxyType(
    {"human": 0.6, "voicemail": 0.2, "no_answer": 0.15, "busy": 0.05}
)


@dataclass(frozen=True, kw_only=True)
class SandboxAssistant:
    """
    Defines an assistant. Its texts may have ``{{variable}}`` placeholders.

    :param id: The id that campaigns name.
    :param name: Its name. Default: a name with its id.
    :param prompt: What it is told to do.
    :param first_sentence: What it says first.
    :param end_of_call_sentence: What it says last.
    :param voicemail_message: What it says to a voicemail.
    :param sms_template: The text message that it may send. The contract does not show it.
    :raises ValueError: The id is empty.
    """

    id: str
    name: str = ""
    prompt: str = ""
    first_sentence: str | None = "Hello, do you have a minute?"
    end_of_call_sentence: str | None = None
    voicemail_message: str | None = None
    sms_template: str | None = None

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError("id must not be empty")


DEFAULT_ASSISTANTS = (
    SandboxAssistant(id="your-assistant-id", prompt="You ask customers whether they are content."),
    SandboxAssistant(
        id="renewals",
        name="Renewals",
        prompt="You call about the plan {{plan}}, which ends on {{renews_on}}.",
        first_sentence="Hello {{first_name}}, do you have a minute?",
    ),
)
"""The first one is that of the examples. It fits any variables."""
DEFAULT_PHONE_NUMBERS = ("+12025550100", "+14155550199")


@dataclass(frozen=True, kw_only=True)
class SandboxSettings:
    """
    Configures a :class:`~revox_sandbox.Sandbox`.

    :param generation: The generation of the API: ``contract``, ``drafts`` or ``launch-calls``.
    :param api_key: The only key that the sandbox accepts.
    :param host: The address to listen on.
    :param port: The port to listen on. 0 takes a free port.
    :param speed: How many seconds of a campaign pass in one real second. 0 stops the time of campaigns.
    :param seed: Two sandboxes with the same seed and the same campaigns let calls end in the same way.
    :param call_ends: A weight for each way in which an attempt can end. The weights need not add up to 1.
    :param max_concurrent_calls: How many calls run at once in a campaign that does not say it.
    :param default_hours: When people are called in a campaign without a ``call_retry_config``: ``always``, or
        as the API ``page`` states it.
    :param assistants: The assistants of the organization. Any other one is made when a campaign names it.
    :param phone_numbers: The phone numbers of the organization.
    :param assistant_prompt_chars: The length of the prompt of each assistant that a campaign makes. Every
        campaign repeats the prompt.
    :param change_name: How the server changes the name of a campaign when it is created.
    :param list_lag: How many lists do not show a new campaign yet.
    :raises ValueError: A setting makes no sense.
    """

    generation: GenerationName = "contract"
    api_key: str = field(default="sandbox-key", repr=False)
    host: str = "127.0.0.1"
    port: int = 0
    speed: float = 1.0
    seed: int = 0
    call_ends: Mapping[CallEnd, float] = field(default_factory=lambda: DEFAULT_CALL_ENDS)
    max_concurrent_calls: int = 50
    default_hours: HoursName = "always"
    assistants: Sequence[SandboxAssistant] = DEFAULT_ASSISTANTS
    phone_numbers: Sequence[str] = DEFAULT_PHONE_NUMBERS
    assistant_prompt_chars: int = 300
    change_name: Callable[[str], str] = str
    list_lag: int = 0

    def __post_init__(self) -> None:
        if self.generation not in get_args(GenerationName):
            raise ValueError(f"generation must be one of: {', '.join(get_args(GenerationName))}")
        if self.default_hours not in get_args(HoursName):
            raise ValueError(f"default_hours must be one of: {', '.join(get_args(HoursName))}")
        if not self.api_key:
            raise ValueError("api_key must not be empty")
        if self.speed < 0:
            raise ValueError("speed must not be negative")
        if self.max_concurrent_calls < 1:
            raise ValueError("max_concurrent_calls must be at least 1")
        unknown = set(self.call_ends) - set(get_args(CallEnd))
        if unknown:
            raise ValueError(f"call_ends has unknown ends: {sorted(unknown)}")
        if min(self.call_ends.values(), default=0) < 0 or sum(self.call_ends.values()) <= 0:
            raise ValueError("call_ends must have weights of at least 0, and one weight above 0")
