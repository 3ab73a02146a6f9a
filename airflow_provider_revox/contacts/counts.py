"""How many contacts, in words."""

from __future__ import annotations


def count(contacts: int) -> str:
    """Say how many: ``1 contact``, ``1,204 contacts``."""
    return f"{contacts:,} contact{'' if contacts == 1 else 's'}"
