"""News of people and their hours, for the apps above; sent inside the transaction of the change.

`availability_changed` brings `member` and `at`: which work the member can be given is not what it was (away, here,
a position, a capacity). `member_left` brings `member` and `at`: nothing may stay with this member.
`calendar_changed` brings `calendar` and `at`: what was counted in its hours is to be counted anew.
"""

from django.dispatch import Signal

availability_changed = Signal()
calendar_changed = Signal()
member_left = Signal()
