"""
Wait for a campaign.

:mod:`.policy` holds what the user decides. :mod:`.verdict` says what a campaign's state means, and
:mod:`.outage` what a failed poll means. :mod:`.wait` says whether to go on, and when to poll again.
:mod:`.polling` asks Revox. :mod:`.task` puts them together for the sensor and the operators; the trigger uses
the same parts, so every mode ends alike. :mod:`.on_kill` says what becomes of the campaign of a killed task.
"""
