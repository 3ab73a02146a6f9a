"""
The wait for a campaign.

:mod:`.progress` says what a look at a campaign means, :mod:`.wait` whether to go on and when to look again.
Sensor, trigger and operator ask the two of them in every mode, and so end alike.
"""
