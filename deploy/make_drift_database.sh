#!/bin/sh
# Run once by the PostgreSQL image on an empty volume: drift's results have a database and a user of their own.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" -v password="$(cat /run/secrets/results_database_password)" <<'SQL'
CREATE USER drift PASSWORD :'password';
CREATE DATABASE drift OWNER drift;
REVOKE CONNECT ON DATABASE airflow FROM PUBLIC;
REVOKE CONNECT ON DATABASE drift FROM PUBLIC;
SQL
