"""News from listening, for the apps above.

`mentions_captured` and `posts_revised` are sent inside the transaction of the ingest, so that what they cause is
committed with the rows or not at all: `mentions` and `posts` are lists of saved rows, `at` is the moment.
`threads_grown` brings the `conversations` of one `network` into which something new was said, mention or not.
`posts_emptied` is sent inside the transaction in which posts lose their words for good.
`mentions_triaged` brings what was given to a department. Before such mentions go back into the stream,
`mentions_taken_back` asks: whoever hears it clears away what came of them, and returns the keys of mentions that must
stay because somebody has begun.
"""

from django.dispatch import Signal

mentions_captured = Signal()
mentions_taken_back = Signal()
mentions_triaged = Signal()
posts_revised = Signal()
posts_withdrawn = Signal()
posts_emptied = Signal()
threads_grown = Signal()
