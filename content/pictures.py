"""Pictures: read within bounds, turned upright, freed of what they tell of themselves, and made smaller."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps, ImageSequence

# Only these decoders are asked, so that none of the others can be attacked.
TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp"}
FORMATS = {content_type: name for name, content_type in TYPES.items()}
# What a picture unfolds to in memory: a file of some kilobytes can claim to be as large as a town.
MOST_PIXELS = 50_000_000
MOST_MOVING_PIXELS = 60_000_000
MOST_FRAMES = 600
# What of a picture's own notes says how it looks, and nothing of who made it, where and with what.
ABOUT_LOOKS = ("transparency", "duration", "loop", "background", "disposal", "blend")
QUALITIES = (88, 80, 72)
# How many times a picture is made a quarter smaller until it has few enough bytes.
STEPS = 8


@dataclass(frozen=True)
class Picture:
    """A picture as it may be kept or sent."""

    data: bytes
    content_type: str
    width: int
    height: int


def cleaned(file: IO[bytes]) -> Picture:
    """Return the picture upright and without notes, in the same format; raises ValidationError where it is none."""
    with _opened(file) as image:
        try:
            if getattr(image, "is_animated", False):
                return _moving(image)
            return _still(image)
        except ValidationError:
            raise
        except Exception as problem:
            raise ValidationError(
                _("The picture cannot be read to its end. Export it again and upload that.")
            ) from problem


def reduced(file: IO[bytes], *, side: int, most_bytes: int | None = None, types: tuple[str, ...] = ()) -> Picture:
    """Return the picture no longer than `side` on either side and with so many bytes at most, in one of the types.

    Raises ValidationError where it cannot be made so small. What moves stands still on its first picture.
    """
    with _opened(file) as image:
        chosen = _type_for(image, types)
        if image.format == "JPEG":
            image.draft("RGB", (side, side))
        small: Image.Image = image.convert("RGBA" if image.has_transparency_data else "RGB")
        small.info = {}
    for _step in range(STEPS):
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
        for quality in QUALITIES:
            tried = _saved(_on_white(small) if chosen == "image/jpeg" else small, chosen, quality=quality)
            if most_bytes is None or len(tried.data) <= most_bytes:
                return tried
            if chosen == "image/png":
                break  # it knows no qualities: only fewer pixels help
        side = max(small.size) * 3 // 4
    raise ValidationError(_("The picture cannot be made small enough for this network."))


def _type_for(image: Image.Image, types: tuple[str, ...]) -> str:
    """What a picture is best kept as where not every type is taken; types may be beginnings, such as `image/`."""
    takes = [one for one in FORMATS if not types or one.startswith(types)]
    wanted = ("image/webp", "image/png", "image/jpeg") if image.has_transparency_data else ("image/jpeg", "image/webp")
    return next((one for one in wanted if one in takes), takes[0] if takes else "image/jpeg")


def _opened(file: IO[bytes]) -> Image.Image:
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(file, formats=tuple(TYPES))
    except Image.DecompressionBombError as problem:
        raise _too_large() from problem
    except Exception as problem:
        raise ValidationError(_("The picture cannot be read. Export it again and upload that.")) from problem
    if image.width * image.height > MOST_PIXELS:
        raise _too_large()
    return image


def _too_large() -> ValidationError:
    most = MOST_PIXELS // 1_000_000
    return ValidationError(_("The picture has more than %(most)s million pixels. Make it smaller.") % {"most": most})


def _still(image: Image.Image) -> Picture:
    content_type, looks = TYPES[str(image.format)], _looks(image)
    upright: Any = ImageOps.exif_transpose(image)
    plain = _in_common_colours(upright)
    plain.info = looks
    if content_type == "image/jpeg" and plain is upright and plain.format == "JPEG":
        return _saved(plain, content_type, quality="keep")
    return _saved(plain, content_type, quality=92)


def _moving(image: Image.Image) -> Picture:
    """Frame by frame: each is bounded, and so is what they need together."""
    size, content_type, looks = image.size, TYPES[str(image.format)], _looks(image)
    frames, durations = [], []
    for number, frame in enumerate(ImageSequence.Iterator(image)):
        if number >= MOST_FRAMES or (number + 1) * size[0] * size[1] > MOST_MOVING_PIXELS or frame.size != size:
            raise ValidationError(_("The moving picture is too long or too large. Upload it as a film."))
        kept = frame.copy()
        durations.append(int(kept.info.get("duration", 100)))
        kept.info = {}
        frames.append(kept)
    out = BytesIO()
    frames[0].save(
        out, format=str(image.format), save_all=True, append_images=frames[1:], duration=durations,
        loop=looks.get("loop", 0),
    )  # fmt: skip
    return Picture(out.getvalue(), content_type, *size)


def _looks(image: Image.Image) -> dict[Any, Any]:
    return {name: image.info[name] for name in ABOUT_LOOKS if name in image.info}


def _in_common_colours(image: Image.Image) -> Image.Image:
    """The colours that every screen knows: a profile of its own would be dropped by networks, and colours with it."""
    profile = image.info.get("icc_profile")
    if profile and image.mode in {"RGB", "RGBA", "CMYK", "L"}:
        try:
            mode = image.mode if image.mode in {"RGB", "RGBA"} else "RGB"
            ours = ImageCms.createProfile("sRGB")
            theirs = ImageCms.ImageCmsProfile(BytesIO(profile))
            return ImageCms.profileToProfile(image, theirs, ours, outputMode=mode) or image
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a broken profile says nothing
    return image.convert("RGB") if image.mode == "CMYK" else image


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _saved(image: Image.Image, content_type: str, *, quality: int | str | None = None) -> Picture:
    out = BytesIO()
    options: dict[str, Any] = {"quality": quality} if quality and content_type in {"image/jpeg", "image/webp"} else {}
    if quality == "keep":
        options["subsampling"] = "keep"
    # Said empty: what is not said some formats take from the picture.
    image.save(out, format=FORMATS[content_type], exif=b"", **options)
    return Picture(out.getvalue(), content_type, image.width, image.height)
