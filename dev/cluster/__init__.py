"""A distributed Airflow on this machine, on loopback alone."""

from dev.cluster.cluster import Cluster

__all__ = ["Cluster"]
