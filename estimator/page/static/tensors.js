/**
 * Pictures to the network's input and its output to pictures, as input_fn does it for 8 bits.
 * Pictures are what ImageData is: {data, width, height} with 4 bytes a pixel, RGBA.
 */

import { lightnessOf, rgbOf } from "./lab.js";
import { coloursOf, oneClassEach, planesOf } from "./planes.js";
import { fitted, restored } from "./resize.js";

// ITU-R BT.601, as training makes grey of colour.
const GREY = [0.299, 0.587, 0.114];

/** The colours of a picture as a plane in [0, 255]; RGBA if alpha is kept. */
function planeOf(picture, alpha, channels) {
  const count = picture.width * picture.height;
  const values = new Float32Array(count * channels);
  for (let n = 0; n < count; n += 1) {
    const opacity = alpha === "white" ? picture.data[4 * n + 3] / 255 : 1;
    for (let c = 0; c < channels; c += 1) {
      const level = picture.data[4 * n + c];
      values[channels * n + c] = c < 3 ? level * opacity + 255 * (1 - opacity) : level;
    }
  }
  return { values, height: picture.height, width: picture.width, channels };
}

/**
 * Makes the network's input of a picture of any size.
 * @param {ImageData} picture
 * @param {object} format `pair_format` of the note.
 * @returns {Float32Array} [height, width, channels] in [-1, 1].
 */
export function inputOf(picture, format) {
  const palette = format.input_palette;
  const stored = format.input_channels === 4 && !palette ? 4 : 3;
  let plane = planeOf(picture, format.alpha, stored);
  if (palette) plane = planesOf(plane, palette);
  const { values } = fitted(plane, format.fine_size, format.resize);
  if (palette) return oneClassEach(values, palette.length);
  if (format.lab) return lightnessOf(values);
  if (format.input_channels !== 1) return values.map((value) => value / 127.5 - 1);
  const grey = new Float32Array(values.length / 3);
  return grey.map((_, n) =>
    GREY.reduce((sum, weight, c) => sum + weight * (values[3 * n + c] / 127.5 - 1), 0),
  );
}

/** Resizes a label map so that where two classes meet there is no third; colours in [0, 255]. */
function fittedByClass(plane, format) {
  const planes = fitted(planesOf(plane, format.input_palette), format.fine_size, format.resize);
  const shown = coloursOf(planes, format.input_palette);
  return { ...shown, values: shown.values.map((value) => Math.round((value + 1) * 127.5)) };
}

/**
 * Brings a picture to the network's size, to be drawn on.
 * @param {ImageData} picture Of any size.
 * @param {object} format `pair_format` of the note.
 * @returns {ImageData}
 */
export function fittedPicture(picture, format) {
  const plane = planeOf(picture, format.alpha, format.alpha === "keep" ? 4 : 3);
  const { values, channels } = format.input_palette
    ? fittedByClass(plane, format)
    : fitted(plane, format.fine_size, format.resize);
  const [height, width] = format.fine_size;
  const result = new ImageData(width, height);
  for (let n = 0; n < height * width; n += 1) {
    for (let c = 0; c < 3; c += 1) result.data[4 * n + c] = values[channels * n + c];
    result.data[4 * n + 3] = channels === 4 ? values[4 * n + 3] : 255;
  }
  return result;
}

/** What is shown of an output: [height, width, 1, 3 or 4] in [-1, 1]. */
function shown(x, y, format) {
  const [height, width] = format.fine_size;
  if (format.lab) return { values: rgbOf(x, y), height, width, channels: 3 };
  const channels = format.output_channels;
  // Which class it is, is chosen at the size that is shown: colours in between would be of none.
  if (format.output_palette) return { values: y, height, width, channels };
  if ([1, 3, 4].includes(channels)) return { values: y, height, width, channels };
  // Of more channels the first three, of two the first, as predict.py's PNG files have it.
  const kept = channels > 3 ? 3 : 1;
  const values = new Float32Array(height * width * kept);
  values.forEach((_, n) => {
    values[n] = y[Math.floor(n / kept) * channels + (n % kept)];
  });
  return { values, height, width, channels: kept };
}

/**
 * Makes a picture of the network's output.
 * @param {Float32Array} x The input, [height, width, channels] in [-1, 1].
 * @param {Float32Array} y The output, likewise.
 * @param {object} format `pair_format` of the note.
 * @param {number[]} original (height, width) to bring it to, those of the picture that `x` was made
 *     of; null to leave it as the network made it.
 * @returns {{data: Uint8ClampedArray, width: number, height: number}}
 */
export function pictureOf(x, y, format, original = null) {
  const plane = shown(x, y, format);
  const sized = original === null ? plane : restored(plane, original, format.resize);
  const { values, height, width, channels } = format.output_palette
    ? coloursOf(sized, format.output_palette)
    : sized;
  // The type rounds to the nearest, halves to even, and cuts off.
  const data = new Uint8ClampedArray(4 * height * width);
  for (let n = 0; n < height * width; n += 1) {
    for (let c = 0; c < 3; c += 1) {
      data[4 * n + c] = (values[channels * n + (channels > 1 ? c : 0)] + 1) * 127.5;
    }
    data[4 * n + 3] = channels === 4 ? (values[4 * n + 3] + 1) * 127.5 : 255;
  }
  return { data, width, height };
}
