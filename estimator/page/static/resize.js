/**
 * Resizing as TensorFlow's ScaleAndTranslate does it, so that the page gives the network what
 * training gave it. Planes are Float32Array [height, width, channels].
 */

/** The filters by TensorFlow's names: radius, and weight at a distance of 0 or more. */
export const KERNELS = {
  triangle: { radius: 1, weight: (x) => Math.max(0, 1 - x) },
  // Keys (1981), with a = -0.5.
  keyscubic: {
    radius: 2,
    weight: (x) => {
      if (x >= 2) return 0;
      return x >= 1 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : (1.5 * x - 2.5) * x * x + 1;
    },
  },
};

/**
 * Says for one axis which lines each line of the result is made of.
 * @returns {Array<{start: number, weights: number[]}>} Without weights where the result is 0.
 */
function spansOf(count, wanted, scale, translation, kernel) {
  const spans = [];
  // A side that gets smaller is filtered, so that it does not alias.
  const spread = Math.max(1 / scale, 1);
  const reach = kernel.radius * spread;
  for (let place = 0; place < wanted; place += 1) {
    const centre = (place + 0.5 - translation) / scale;
    if (centre < 0 || centre > count) {
      spans.push({ start: 0, weights: [] });
      continue;
    }
    const start = Math.min(Math.max(Math.ceil(centre - reach - 0.5), 0), count - 1);
    const end = Math.min(Math.max(Math.floor(centre + reach - 0.5), 0), count - 1);
    const weights = [];
    for (let line = start; line <= end; line += 1) {
      weights.push(kernel.weight(Math.abs(line + 0.5 - centre) / spread));
    }
    const sum = weights.reduce((total, weight) => total + weight, 0);
    spans.push({ start, weights: weights.map((weight) => weight / sum) });
  }
  return spans;
}

/** Resizes along one axis: `lines` lines of `length` numbers each, `outer` times. */
function alongAxis(values, outer, lines, length, spans) {
  const result = new Float32Array(outer * spans.length * length);
  for (let block = 0; block < outer; block += 1) {
    spans.forEach(({ start, weights }, place) => {
      const target = (block * spans.length + place) * length;
      weights.forEach((weight, number) => {
        const source = (block * lines + start + number) * length;
        for (let n = 0; n < length; n += 1) result[target + n] += weight * values[source + n];
      });
    });
  }
  return result;
}

/**
 * Scales and moves a picture; what lies beyond it is 0.
 * @param {{values: Float32Array, height: number, width: number, channels: number}} plane
 * @param {number[]} size (height, width) of the result.
 * @param {number[]} scale Of both axes.
 * @param {number[]} translation Of both axes, in pixels of the result.
 * @param {string} kernel A key of `KERNELS`.
 * @returns Another plane.
 */
export function scaleAndTranslate(plane, size, scale, translation, kernel = "triangle") {
  const { values, height, width, channels } = plane;
  const [rows, columns] = [height, width].map((count, axis) =>
    spansOf(count, size[axis], scale[axis], translation[axis], KERNELS[kernel]),
  );
  const narrow = alongAxis(values, height, width, channels, columns);
  return {
    values: alongAxis(narrow, 1, height, size[1] * channels, rows),
    height: size[0],
    width: size[1],
    channels,
  };
}

/** Rounds halves to the even neighbour, as TensorFlow does. */
function rounded(value) {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** At which size a picture covers another size ("crop") or fits in ("pad"), and where it begins. */
function placed(original, size, fit) {
  const ratios = original.map((side, axis) => size[axis] / side);
  const ratio = fit === "crop" ? Math.max(...ratios) : Math.min(...ratios);
  // Single precision, in which TensorFlow rounds.
  const scaled = original.map((side) =>
    Math.max(rounded(Math.fround(side * Math.fround(ratio))), 1),
  );
  const excess = scaled.map((side, axis) => Math.floor((Math.max(side, size[axis]) - size[axis]) / 2));
  const margin = scaled.map((side, axis) => Math.floor((Math.max(side, size[axis]) - side) / 2));
  return { scaled, excess, margin };
}

/**
 * Brings a picture in [0, 255] to the network's size.
 * @param plane
 * @param {number[]} size (height, width).
 * @param {string} fit "stretch", "crop" or "pad", as the note's `resize`.
 */
export function fitted(plane, size, fit) {
  const original = [plane.height, plane.width];
  if (original[0] === size[0] && original[1] === size[1]) return plane;
  let resized;
  if (fit === "stretch") {
    const scale = original.map((side, axis) => size[axis] / side);
    resized = scaleAndTranslate(plane, size, scale, [0, 0]);
  } else {
    const { scaled, excess, margin } = placed(original, size, fit);
    const scale = scaled.map((side, axis) => side / original[axis]);
    const translation = margin.map((side, axis) => side - excess[axis]);
    resized = scaleAndTranslate(plane, size, scale, translation);
  }
  resized.values.forEach((value, place, values) => {
    values[place] = Math.min(Math.max(value, 0), 255);
  });
  return resized;
}

/**
 * Brings a picture in [-1, 1] of the network's size back to the size that its input had.
 * @param plane
 * @param {number[]} original (height, width) of the input.
 * @param {string} fit As for `fitted`. Margins of "pad" are cut off; of "crop" comes what was seen.
 */
export function restored(plane, original, fit) {
  const size = [plane.height, plane.width];
  let ratio = original.map((side, axis) => side / size[axis]);
  let start = [0, 0];
  let wanted = original;
  if (fit !== "stretch") {
    const { scaled, margin } = placed(original, size, fit);
    ratio = original.map((side, axis) => side / scaled[axis]);
    start = margin.map((side, axis) => side * ratio[axis]);
    wanted = scaled.map((side, axis) =>
      Math.max(rounded(Math.fround(Math.min(size[axis], side) * ratio[axis])), 1),
    );
  }
  const translation = start.map((side) => -side);
  const resized = scaleAndTranslate(plane, wanted, ratio, translation, "keyscubic");
  resized.values.forEach((value, place, values) => {
    values[place] = Math.min(Math.max(value, -1), 1);
  });
  return resized;
}
