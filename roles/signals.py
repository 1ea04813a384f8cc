"""News of people, for the apps above; sent inside the transaction of the change.

`availability_changed` brings `member` and `at`: which work the member can be given is not what it was (away, here,
a position, a capacity). `member_left` brings `member` and `at`: nothing may stay with this member.
"""

from django.dispatch import Signal

availability_changed = Signal()
member_left = Signal()
