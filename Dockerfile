# syntax=docker/dockerfile:1
# One stage compiles, the other holds the one file. The compiler runs on the builder's platform and compiles for the target's.
FROM --platform=$BUILDPLATFORM node:22-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
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
FROM gcr.io/distroless/base-debian12:nonroot
COPY --from=build /out/leadgate /usr/local/bin/leadgate
# There is no shell to chown with, so the empty folder comes with its owner; a new volume takes both over.
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
WORKDIR /data
ENV HOST=0.0.0.0 PORT=8080 DATA_DIR=/data LOG_FORMAT=json
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 CMD ["leadgate", "healthcheck"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["leadgate"]
CMD ["serve"]
