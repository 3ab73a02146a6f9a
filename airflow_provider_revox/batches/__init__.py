"""Cut one list of contacts into many files, each for a campaign of its own."""

from airflow_provider_revox.batches.split import contact_batches

__all__ = ["contact_batches"]
