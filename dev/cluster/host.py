"""
Tell Airflow the name of the part that asks, as if each ran on a machine of its own.

Each process of Airflow imports this, so it and its package import nothing else of ours.
"""

from __future__ import annotations

import os

PART = "REVOX_CLUSTER_PART"


def part_name() -> str:
    """Return the name of the part. Airflow shows it as the hostname of tasks and jobs."""
    return os.environ[PART]
