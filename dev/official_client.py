"""
The releases of the official client, each in a folder of its own: there can be only one in a process, and the
one that is installed speaks the contract.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
RELEASES = {"drafts": "0.3.0", "launch-calls": "0.5.0"}
"""Which release speaks what the sandbox calls a generation."""


def install(generation: str) -> Path:
    """
    Return the folder of a release, for ``PYTHONPATH``; it is fetched when it is asked for the first time.

    What it needs is what the installed release needs, and is there.
    """
    version = RELEASES[generation]
    folder = ROOT / ".cache" / f"revox-{version}"
    if not folder.exists():
        folder.parent.mkdir(exist_ok=True)
        scratch = tempfile.mkdtemp(dir=folder.parent)
        pins = ROOT / "constraints" / f"revox-{version}.txt"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", scratch]
        subprocess.run([*command, "--requirement", str(pins)], check=True)
        Path(scratch).rename(folder)
    return folder
