"""Sensors: tasks that wait for Revox."""
