"""
Tell OpenLineage what a task has read and written, and what became of its campaign.

:mod:`.task` collects the facts. :mod:`.openlineage` says them in OpenLineage's words, and needs OpenLineage.
"""
