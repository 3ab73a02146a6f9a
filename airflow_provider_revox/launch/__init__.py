"""
Launch exactly once.

The API has no idempotency key, so the campaign's name carries one: the :mod:`tag <.launch.tag>`.
:mod:`.launch.decide` decides what to do next, and :mod:`.launch.carry_out` does it.
"""
