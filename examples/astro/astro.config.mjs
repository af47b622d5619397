import node from "@astrojs/node";
import { defineConfig } from "astro/config";

export default defineConfig({
  adapter: node({ mode: "standalone" }),
  // The site's own address: behind a proxy Astro compares posts with it.
  security: { allowedDomains: [{ protocol: "https", hostname: "www.example.com" }] },
});
