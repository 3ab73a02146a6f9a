"""Links from Airflow to Revox."""
