import type { Cotext } from "./cotext.js";
import { type ModuleSource, compileResponse, instantiate } from "./instantiate.js";

export * from "./api.js";
export type { ModuleSource } from "./instantiate.js";

/**
 * Where the module lies: beside this file. Vite's development server runs a copy of this file out of
 * a folder of its own, which does not have it.
 */
function ownAddress(): URL {
  const here = import.meta.url;
  if (here.includes("/.vite/deps/")) return new URL("../../@cotext/core/dist/core.wasm", here);
  return new URL("./core.wasm", import.meta.url);  // In words that bundlers look for.
}

/** Loads the module: that of this package, or the one that is given. Each call makes an instance. */
export function load(source?: ModuleSource): Promise<Cotext> {
  return instantiate(source, async () => compileResponse(await fetch(ownAddress())));
}
