"""The Revox API. Imports no Airflow."""
