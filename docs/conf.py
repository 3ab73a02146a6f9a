"""Settings of the documentation: ``python -m sphinx -W --keep-going -b html docs docs/_build/html``."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE / "_ext")]
# Importing Airflow writes its settings file; it must not end up in somebody's home.
_airflow_home = tempfile.TemporaryDirectory(prefix="airflow-docs-")
os.environ.setdefault("AIRFLOW_HOME", _airflow_home.name)

from airflow_provider_revox import __version__  # noqa: E402 - after the settings above

project = "airflow-provider-revox"
author = "airflow-provider-revox contributors"
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "parameters"]
exclude_patterns = ["_build", "_benchmarks", "_cluster"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

nitpicky = True
nitpick_ignore_regex = [
    # The types of other packages, and what pydantic shows of itself.
    ("py:.*", r"(?!airflow_provider_revox|revox_sandbox|\w*(Campaign|Revox|Sandbox)).*"),
    # What only the client itself needs.
    ("py:class", r".*\.client\..*\.(T|Endpoint|CheckedContacts)"),
    ("py:class", r".*\.WaitPolicy"),
]

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"

html_theme = "furo"
html_title = f"{project} {version}"
html_copy_source = False
html_use_index = False  # the search finds more
html_show_copyright = False
html_static_path = ["_static"]
html_css_files = ["pages.css"]
