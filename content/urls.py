"""The addresses of content."""

from __future__ import annotations

from django.urls import URLPattern, path

from content import views
from content.views import media, uploads, variant_media

app_name = "content"
urlpatterns: list[URLPattern] = [
    path("content/", views.content, name="content"),
    path("content/ideas/", views.ideas, name="ideas"),
    path("content/ideas/note/", views.note_idea, name="note_idea"),
    path("content/ideas/<int:pk>/drop/", views.drop_idea, name="drop_idea"),
    path("content/ideas/<int:pk>/pick-up/", views.pick_up_idea, name="pick_up_idea"),
    # Media.
    path("content/media/", media.media_library, name="media"),
    path("content/media/take/", media.take_media, name="take_media"),
    path("content/media/uploads/", uploads.begin_upload, name="begin_upload"),
    path("content/media/uploads/<int:pk>/", uploads.upload, name="upload"),
    path("content/media/<int:pk>/", media.one_media, name="one_media"),
    path("content/media/<int:pk>/file/", media.media_file, name="media_file"),
    path("content/media/<int:pk>/preview/", media.media_preview, name="media_preview"),
    path("content/media/<int:pk>/describe/", media.describe_media, name="describe_media"),
    path("content/media/<int:pk>/remove/", media.remove_media, name="remove_media"),
    path("content/variants/<int:pk>/media/", variant_media.choose_media, name="choose_media"),
    path("content/variants/<int:pk>/media/<int:media>/attach/", variant_media.attach_media, name="attach_media"),
    path("content/variant-media/<int:pk>/describe/", variant_media.describe_there, name="describe_there"),
    path("content/variant-media/<int:pk>/move/", variant_media.move_media, name="move_media"),
    path("content/variant-media/<int:pk>/detach/", variant_media.detach_media, name="detach_media"),
]
