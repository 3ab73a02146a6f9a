"""
Show the sandbox in a browser, as a small Revox: its campaigns, how far each is, its calls and its clock.

The pages are plain files. Their scripts read everything that they show from :mod:`.views`, as JSON.
"""
