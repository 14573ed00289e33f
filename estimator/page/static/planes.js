/** Label pictures as planes, one to a class, and back to their colours: input_fn/planes.py. */

/** The place of the greatest of `count` numbers from `start` on; of equals the first. */
function greatest(values, start, count) {
  let best = 0;
  for (let n = 1; n < count; n += 1) {
    if (values[start + n] > values[start + best]) best = n;
  }
  return best;
}

/**
 * Gives each pixel to the class whose colour is nearest.
 * @param {{values: Float32Array, height: number, width: number, channels: number}} plane In
 *     [0, 255], of 3 channels.
 * @param {number[][]} palette A colour, [red, green, blue], to each class.
 * @returns Planes, like it: 255 in that of the class, else 0.
 */
export function planesOf({ values, height, width }, palette) {
  const classes = palette.length;
  const planes = new Float32Array(height * width * classes);
  const nearness = new Float32Array(classes);
  for (let n = 0; n < height * width; n += 1) {
    palette.forEach((colour, number) => {
      nearness[number] = colour.reduce((sum, part, c) => sum + part * (2 * values[3 * n + c] - part), 0);
    });
    planes[n * classes + greatest(nearness, 0, classes)] = 255;
  }
  return { values: planes, height, width, channels: classes };
}

/** Gives each pixel to the class that has most of it: 1, else 0; 0 throughout beyond the picture. */
export function oneClassEach(planes, classes) {
  const result = new Float32Array(planes.length);
  for (let start = 0; start < planes.length; start += classes) {
    const place = start + greatest(planes, start, classes);
    if (planes[place] > 0) result[place] = 1;
  }
  return result;
}

/** Shows the class that has most of each pixel; 3 channels in [-1, 1]. */
export function coloursOf({ values, height, width, channels }, palette) {
  const colours = new Float32Array(height * width * 3);
  for (let n = 0; n < height * width; n += 1) {
    const colour = palette[greatest(values, n * channels, channels)];
    colour.forEach((part, c) => {
      colours[3 * n + c] = part / 127.5 - 1;
    });
  }
  return { values: colours, height, width, channels: 3 };
}
