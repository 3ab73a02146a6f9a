"""
The Revox API on this machine. Campaigns play through time, and nobody is dialed.

Needs ``pip install 'airflow-provider-revox[sandbox]'``.

.. code-block:: python

    from revox_sandbox import Fault, Sandbox, SandboxSettings

    with Sandbox(SandboxSettings(seed=7)) as sandbox:
        sandbox.faults.add(Fault(method="POST", path="/campaigns", when="after", kind="reset"))
        ...  # talk to sandbox.base_url with sandbox.api_key
        sandbox.advance(3600)
        assert max(sandbox.calls_per_person().values()) == 1
"""

from revox_sandbox.sandbox import Sandbox
from revox_sandbox.serve.faults import Fault
from revox_sandbox.settings import SandboxAssistant, SandboxSettings

__all__ = ["Fault", "Sandbox", "SandboxAssistant", "SandboxSettings"]
