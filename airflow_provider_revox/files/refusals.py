"""Tell whether a storage refuses a task. Each storage says so in its own way."""

from __future__ import annotations

_NO_RIGHTS = (401, 403)


def is_refusal(error: Exception) -> bool:
    """
    Return whether an error says that the task has no right to a file.

    A disk and S3 raise a ``PermissionError``. Azure and Google raise errors of their own with the status of
    the answer, and Google an ``OSError`` that says it in words.
    """
    status = getattr(error, "status_code", getattr(error, "code", None))
    return (
        isinstance(error, PermissionError)
        or status in _NO_RIGHTS
        or (isinstance(error, OSError) and str(error).startswith("Forbidden: "))
    )
