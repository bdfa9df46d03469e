# Airflow with drift in it. Build: docker build -t drift-airflow . ; the configuration and every secret come in at run time.
FROM apache/airflow:slim-3.3.2-python3.11
# extras of nightdrift beside those below, such as transformer,pii
ARG EXTRAS=

USER root
RUN install -d -o airflow -g 0 -m 0775 /opt/airflow/auth /opt/airflow/logs /opt/drift
USER airflow
WORKDIR /opt/drift

# the packages first: they change less often than the code
COPY --chown=airflow:0 requirements-image.lock ./
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements-image.lock

COPY --chown=airflow:0 pyproject.toml README.md LICENSE ./
COPY --chown=airflow:0 drift drift
RUN pip install --no-cache-dir ".[airflow,postgres,s3,otel,calendar${EXTRAS:+,$EXTRAS}]" --extra-index-url https://download.pytorch.org/whl/cpu
COPY --chown=airflow:0 dags /opt/airflow/dags

WORKDIR /opt/airflow
