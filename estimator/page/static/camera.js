/** The camera: a press begins to show what it sees, the next takes the picture. */

import { pixelsOf } from "./pictures.js";
import { say } from "./texts.js";

const WANTED_WIDTH = 640;

/**
 * Connects the camera's button.
 * @param {HTMLButtonElement} button
 * @param {function} show Of pixels, each frame, and of whether it is the one that was taken.
 * @param {function} fail Of a text that says why there is no picture.
 * @returns {function} Turns the camera off.
 */
export function connectCamera(button, show, fail) {
  const video = Object.assign(document.createElement("video"), { muted: true, playsInline: true });
  const label = button.querySelector("span");
  const text = label.textContent;
  // Browsers give it to pages of https and of this machine only.
  button.hidden = !navigator.mediaDevices?.getUserMedia;

  const frame = (isTaken) => {
    if (video.videoWidth) show(pixelsOf(video, video.videoWidth, video.videoHeight), isTaken);
  };
  const stop = () => {
    if (!video.srcObject) return;
    video.srcObject.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
    label.textContent = text;
  };
  const loop = () => {
    if (!video.srcObject) return;
    frame(false);
    requestAnimationFrame(loop);
  };

  button.addEventListener("click", async () => {
    if (video.srcObject) {
      frame(true);
      stop();
      return;
    }
    try {
      video.srcObject = await navigator.mediaDevices.getUserMedia({
        video: { width: { ideal: WANTED_WIDTH } },
      });
      label.textContent = say("Take the picture");
      await video.play();
      loop();
    } catch {
      stop();
      fail(say("There is no camera, or the browser does not let this page use it."));
    }
  });
  return stop;
}
