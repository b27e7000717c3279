import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const service = process.env.IRONBRIDGE_SERVICE ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    // Inside the Python package, so that the wheel and the service carry the console.
    outDir: "../src/ironbridge/api/static",
    emptyOutDir: true,
    target: "es2022",
    // The service sends a strict content policy: nothing is inlined as a data URL.
    assetsInlineLimit: 0,
    rollupOptions: { output: { manualChunks: (id) => (id.includes("node_modules") ? "vendor" : null) } },
  },
  server: {
    host: "127.0.0.1",
    proxy: { "/api": { target: service, ws: true } },
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/test-setup.ts"],
    restoreMocks: true,
  },
});
