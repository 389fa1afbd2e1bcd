# One image for console, worker and migrations. Nothing is fetched when it runs.

FROM node:24-slim AS assets
WORKDIR /assets
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --omit=dev

FROM python:3.11-slim-bookworm AS packages
COPY requirements/server.txt /requirements.txt
RUN python -m venv /opt/dukao/venv \
    && /opt/dukao/venv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r /requirements.txt

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --home-dir /var/lib/dukao --create-home --shell /usr/sbin/nologin dukao \
    && install -d -o dukao -g dukao /var/lib/dukao/evidence
# Our top-level names are generic, so our folder comes before everything that is installed, and the working directory never.
ENV PATH=/opt/dukao/venv/bin:$PATH PYTHONPATH=/opt/dukao/app PYTHONSAFEPATH=1 PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /opt/dukao/app
COPY --from=packages /opt/dukao/venv /opt/dukao/venv
COPY --from=assets /assets/node_modules/bootstrap/dist node_modules/bootstrap/dist
COPY --from=assets /assets/node_modules/htmx.org/dist node_modules/htmx.org/dist
COPY --from=assets /assets/node_modules/echarts/dist node_modules/echarts/dist
COPY package.json worker.py ./
COPY domain domain
COPY workflows workflows
COPY activities activities
COPY event_store event_store
COPY projections projections
COPY audit audit
COPY application application
COPY embedded embedded
COPY console console
COPY cli cli
COPY examples examples
COPY --chmod=755 deploy/bin/ /usr/local/bin/
RUN python -m compileall -q /opt/dukao/app
USER dukao
EXPOSE 8080
CMD ["dukao", "serve"]
