"""
The routes of the API, by purpose. Each generation has some of them.

Each ``add_…`` function gets the API that it adds routes to, the store with the campaigns, and the answers
of its generation.
"""
