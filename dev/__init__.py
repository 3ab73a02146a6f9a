"""Tools for working on this provider: a local Airflow, the demo, the UI."""
