import { Cotext } from "./cotext.js";
import { CotextError } from "./errors.js";

/** Where the module comes from: its bytes, a compiled one, a response or an address that has it. */
export type ModuleSource =
  | WebAssembly.Module
  | BufferSource
  | Response
  | Promise<Response>
  | URL
  | string;

let ownModule: Promise<WebAssembly.Module> | undefined;

/**
 * Makes an instance of the module. `readOwn` returns the one that is beside this file, which is
 * compiled once.
 *
 * @internal
 */
export async function instantiate(
  source: ModuleSource | undefined,
  readOwn: () => Promise<WebAssembly.Module>,
): Promise<Cotext> {
  let module: WebAssembly.Module;
  if (source === undefined) {
    ownModule ??= readOwn();
    try {
      module = await ownModule;
    } catch (error) {
      ownModule = undefined;  // It may be there the next time.
      throw error;
    }
  } else {
    module = await compile(source);
  }
  return new Cotext(await WebAssembly.instantiate(module, {}));
}

async function compile(source: ModuleSource): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) {
    return WebAssembly.compile(source);
  }
  return compileResponse(
    typeof source === "string" || source instanceof URL ? await fetch(source) : await source,
  );
}

/** @internal */
export async function compileResponse(response: Response): Promise<WebAssembly.Module> {
  if (!response.ok) {
    throw new CotextError("io", `${response.url} was answered by ${response.status}`);
  }
  const type = response.headers.get("Content-Type") ?? "";
  if (type.startsWith("text/html")) {
    throw new CotextError("io", `${response.url} is a page, not the module: tell load() where it is`);
  }
  const isTyped = type === "application/wasm";
  // Only then a browser compiles what still comes.
  if (isTyped && WebAssembly.compileStreaming !== undefined) {
    return WebAssembly.compileStreaming(response);
  }
  return WebAssembly.compile(await response.arrayBuffer());
}
