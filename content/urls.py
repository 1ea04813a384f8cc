"""The addresses of content."""

from __future__ import annotations

from django.urls import URLPattern, path

from content import views

app_name = "content"
urlpatterns: list[URLPattern] = [
    path("content/", views.content, name="content"),
    path("content/ideas/", views.ideas, name="ideas"),
    path("content/ideas/note/", views.note_idea, name="note_idea"),
    path("content/ideas/<int:pk>/drop/", views.drop_idea, name="drop_idea"),
    path("content/ideas/<int:pk>/pick-up/", views.pick_up_idea, name="pick_up_idea"),
]
