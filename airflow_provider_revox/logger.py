"""Describe a logger that fits Airflow 2 (of the standard library) and Airflow 3 (of structlog)."""

from __future__ import annotations

from typing import Any, Protocol


class Logger(Protocol):
    """Takes log lines of three levels."""

    def info(self, msg: str, /, *args: Any) -> Any:
        """Log an event."""

    def warning(self, msg: str, /, *args: Any) -> Any:
        """Log something that a person should look at."""

    def error(self, msg: str, /, *args: Any) -> Any:
        """Log something that a person must act on."""
