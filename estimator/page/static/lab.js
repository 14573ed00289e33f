/** Colours in CIE Lab, scaled for a network; the constants are those of input_fn/lab.py. */

const LIGHTNESS_HALF_RANGE = 50;
const COLOUR_RANGE = 110;
// sRGB to XYZ (IEC 61966-2-1), white point D65.
const RGB_TO_XYZ = [
  [0.412453, 0.35758, 0.180423],
  [0.212671, 0.71516, 0.072169],
  [0.019334, 0.119193, 0.950227],
];
const WHITE = RGB_TO_XYZ.map((row) => row[0] + row[1] + row[2]);
const XYZ_TO_RGB = inverted(RGB_TO_XYZ);
// CIE 15: the cube root is continued by a straight line below this.
const EPSILON = (6 / 29) ** 3;

function inverted([[a, b, c], [d, e, f], [g, h, i]]) {
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  return [
    [e * i - f * h, c * h - b * i, b * f - c * e],
    [f * g - d * i, a * i - c * g, c * d - a * f],
    [d * h - e * g, b * g - a * h, a * e - b * d],
  ].map((row) => row.map((minor) => minor / determinant));
}

const product = (matrix, vector) =>
  matrix.map((row) => row[0] * vector[0] + row[1] * vector[1] + row[2] * vector[2]);

const toLinear = (value) =>
  value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;

const toCurved = (value) =>
  value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055;

/**
 * The lightness of RGB in [0, 255], in [-1, 1].
 * @param {Float32Array} rgb [any, 3]
 * @returns {Float32Array} [any]
 */
export function lightnessOf(rgb) {
  const lightness = new Float32Array(rgb.length / 3);
  for (let n = 0; n < lightness.length; n += 1) {
    const linear = [0, 1, 2].map((c) => toLinear(Math.min(Math.max(rgb[3 * n + c] / 255, 0), 1)));
    const y = product(RGB_TO_XYZ, linear)[1] / WHITE[1];
    const f = y > EPSILON ? Math.cbrt(y) : (y * 841) / 108 + 4 / 29;
    lightness[n] = (116 * f - 16) / LIGHTNESS_HALF_RANGE - 1;
  }
  return lightness;
}

/**
 * RGB in [-1, 1] of a lightness and colours a, b; what no screen can show is cut off.
 * @param {Float32Array} lightness [any] in [-1, 1]
 * @param {Float32Array} colour [any, 2] in [-1, 1]
 * @returns {Float32Array} [any, 3]
 */
export function rgbOf(lightness, colour) {
  const rgb = new Float32Array(3 * lightness.length);
  for (let n = 0; n < lightness.length; n += 1) {
    const y = ((lightness[n] + 1) * LIGHTNESS_HALF_RANGE + 16) / 116;
    const x = y + colour[2 * n] * (COLOUR_RANGE / 500);
    const z = y - colour[2 * n + 1] * (COLOUR_RANGE / 200);
    const xyz = [x, y, z].map(
      (f, c) => WHITE[c] * (f > 6 / 29 ? f * f * f : ((f - 4 / 29) * 108) / 841),
    );
    product(XYZ_TO_RGB, xyz).forEach((linear, c) => {
      rgb[3 * n + c] = toCurved(Math.min(Math.max(linear, 0), 1)) * 2 - 1;
    });
  }
  return rgb;
}
