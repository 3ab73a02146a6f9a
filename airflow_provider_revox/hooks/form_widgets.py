"""Build the extra fields of the connection form, for Airflow before 3.2. Later versions read the metadata."""

from __future__ import annotations

from typing import Any

from airflow_provider_revox.hooks.connection_form import CONN_FIELDS


def form_widgets() -> dict[str, Any]:
    """
    Return the fields by name.

    The field classes are looked up at each call: for its form, the api-server of Airflow 3.0 and 3.1 puts
    others in their place.
    """
    from flask_appbuilder.fieldwidgets import BS3PasswordFieldWidget, BS3TextFieldWidget
    from flask_babel import lazy_gettext
    from wtforms import BooleanField, IntegerField, PasswordField, StringField
    from wtforms.validators import Optional

    # Airflow refuses a hook with other kinds of fields, such as FloatField.
    kinds = {"number": StringField, "integer": IntegerField, "string": StringField}
    fields: dict[str, Any] = {}
    for name, spec in CONN_FIELDS.items():
        label, description = lazy_gettext(spec["label"]), spec["description"]
        kind = spec["schema"]["type"][0]
        if kind == "boolean":
            fields[name] = BooleanField(label, description=description)
        elif spec["schema"].get("format") == "password":
            # Airflow looks at the class, not at the widget, to decide whether a field is secret.
            fields[name] = PasswordField(
                label, validators=[Optional()], widget=BS3PasswordFieldWidget(), description=description
            )
        else:
            fields[name] = kinds[kind](
                label, validators=[Optional()], widget=BS3TextFieldWidget(), description=description
            )
    return fields
