"""Build the extra fields of the connection form, for Airflow before 3.2. Later versions read the metadata."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_appbuilder.fieldwidgets import BS3PasswordFieldWidget, BS3TextFieldWidget
from flask_babel import lazy_gettext
from wtforms import BooleanField, IntegerField, StringField
from wtforms.validators import Optional

from airflow_provider_revox.hooks.connection_form import CONN_FIELDS

# Airflow 2 ignores a hook with other kinds of fields, such as FloatField.
_KINDS = {"number": StringField, "integer": IntegerField, "string": StringField}


def form_widgets() -> dict[str, Any]:
    """Return the fields by name."""
    return {name: _widget(spec) for name, spec in CONN_FIELDS.items()}


def _widget(spec: Mapping[str, Any]) -> Any:
    label, description = lazy_gettext(spec["label"]), spec["description"]
    kind = spec["schema"]["type"][0]
    if kind == "boolean":
        return BooleanField(label, description=description)
    is_secret = spec["schema"].get("format") == "password"
    return _KINDS[kind](
        label,
        validators=[Optional()],
        widget=BS3PasswordFieldWidget() if is_secret else BS3TextFieldWidget(),
        description=description,
    )
