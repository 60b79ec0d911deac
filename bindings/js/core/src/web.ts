import type { Cotext } from "./cotext.js";
import { type ModuleSource, compileResponse, instantiate } from "./instantiate.js";

export * from "./api.js";
export type { ModuleSource } from "./instantiate.js";

/** Loads the module: that of this package, or the one that is given. Each call makes an instance. */
export function load(source?: ModuleSource): Promise<Cotext> {
  return instantiate(source, async () =>
    compileResponse(await fetch(new URL("./core.wasm", import.meta.url))),
  );
}
