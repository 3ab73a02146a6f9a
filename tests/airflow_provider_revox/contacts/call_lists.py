"""Make a call list of records."""

from __future__ import annotations

import json

from airflow_provider_revox.contacts.call_list import CallListBuilder
from airflow_provider_revox.contacts.record import CallListOptions

ADA, BOB = "+33612345678", "+14155550100"


def build(records, **options):
    builder = CallListBuilder(
        CallListOptions(**{"phone_field": "phone", "variables": {"who": "who"}, **options})
    )
    return json.loads(builder.take(records).json), builder


def problems(builder):
    return [str(rejection) for rejection in builder.rejections]
