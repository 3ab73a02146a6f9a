"""Install Debian's packages of PostgreSQL and Redis if they are missing."""

from __future__ import annotations

import shutil
import subprocess

from dev.local_postgres import is_root, postgres_programs

REDIS = "redis-server"


def install_missing() -> None:
    """
    Install what is missing.

    :raises SystemExit: It can't be installed on this machine, or the installation failed.
    """
    missing = missing_packages()
    if not missing:
        return
    wanted = " ".join(missing)
    by_hand = f"Install it by hand, then call make again: apt-get install --no-install-recommends {wanted}"
    if shutil.which("apt-get") is None:
        raise SystemExit(f"The cluster needs {wanted}, and this machine has no apt-get. Install it by hand.")
    if not is_root() and shutil.which("sudo") is None:
        raise SystemExit(f"The cluster needs {wanted}, and you are neither root nor have sudo. {by_hand}")
    print(f"Installing {wanted} ...", flush=True)
    as_root = [] if is_root() else ["sudo"]
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *missing]
    for command in (["apt-get", "update"], install):
        if subprocess.run([*as_root, *command], stdout=subprocess.DEVNULL).returncode:
            raise SystemExit(f"The cluster needs {wanted}, and {' '.join(command[:2])} failed. {by_hand}")


def missing_packages() -> list[str]:
    """Return the packages that the cluster needs and that are not installed."""
    missing = [] if postgres_programs() else ["postgresql"]
    return missing if shutil.which(REDIS) else [*missing, REDIS]
