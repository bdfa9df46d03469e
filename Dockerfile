# Airflow with drift in it. Build: docker build -t drift-airflow . ; the configuration and every secret come in at run time.
FROM apache/airflow:slim-3.3.2-python3.11

USER root
RUN install -d -o airflow -g 0 -m 0775 /opt/airflow/auth /opt/airflow/logs /opt/drift
USER airflow
WORKDIR /opt/drift

# the packages first: they change less often than the code
COPY --chown=airflow:0 pyproject.toml requirements.lock ./
RUN pip install --no-cache-dir -c requirements.lock torch --extra-index-url https://download.pytorch.org/whl/cpu

COPY --chown=airflow:0 drift drift
COPY --chown=airflow:0 checks checks
RUN pip install --no-cache-dir -c requirements.lock ".[airflow,postgres,s3,otel]"
COPY --chown=airflow:0 dags /opt/airflow/dags

WORKDIR /opt/airflow
