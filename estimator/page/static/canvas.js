/** The input's canvas: what is drawn on it, by pointer or by keys, and what can be undone. */

import { blank, fill, line, rectangle } from "./drawing.js";

const HISTORY_BYTES = 1 << 26;

/** A canvas to draw on. Tells `changed(isFinished)` at each move, and at each stroke's end. */
export class DrawingCanvas {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {HTMLElement} cursor What shows where keys draw.
   * @param {number[]} size (height, width) of a drawing.
   * @param {number[]} background Its colour at the start.
   */
  constructor(canvas, cursor, size, background) {
    this.canvas = canvas;
    this.cursor = cursor;
    this.size = size;
    this.background = background;
    this.tool = { name: "brush", size: 1, colour: [0, 0, 0] };
    this.changed = () => {};
    this.isOpen = true;
    this.past = [];
    this.future = [];
    this.stroke = null;
    this.place = [size[1] >> 1, size[0] >> 1];
    this.pixels = this.#empty();
    this.#show();
    this.#listen();
  }

  /** Puts a picture in place of what there is, without asking for it to be translated. */
  set(pixels, isRemembered = true) {
    if (isRemembered) this.#remember();
    this.stroke = null;
    this.pixels = pixels;
    this.#show();
  }

  clear() {
    this.set(this.#empty());
    this.changed(true);
  }

  undo() {
    this.#step(this.past, this.future);
  }

  redo() {
    this.#step(this.future, this.past);
  }

  #empty() {
    return blank(this.size[1], this.size[0], this.background);
  }

  #copy() {
    return new ImageData(this.pixels.data.slice(), this.pixels.width, this.pixels.height);
  }

  #remember() {
    this.past.push(this.#copy());
    this.future = [];
    const bytes = () => this.past.reduce((sum, { data }) => sum + data.length, 0);
    while (this.past.length > 1 && bytes() > HISTORY_BYTES) this.past.shift();
  }

  #step(from, to) {
    if (!from.length || this.stroke) return;
    to.push(this.pixels);
    this.pixels = from.pop();
    this.#show();
    this.changed(true);
  }

  #show() {
    const { width, height } = this.pixels;
    if (this.canvas.width !== width || this.canvas.height !== height) {
      Object.assign(this.canvas, { width, height });
    }
    this.canvas.getContext("2d").putImageData(this.pixels, 0, 0);
  }

  #listen() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => {
      if (!this.isOpen || event.button !== 0 || this.stroke) return;
      canvas.setPointerCapture(event.pointerId);
      this.cursor.hidden = true;
      this.#begin(this.#placeOf(event), event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (this.stroke?.pointer !== event.pointerId) return;
      const moves = event.getCoalescedEvents?.() ?? [];
      (moves.length ? moves : [event]).forEach((move) => this.#move(this.#placeOf(move)));
      this.#show();
      this.changed(false);
    });
    canvas.addEventListener("pointerup", (event) => this.#end(event.pointerId));
    canvas.addEventListener("pointercancel", (event) => this.#end(event.pointerId));
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("blur", () => {
      this.cursor.hidden = true;
    });
  }

  #placeOf(event) {
    const box = this.canvas.getBoundingClientRect();
    return [
      Math.floor(((event.clientX - box.left) / box.width) * this.canvas.width),
      Math.floor(((event.clientY - box.top) / box.height) * this.canvas.height),
    ];
  }

  #begin(place, pointer) {
    this.#remember();
    this.stroke = { pointer, first: place, last: place, before: this.past[this.past.length - 1] };
    if (this.tool.name === "fill") this.#fillAt(place);
    else this.#move(place);
    this.#show();
    this.changed(false);
  }

  #fillAt([x, y]) {
    const isInside = x >= 0 && y >= 0 && x < this.pixels.width && y < this.pixels.height;
    if (isInside) fill(this.pixels, [x, y], this.tool.colour);
  }

  #move(place) {
    const { name, size, colour } = this.tool;
    if (name === "rectangle") {
      this.pixels.data.set(this.stroke.before.data);
      rectangle(this.pixels, this.stroke.first, place, colour);
    } else if (name !== "fill") {
      line(this.pixels, this.stroke.last, place, size, name === "eraser" ? this.background : colour);
    }
    this.stroke.last = place;
  }

  #end(pointer) {
    if (this.stroke?.pointer !== pointer) return;
    this.stroke = null;
    this.changed(true);
  }

  /** Arrows move a cursor, Space draws there; of a rectangle the first press is a corner. */
  #key(event) {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const move = moves[event.key];
    const isPress = event.key === " " || event.key === "Enter";
    if (!this.isOpen || (!move && !isPress) || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const isKeys = this.stroke?.pointer === "keys";
    if (move) {
      const step = event.shiftKey ? 1 : Math.max(1, Math.round(this.pixels.width / 32));
      const sides = [this.pixels.width, this.pixels.height];
      this.place = this.place.map((at, axis) =>
        Math.min(Math.max(at + step * move[axis], 0), sides[axis] - 1),
      );
      if (isKeys) this.#move(this.place);
    } else if (isKeys) {
      this.#end("keys");
    } else {
      this.#begin(this.place, "keys");
      if (this.tool.name !== "rectangle") this.#end("keys");
    }
    this.#show();
    this.cursor.hidden = false;
    this.cursor.style.left = `${((this.place[0] + 0.5) / this.pixels.width) * 100}%`;
    this.cursor.style.top = `${((this.place[1] + 0.5) / this.pixels.height) * 100}%`;
  }
}
