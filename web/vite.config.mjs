import path from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const root = path.dirname(fileURLToPath(import.meta.url));

export default defineConfig({
  root,
  appType: "mpa",
  logLevel: "warn",
  build: {
    target: "es2022",
    outDir: path.join(root, "dist"),
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2_000,
    rollupOptions: {
      input: { index: path.join(root, "index.html"), live: path.join(root, "live.html") },
    },
  },
});
