"""Write the rows of a campaign as CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from pydantic_core import to_json

from revox_sandbox.api.contract import timestamp

if TYPE_CHECKING:
    from revox_sandbox.play.campaign import Campaign


def export(campaign: Campaign) -> bytes:
    """
    Return the answer with the CSV file: a column for each variable, then columns about the calls.

    :param campaign: A campaign that is up to date.
    """
    simulation = campaign.simulation
    variables = list(dict.fromkeys(name for row in simulation.rows for name in row.contact.prompt_variables))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["row_index", "phone_number", *variables, "status", "attempts", "result", "ended_at"])
    for row in simulation.rows:
        last = row.attempts[-1] if row.attempts else None
        over = last is not None and last.ended_at <= simulation.now
        contact = row.contact
        writer.writerow(
            [
                row.index,
                contact.to_phone_number,
                *(contact.prompt_variables.get(name, "") for name in variables),
                simulation.call_status(row),
                len(row.attempts),
                last.result if last and over else "",
                timestamp(last.ended_at) if last and over else "",
            ]
        )
    return to_json({"csv": text.getvalue(), "filename": f"campaign-{campaign.id}.csv"})
