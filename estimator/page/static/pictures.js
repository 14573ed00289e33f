/** Files to pixels and back. */

// What a photo of more pixels is brought to on the way: browsers give pages no larger canvas.
const MOST_PIXELS = 1 << 24;

function canvasOf(width, height) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  return canvas;
}

/**
 * Takes the pixels of what can be drawn: a bitmap, or a video.
 * @returns {ImageData}
 */
export function pixelsOf(source, width, height) {
  const context = canvasOf(width, height).getContext("2d", { willReadFrequently: true });
  context.drawImage(source, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

/**
 * Decodes a picture's file, upright, with the colours as stored.
 * @param {Blob} file
 * @returns {Promise<ImageData>} Rejected if the browser cannot decode it.
 */
export async function decoded(file) {
  const bitmap = await createImageBitmap(file, {
    imageOrientation: "from-image",
    colorSpaceConversion: "none",
  });
  const scale = Math.min(1, Math.sqrt(MOST_PIXELS / (bitmap.width * bitmap.height)));
  const [width, height] = [bitmap.width, bitmap.height].map((side) =>
    Math.max(1, Math.round(side * scale)),
  );
  const pixels = pixelsOf(bitmap, width, height);
  bitmap.close();
  return pixels;
}

/**
 * Encodes pixels as a PNG file.
 * @param {ImageData} pixels
 * @returns {Promise<Blob>}
 */
export function encoded(pixels) {
  const canvas = canvasOf(pixels.width, pixels.height);
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  return new Promise((resolve) => {
    canvas.toBlob(resolve, "image/png");
  });
}

/** Has the browser save pixels as a PNG file of some name. */
export async function save(pixels, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await encoded(pixels));
  link.download = name;
  link.click();
  // Not at once: the browser has yet to read it.
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
