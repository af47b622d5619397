# syntax=docker/dockerfile:1
# One process, one volume. Build: docker build -t leadkeep .
# Run:   docker run -p 8787:8787 -v leadkeep:/data --env-file .env leadkeep

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY . .
RUN node scripts/build.ts && npm prune --omit=dev --ignore-scripts

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8787 LEADKEEP_DATA=/data
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
RUN install -d -o node -g node -m 0700 /data
USER node
VOLUME /data
EXPOSE 8787
# The process lives (/healthz). Whether the ledger takes writes is /readyz, which an orchestrator routes by but does not kill by.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# On SIGTERM what is under way is finished, for up to 20 seconds: give it that long before SIGKILL (docker stop -t 25).
STOPSIGNAL SIGTERM
CMD ["node", "dist/cli/leadkeep.js", "start"]
