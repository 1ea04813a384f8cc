"""What every worker of these tests needs; imported once, in the process that they are forked from."""

import django

django.setup()

import maturity.tasks  # noqa: E402, F401
