// All that is used of Node's own, so that its types are not needed.
declare module "node:fs/promises" {
  export function readFile(path: URL): Promise<Uint8Array<ArrayBuffer>>;
}
declare module "node:crypto" {
  export const webcrypto: Crypto;
}
