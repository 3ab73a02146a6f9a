"""
Launch exactly once.

The API has no idempotency key, so the campaign's name carries one, the :mod:`tag <.launch.tag>`. What to do
next is decided in :mod:`.launch.protocol`, and done in :mod:`.launch.run`.
"""
