"""The addresses of roles."""

from __future__ import annotations

from django.urls import URLPattern, path

from roles.views import account, audit, blocks, calendars, glossary, invitations, mail, organization, team

app_name = "roles"
urlpatterns: list[URLPattern] = [
    path("team/", team.team, name="team"),
    path("team/who-may-do-what/", team.who_may_do_what, name="who_may_do_what"),
    path("team/<int:pk>/training/", team.set_training, name="set_training"),
    path("team/<int:pk>/on-call/", team.set_on_call, name="set_on_call"),
    path("team/invitations/", invitations.invitations, name="invitations"),
    path("team/invitations/invite/", invitations.invite, name="invite"),
    path("team/invitations/<int:pk>/withdraw/", invitations.withdraw_invitation, name="withdraw_invitation"),
    path("team/<int:pk>/", team.member, name="member"),
    path("team/<int:pk>/give-position/", team.give_position, name="give_position"),
    path("team/<int:pk>/time-blocks/", blocks.time_blocks, name="time_blocks"),
    path("team/<int:pk>/away/", team.go_away, name="go_away"),
    path("team/<int:pk>/here/", team.come_back, name="come_back"),
    path("availability/", team.set_availability, name="set_availability"),
    path("team/<int:pk>/leave/", team.deactivate_member, name="deactivate_member"),
    path("team/<int:pk>/return/", team.reactivate_member, name="reactivate_member"),
    path("positions/<int:pk>/change/", team.change_position, name="change_position"),
    path("positions/<int:pk>/take/", team.take_position, name="take_position"),
    path("invitations/<str:token>/", invitations.invitation, name="invitation"),
    path("departments/", organization.departments, name="departments"),
    path("departments/add/", organization.add_department, name="add_department"),
    path("departments/<int:pk>/rename/", organization.rename_department, name="rename_department"),
    path("departments/<int:pk>/choose-calendar/", calendars.choose_calendar, name="choose_calendar"),
    path("calendars/", calendars.calendars, name="calendars"),
    path("calendars/add/", calendars.add_calendar, name="add_calendar"),
    path("calendars/<int:pk>/", calendars.calendar, name="calendar"),
    path("calendars/<int:pk>/change/", calendars.change_calendar, name="change_calendar"),
    path("calendars/<int:pk>/remove/", calendars.remove_calendar, name="remove_calendar"),
    path("calendars/<int:pk>/add-holiday/", calendars.add_holiday, name="add_holiday"),
    path("calendars/<int:pk>/import-holidays/", calendars.import_holidays, name="import_holidays"),
    path("holidays/<int:pk>/remove/", calendars.remove_holiday, name="remove_holiday"),
    path("organization/change/", organization.change_organization, name="change_organization"),
    path("audit/", audit.audit, name="audit"),
    path("audit/export/", audit.export_audit, name="export_audit"),
    path("mails/", mail.mails, name="mails"),
    path("mails/<int:pk>/send-again/", mail.send_again, name="send_again"),
    path("tokens/", account.api_tokens, name="api_tokens"),
    path("tokens/make/", account.make_token, name="make_token"),
    path("tokens/<int:pk>/revoke/", account.revoke_token, name="revoke_token"),
    path("glossary/", glossary.glossary, name="glossary"),
    path("account/", account.account, name="account"),
    path("account/name/", account.change_name, name="change_name"),
]
