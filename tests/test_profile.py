"""Our profile of sRGB means what the International Color Consortium's means, in a sixth of it."""

from importlib.resources import files
from io import BytesIO

from PIL import Image, ImageCms

from generator.weasy.profile import srgb_profile


def test_it_is_small_and_always_the_same() -> None:
    assert len(srgb_profile()) < 600
    assert int.from_bytes(srgb_profile()[:4], "big") == len(srgb_profile())


def test_colours_come_out_as_with_the_official_profile() -> None:
    theirs = ImageCms.ImageCmsProfile(
        BytesIO((files("weasyprint.pdf") / "sRGB2014.icc").read_bytes())
    )
    ours = ImageCms.ImageCmsProfile(BytesIO(srgb_profile()))
    colours = Image.new("RGB", (52, 52 * 52))
    colours.putdata(
        [(r * 5, g * 5, b * 5) for r in range(52) for g in range(52) for b in range(52)]
    )
    lab = ImageCms.createProfile("LAB")
    one, other = (
        ImageCms.applyTransform(colours, ImageCms.buildTransform(profile, lab, "RGB", "LAB"))
        for profile in (theirs, ours)
    )
    assert one is not None
    assert other is not None
    apart = [abs(a - b) for a, b in zip(one.tobytes(), other.tobytes(), strict=True)]
    # L* in steps of 0.4, a* and b* in steps of 1: rounding alone.
    assert max(min(each, 256 - each) for each in apart) <= 1
