"""What can be wrong with a phone number."""

from __future__ import annotations

REASONS = {
    "missing": "is missing",
    "empty": "is empty",
    "boolean": "is true or false; is this the field with the number?",
    "nan": "is NaN, so the value is missing",
    "infinite": "is infinite; is this the field with the number?",
    "wrong_type": "must be text or a whole number; is this the field with the number?",
    "fraction": "has decimals, which no phone number has; is this the field with the number?",
    "scientific": "is in scientific notation or a 32-bit float, which lose digits; export the column as text",
    "extension": "has an extension, which cannot be dialled; remove it, or use the direct number",
    "letters": "has letters; write it in digits",
    "not_a_number": "cannot be read as a phone number; write one number, in E.164 format",
    "too_long": "is too long for a phone number",
    "no_region": "has no country code; set default_region, or write it in E.164 format",
    "unknown_region": "has a region that does not exist; write it in two letters, such as US, GB or FR",
    "unknown_country": "has a country code that does not exist",
    "ambiguous": "can be read as more than one number; write one number, with + and its country code",
    "not_possible": "has too few or too many digits for its country",
    "local_only": "can only be dialled within its area; add the area code",
    "not_valid": "does not exist in its country; digits are missing or wrong",
}
"""Each reason in one word, to count by, and in a sentence about the field."""


class NumberError(ValueError):
    """
    The value is not a phone number that can be called. Neither text nor repr shows the value.

    :param reason: A key of :data:`REASONS`.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return REASONS[self.reason]
