/**
 * Drawing with crisp pixels: what is drawn has the colour itself, nothing is blended at its edge.
 * Pictures are what ImageData is; colours are [red, green, blue] in 0..255.
 */

// How far a colour may be from the one clicked on to be filled with it: JPEG leaves areas flat to
// less than this.
const TOLERANCE = 24;

const packed = ([red, green, blue]) => ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
const pixelsOf = (picture) => new Uint32Array(picture.data.buffer);

/** Makes a picture of one colour. */
export function blank(width, height, colour) {
  const picture = new ImageData(width, height);
  pixelsOf(picture).fill(packed(colour));
  return picture;
}

/** Fills a rectangle between two corners, [x, y], both within it, in either order. */
export function rectangle(picture, first, second, colour) {
  const [left, right] = [first[0], second[0]].sort((a, b) => a - b);
  const [top, bottom] = [first[1], second[1]].sort((a, b) => a - b);
  const pixels = pixelsOf(picture);
  for (let y = Math.max(top, 0); y <= Math.min(bottom, picture.height - 1); y += 1) {
    const row = y * picture.width;
    const end = Math.min(right, picture.width - 1) + 1;
    pixels.fill(packed(colour), row + Math.max(left, 0), Math.max(row + end, row));
  }
}

/** The rows of a disc: for each [y, first x, last x], relative to its middle. */
function discRows(size) {
  const rows = [];
  // The middle of an even size is a corner between pixels.
  const shift = size % 2 ? 0 : 0.5;
  const half = Math.floor(size / 2);
  for (let y = -half; y <= half; y += 1) {
    const reach = (size / 2) ** 2 - (y + shift) ** 2;
    if (reach < 0) continue;
    const across = Math.sqrt(reach);
    const [first, last] = [Math.ceil(-across - shift), Math.floor(across - shift)];
    if (first <= last) rows.push([y, first, last]);
  }
  return rows;
}

/** Draws a line of a disc of `size` pixels, from one pixel [x, y] to another. */
export function line(picture, from, to, size, colour) {
  const rows = discRows(size);
  const steps = Math.max(Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1]), 1);
  for (let step = 0; step <= steps; step += 1) {
    const x = Math.round(from[0] + ((to[0] - from[0]) * step) / steps);
    const y = Math.round(from[1] + ((to[1] - from[1]) * step) / steps);
    rows.forEach(([down, first, last]) => {
      if (x + last < 0 || x + first >= picture.width) return;
      rectangle(picture, [x + first, y + down], [x + last, y + down], colour);
    });
  }
}

/** Fills the area around a pixel [x, y] that has its colour. */
export function fill(picture, [x, y], colour) {
  const { data, width, height } = picture;
  const pixels = pixelsOf(picture);
  const seed = data.slice(4 * (y * width + x), 4 * (y * width + x) + 3);
  const seen = new Uint8Array(width * height);
  const isSame = (place) =>
    !seen[place] && seed.every((level, c) => Math.abs(data[4 * place + c] - level) <= TOLERANCE);
  const waiting = [y * width + x];
  while (waiting.length) {
    const place = waiting.pop();
    if (!isSame(place)) continue;
    const row = place - (place % width);
    let [left, right] = [place, place];
    while (left > row && isSame(left - 1)) left -= 1;
    while (right < row + width - 1 && isSame(right + 1)) right += 1;
    for (let n = left; n <= right; n += 1) {
      // Looked at before it is filled: the new colour may be near the old.
      if (row > 0 && isSame(n - width)) waiting.push(n - width);
      if (row < (height - 1) * width && isSame(n + width)) waiting.push(n + width);
    }
    pixels.fill(packed(colour), left, right + 1);
    seen.fill(1, left, right + 1);
  }
}
