"""Images of the names of the insets: the maps have no font to draw them with."""

from __future__ import annotations

import io

import typst
from PIL import Image
from zones import INSETS

# Letters of 13 points, two pixels per point; a grey that is legible on white and on black.
_PIXELS_PER_INCH = 144
_TEMPLATE = """
#set page(width: auto, height: auto, margin: 1pt, fill: none)
#set text(font: "Libertinus Serif", size: 13pt, fill: rgb("#6b7785"), bottom-edge: "descender")
#sys.inputs.name
"""


def frame_names() -> dict[str, bytes]:
    """Return the PNG image of the name of each inset, by the code of its département."""
    fonts = typst.Fonts(include_system_fonts=False)
    images = {}
    for code, inset in INSETS.items():
        image = typst.compile(
            _TEMPLATE.encode(),
            format="png",
            ppi=_PIXELS_PER_INCH,
            font_paths=fonts,
            sys_inputs={"name": inset.name},
        )
        output = io.BytesIO()
        # they travel with each map: eight shades make them four times as light
        shades = Image.open(io.BytesIO(image)).quantize(8, method=Image.Quantize.FASTOCTREE)
        shades.save(output, "PNG", optimize=True)
        images[code] = output.getvalue()
    return images
