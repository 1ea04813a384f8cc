"""News from engagement, for the apps above; sent inside the transaction of the change.

`assignments_changed` brings `assignments` (saved rows, each department, priority and time as it is now) and `at`.
"""

from django.dispatch import Signal

assignments_changed = Signal()
