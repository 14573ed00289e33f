"""The page that shows a trained generator: its files, and what it is told of the model and data.

The page itself, `static/`, is the same wherever the model runs: `page.json` beside it says whether
that is in the browser or on the server that serves the page.
"""
