"""Small PNG files: a screenshot has few colours, so a palette of 256 shows it in a third of the bytes."""

from __future__ import annotations

import base64
import struct
import zlib

from playwright.async_api import Page

REDUCE = """async png => {
  const image = await createImageBitmap(await (await fetch('data:image/png;base64,' + png)).blob());
  const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
  context.drawImage(image, 0, 0);
  const pixels = new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer);
  const count = new Map();
  for (const pixel of pixels) count.set(pixel, (count.get(pixel) || 0) + 1);
  const kept = [...count].sort((one, other) => other[1] - one[1]).slice(0, 256).map(([pixel]) => pixel);
  const part = (pixel, at) => (pixel >> at) & 255;
  const apart = (one, other) => [0, 8, 16].reduce((sum, at) => sum + (part(one, at) - part(other, at)) ** 2, 0);
  const nearest = pixel => kept.reduce((best, one, at) => apart(one, pixel) < apart(kept[best], pixel) ? at : best, 0);
  const index = new Map(kept.map((pixel, at) => [pixel, at]));
  for (const pixel of count.keys()) if (!index.has(pixel)) index.set(pixel, nearest(pixel));
  let text = '';
  for (const pixel of pixels) text += String.fromCharCode(index.get(pixel));
  const colours = kept.map(pixel => [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255]);
  return { width: image.width, height: image.height, colours, pixels: btoa(text) };
}"""
"""From a PNG to the most frequent colours and, for each pixel, the number of the nearest of them."""


async def compact(png: bytes, bench: Page) -> bytes:
    """The picture with at most 256 colours; `bench` is a page that may run JavaScript."""
    reduced = await bench.evaluate(REDUCE, base64.b64encode(png).decode())
    width, height = reduced["width"], reduced["height"]
    pixels = base64.b64decode(reduced["pixels"])
    rows = b"".join(b"\0" + pixels[at : at + width] for at in range(0, width * height, width))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", bytes(part for colour in reduced["colours"] for part in colour)),
        (b"IDAT", zlib.compress(rows, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    """A chunk as the PNG specification has it (section 5.3)."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
