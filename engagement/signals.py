"""News from engagement, for the apps above; sent inside the transaction of the change.

`assignments_changed` brings `assignments` (saved rows, each department, priority and time as it is now), `at`, and
`counts`: whether a figure may be another now. Who has an assignment, and until when it is put away, counts nowhere.
"""

from django.dispatch import Signal

assignments_changed = Signal()
