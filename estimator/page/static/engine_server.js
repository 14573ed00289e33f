/** The network on the server that the page is from. */

import { decoded, encoded } from "./pictures.js";

/**
 * Makes an engine of the server's address; see `startInBrowser`.
 * @param {object} description What page.json holds.
 */
export async function startOnServer({ engine }) {
  return {
    ready: { name: engine.name ?? "server" },
    async translate({ pixels, file }, keepSize) {
      const begun = performance.now();
      const address = new URL(engine.address, window.location.href);
      if (keepSize) address.searchParams.set("keep_size", "true");
      // A file goes as it is, so that the server decodes it as training did.
      const response = await fetch(address, { method: "POST", body: file ?? (await encoded(pixels)) });
      if (!response.ok) {
        const { error } = await response.json().catch(() => ({}));
        throw new Error(error ?? `${response.status} ${response.statusText}`);
      }
      const picture = await decoded(await response.blob());
      return { picture, milliseconds: performance.now() - begun };
    },
  };
}
