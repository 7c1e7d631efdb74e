# Mesh Dojo as an image: the environment is made from the lock in the first stage and copied into the second.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python3 -m venv /opt/venv
COPY requirements.lock /srv/mesh-dojo/
RUN /opt/venv/bin/pip install --quiet --require-hashes --requirement /srv/mesh-dojo/requirements.lock
COPY pyproject.toml README.md /srv/mesh-dojo/
COPY app /srv/mesh-dojo/app
# Editable: app finds lessons, templates and static beside itself. Compiled here, since the root is read-only later;
# hashes that are not checked, because a registry may change the files' times.
RUN /opt/venv/bin/pip install --quiet --no-deps --no-build-isolation --editable /srv/mesh-dojo \
 && /opt/venv/bin/pip uninstall --quiet --yes hatchling editables trove-classifiers setuptools pip \
 && python3 -m compileall -q --invalidation-mode unchecked-hash /srv/mesh-dojo/app

FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="Mesh Dojo" \
      org.opencontainers.image.description="An interactive web lab in which people learn a service mesh by doing" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
# /data takes any account, as /tmp does: compose runs as the host's user, Kubernetes as 10001.
# An Istio release may be mounted on /opt/istio; its bin is on the PATH.
RUN mkdir -p /opt/istio && mkdir -m 1777 /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/mesh-dojo /srv/mesh-dojo
COPY lessons /srv/mesh-dojo/lessons
COPY templates /srv/mesh-dojo/templates
COPY static /srv/mesh-dojo/static
ENV PATH=/opt/venv/bin:/opt/istio/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/tmp \
    PYTHONUNBUFFERED=1 \
    MESH_DOJO_SANDBOX=false \
    MESH_DOJO_DATA_DIR=/data
WORKDIR /srv/mesh-dojo
USER 10001:10001
VOLUME /data
EXPOSE 8765
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8765/healthz', timeout=3)"]
ENTRYPOINT ["mesh-dojo"]
CMD ["serve", "--host", "0.0.0.0", "--insecure-http"]
