"""What is asked of a logger: Airflow 2 hands out the standard library's, Airflow 3 structlog's."""

from __future__ import annotations

from typing import Any, Protocol


class Logger(Protocol):
    """Takes lines of three levels."""

    def info(self, msg: str, /, *args: Any) -> Any:
        """Log what happened."""

    def warning(self, msg: str, /, *args: Any) -> Any:
        """Log what a person should look at."""

    def error(self, msg: str, /, *args: Any) -> Any:
        """Log what a person must act on."""
