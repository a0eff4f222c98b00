# syntax=docker/dockerfile:1
# One stage compiles, the other holds the one file. The compiler runs on the builder's platform and compiles for the target's.
# Exact versions; to pin bytes, give digests: --build-arg NODE_IMAGE=node@sha256:… --build-arg BASE_IMAGE=….
# Distroless has no tags of versions: `nonroot` moves with Debian's security updates.
ARG NODE_IMAGE=node:22.20.0-bookworm-slim
ARG BASE_IMAGE=gcr.io/distroless/base-debian12:nonroot

FROM --platform=$BUILDPLATFORM $NODE_IMAGE AS build
WORKDIR /build
COPY package.json package-lock.json ./
# Not npm ci, which refuses a lock without other platforms' optional packages; what is installed is the lock's, checked by its hashes.
RUN npm install --no-save --no-audit --no-fund
COPY tsconfig.json bunfig.toml ./
COPY scripts scripts
COPY src src
ARG TARGETARCH
RUN case "$TARGETARCH" in \
      amd64) target=bun-linux-x64 ;; \
      arm64) target=bun-linux-arm64 ;; \
      *) echo "There is no build for $TARGETARCH; amd64 and arm64 are supported." >&2; exit 1 ;; \
    esac \
    && npm run build -- --target="$target" --outfile=/out/leadgate \
    && mkdir /out/data

# base and not static: the executable needs glibc (libc, libm, libdl, libpthread) and nothing else.
FROM $BASE_IMAGE
COPY --from=build /out/leadgate /usr/local/bin/leadgate
# There is no shell to chown with, so the empty folder comes with its owner; a new volume takes both over.
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
WORKDIR /data
ENV HOST=0.0.0.0 PORT=8080 DATA_DIR=/data LOG_FORMAT=json
# What the server sets and starts itself once more for where it is missing (src/runtime/process-memory.ts).
ENV BUN_JSC_useWarmUpMarkedBlocks=0 BUN_JSC_useFTLJIT=0 BUN_JSC_forceRAMSize=512000000 MIMALLOC_PURGE_DELAY=10000
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 CMD ["leadgate", "healthcheck"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["leadgate"]
CMD ["serve"]
