"""Apache Airflow provider for Revox, the API for AI phone calls."""

__version__ = "0.1.0"
