"""A distributed Airflow on this machine, on loopback alone."""
