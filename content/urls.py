"""The addresses of content."""

from __future__ import annotations

from django.urls import URLPattern, path

from content import views
from content.views import links, media, piece_versions, pieces, uploads, variant_media, variants

app_name = "content"
urlpatterns: list[URLPattern] = [
    path("content/", views.content, name="content"),
    # Ideas.
    path("content/ideas/", views.ideas, name="ideas"),
    path("content/ideas/note/", views.note_idea, name="note_idea"),
    path("content/ideas/from-page/", views.note_from_page, name="note_from_page"),
    path("content/ideas/share-button/", views.share_button, name="share_button"),
    path("content/ideas/alike/", views.alike_ideas, name="alike_ideas"),
    path("content/ideas/questions/", views.questions, name="questions"),
    path("content/ideas/<int:pk>/", views.idea, name="idea"),
    path("content/ideas/<int:pk>/change/", views.change_idea, name="change_idea"),
    path("content/ideas/<int:pk>/rate/", views.rate_idea, name="rate_idea"),
    path("content/ideas/<int:pk>/accept/", views.accept_idea, name="accept_idea"),
    path("content/ideas/<int:pk>/drop/", views.drop_idea, name="drop_idea"),
    path("content/ideas/<int:pk>/pick-up/", views.pick_up_idea, name="pick_up_idea"),
    path("content/ideas/<int:pk>/merge/", views.merge_ideas, name="merge_ideas"),
    path("content/ideas/<int:pk>/split/", views.split_idea, name="split_idea"),
    path("content/ideas/<int:pk>/develop/", views.develop_idea, name="develop_idea"),
    # One piece to many.
    path("content/pieces/<int:pk>/repurpose/", views.repurpose, name="repurpose"),
    path("content/pieces/<int:pk>/say-again/", views.say_again, name="say_again"),
    path("content/rested/", views.rested_pieces, name="rested_pieces"),
    path("content/series/", views.series, name="series"),
    path("content/series/begin/", views.begin_series, name="begin_series"),
    path("content/series/<int:pk>/", views.one_series, name="one_series"),
    path("content/series/<int:pk>/change/", views.change_series, name="change_series"),
    path("content/series/<int:pk>/end/", views.end_series, name="end_series"),
    path("content/series/<int:pk>/take-up/", views.take_up_series, name="take_up_series"),
    path("content/series/<int:pk>/continue/", views.continue_series, name="continue_series"),
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
    # Pieces and their variants.
    path("content/pieces/", pieces.pieces, name="pieces"),
    path("content/pieces/begin/", pieces.begin_piece, name="begin_piece"),
    path("content/pieces/<int:pk>/", pieces.piece, name="piece"),
    path("content/pieces/<int:pk>/edit/", pieces.edit_piece, name="edit_piece"),
    path("content/pieces/<int:pk>/drop/", pieces.drop_piece, name="drop_piece"),
    path("content/pieces/<int:pk>/pick-up/", pieces.pick_up_piece, name="pick_up_piece"),
    path("content/pieces/<int:pk>/news/", pieces.piece_news, name="piece_news"),
    path("content/pieces/<int:pk>/versions/", piece_versions.piece_versions, name="piece_versions"),
    path("content/piece-versions/<int:pk>/restore/", piece_versions.restore_version, name="restore_version"),
    path("content/pieces/<int:pk>/variants/add/", variants.add_variant, name="add_variant"),
    path("content/pieces/<int:pk>/variants/order/", pieces.order_piece_variants, name="order_piece_variants"),
    path("content/variants/<int:pk>/edit/", variants.edit_variant, name="edit_variant"),
    path("content/variants/<int:pk>/fill/", variants.fill_variant, name="fill_variant"),
    path("content/variants/<int:pk>/look/", variants.look_at_variant, name="look_at_variant"),
    path("content/variants/<int:pk>/drop/", variants.drop_variant, name="drop_variant"),
    # Tracked links.
    path("l/<str:key>", links.follow_link, name="follow_link"),
    path("content/links/", links.links, name="links"),
    path("content/links/file/", links.links_file, name="links_file"),
    path("content/links/make/", links.make_link, name="make_link"),
    path("content/links/template/", links.set_link_template, name="set_link_template"),
    path("content/links/<int:pk>/", links.link, name="link"),
]
