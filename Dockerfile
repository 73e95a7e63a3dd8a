# docker build -t lblint . && docker run --rm -v "$PWD:/work:ro" lblint check .
#
# For a build that is the same to the byte, give the base by its digest: --build-arg PYTHON=python@sha256:…
ARG PYTHON=python:3.13.1-slim-bookworm

FROM ${PYTHON} AS build
COPY . /src
RUN python -m venv /opt/lblint \
    && /opt/lblint/bin/python -m pip install --no-cache-dir --no-compile /src \
    && /opt/lblint/bin/python -m pip uninstall --yes --quiet setuptools pip \
    && /opt/lblint/bin/python -m compileall -q /opt/lblint/lib

FROM ${PYTHON}
LABEL org.opencontainers.image.title="lblint" \
      org.opencontainers.image.description="The gate in front of a shared Docker Swarm ingress" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/lblint /opt/lblint
ENV PATH=/opt/lblint/bin:$PATH
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["lblint"]
CMD ["--help"]
