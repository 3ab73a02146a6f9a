"""The two generations of the API that the tests of this folder play on."""

from __future__ import annotations

from revox_sandbox.settings import GenerationName

GENERATIONS: dict[str, GenerationName] = {"contract": "contract", "today": "launch-calls"}
"""The generation of the API page, and today's."""
