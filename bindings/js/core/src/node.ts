import { webcrypto } from "node:crypto";
import { readFile } from "node:fs/promises";

import type { Cotext } from "./cotext.js";
import { type ModuleSource, instantiate } from "./instantiate.js";
import { setRandomSource } from "./random.js";

export * from "./api.js";
export type { ModuleSource } from "./instantiate.js";

setRandomSource(webcrypto);

/** Loads the module: that of this package, or the one that is given. Each call makes an instance. */
export function load(source?: ModuleSource): Promise<Cotext> {
  return instantiate(source, async () =>
    WebAssembly.compile(await readFile(new URL("./core.wasm", import.meta.url))),
  );
}
