"""Campaigns that play through time."""
