"""
Show the campaigns of this Airflow's tasks inside Airflow, since version 3.1.

:mod:`.airflow_plugin` is what Airflow loads. :mod:`.app` has the routes, and :mod:`.pages` the pages.
:mod:`.campaigns` reads what tasks have recorded. :mod:`.access` says what a user may see and do. :mod:`.live`
asks Revox, over :mod:`.connection`. :mod:`.view` and :mod:`.describe` put an answer together. :mod:`.actions`
changes a campaign.
"""
