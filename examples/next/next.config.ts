import type { NextConfig } from "next";

const nextConfig: NextConfig = {
  // Leadkeep reads files of its own at run time, so it stays a package.
  serverExternalPackages: ["leadkeep"],
};

export default nextConfig;
