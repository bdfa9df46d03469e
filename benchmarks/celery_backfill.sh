#!/usr/bin/env bash
# A backfill on the set-up that docker-compose.yml describes, natively: CeleryExecutor, PostgreSQL, Redis, an object store (moto) and
# two workers. It must leave the same tables and lake as `drift backfill` on one machine, also when a worker is killed in its middle,
# and a second backfill over some of its days must change nothing and send nothing.
#
#   benchmarks/celery_backfill.sh [DAYS=60] [TRACES_PER_DAY=300]
#
# The code must not change while it runs: in a tree that others work on, run it from a clone with PYTHONPATH set to that clone.
# Needs Debian's postgresql and redis-server, .venv with the extras airflow, postgres and s3, and moto in $MOTO_VENV. Ports 555xx.
set -euo pipefail

DAYS="${1:-60}"
TRACES="${2:-300}"
UNTIL=2026-11-20
FROM=$(date -u -d "$UNTIL - $((DAYS - 1)) days" +%F)
AGAIN=$(date -u -d "$UNTIL - 3 days" +%F)
repo=$(cd "$(dirname "$0")/.." && pwd)
home="${WORK:-/tmp/drift-celery}"
moto="${MOTO_VENV:-/tmp/drift-servers/moto}"
pg=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb | tail -1)")
export PATH="$repo/.venv/bin:$PATH"
rm -rf "$home" && mkdir -p "$home"/{pg,logs,work} && cd "$home/work"
started=()
trap 'for p in "${started[@]}"; do kill "$p" 2>/dev/null || true; done; as_postgres "$pg/pg_ctl" -D "$home/pg" -m fast stop >/dev/null || true' EXIT

say() { echo "$(date +%T) $*"; }
as_postgres() { if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi; }
start() { # name, command …
  local name=$1; shift
  "$@" >"$home/logs/$name.log" 2>&1 &
  started+=($!)
  eval "pid_${name//-/_}=$!"
}
runs() { psql -qtA "$AIRFLOW_PG" -c "select count(*) from dag_run where dag_id='nightly_drift' and state='$1'"; }
wait_for_runs() { # how many successes, patience in seconds
  for _ in $(seq $(($2 / 5))); do
    [ "$(runs success)" -ge "$1" ] && return
    [ "$(runs failed)" -gt 0 ] && { say "a night failed"; return 1; }
    sleep 5
  done
  say "only $(runs success) nights after $2 s"; return 1
}

# --- servers
[ "$(id -u)" = 0 ] && chown postgres "$home/pg"
as_postgres "$pg/initdb" -D "$home/pg" -U drift --auth=trust >/dev/null
as_postgres "$pg/pg_ctl" -D "$home/pg" -w -o "-p 55432 -k /tmp -c max_connections=200" -l "$home/pg/log" start >/dev/null
for db in airflow drift; do psql -q "postgresql://drift@127.0.0.1:55432/postgres" -c "create database $db"; done
AIRFLOW_PG=postgresql://drift@127.0.0.1:55432/airflow
start redis redis-server --port 55379 --save "" --bind 127.0.0.1
start moto "$moto/bin/moto_server" -H 127.0.0.1 -p 55000
start hook python "$repo/benchmarks/webhook_counter.py" 55009 "$home/told"

# --- the same configuration for both, and where each keeps what it makes
cat >drift.toml <<TOML
[store]
type = "demo"
traces_per_day = $TRACES
scenario = "twelve"
until = $UNTIL
[pull]
shards = 2
[embeddings]
enabled = false
TOML
export DRIFT_CONFIG="$PWD/drift.toml" DRIFT_SALT=salt OMP_NUM_THREADS=1
say "one machine: drift backfill $FROM … $UNTIL"
SECONDS=0
DRIFT_LAKE__URL="$home/one/lake" DRIFT_RESULTS__URL="sqlite:///$home/one.db" drift backfill --from "$FROM" --to "$UNTIL" >"$home/logs/one.log" 2>&1 || [ $? = 3 ]
say "one machine: $SECONDS s"

export DRIFT_LAKE__URL=s3://drift/lake DRIFT_RESULTS__URL=postgresql://drift@127.0.0.1:55432/drift
export DRIFT_SLACK_WEBHOOK=http://127.0.0.1:55009/services/T/B/X
export AWS_ENDPOINT_URL=http://127.0.0.1:55000 AWS_ACCESS_KEY_ID=moto AWS_SECRET_ACCESS_KEY=moto AWS_DEFAULT_REGION=us-east-1
python -c "import boto3; boto3.client('s3').create_bucket(Bucket='drift')"

export AIRFLOW_HOME="$home/airflow" AIRFLOW__CORE__DAGS_FOLDER="$repo/dags" AIRFLOW__CORE__LOAD_EXAMPLES=False
export AIRFLOW__CORE__EXECUTOR=CeleryExecutor AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=postgresql+psycopg2://drift@127.0.0.1:55432/airflow
export AIRFLOW__CELERY__BROKER_URL=redis://127.0.0.1:55379/0 AIRFLOW__CELERY__RESULT_BACKEND=db+postgresql://drift@127.0.0.1:55432/airflow
export AIRFLOW__CELERY__WORKER_CONCURRENCY=4 AIRFLOW__API_AUTH__JWT_SECRET=$(head -c 24 /dev/urandom | base64)
export AIRFLOW__API__PORT=55080 AIRFLOW__API__WORKERS=1 AIRFLOW__API__BASE_URL=http://127.0.0.1:55080
export AIRFLOW__CORE__EXECUTION_API_SERVER_URL=http://127.0.0.1:55080/execution/
export AIRFLOW__DRIFT__POOL=drift_store AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL=1
# only the backfill: a DAG that is not paused would run last night too
export AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE=False
# a busy machine answers late
export AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT=60
# a killed worker's tasks are given up after this many seconds instead of 300, and those it had not begun instead of 600
export AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT=90 AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL=5
export AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT=90 AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL=5
airflow db migrate >"$home/logs/migrate.log" 2>&1
airflow pools set drift_store 4 "tasks that ask the trace store" >/dev/null 2>&1
worker() { AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT=$((55790 + $1)) start "worker$1" nice -n 5 airflow celery worker -H "w$1@%h" --pid "$home/w$1.pid"; }
start api airflow api-server
start dags airflow dag-processor
start triggerer airflow triggerer
start scheduler airflow scheduler
worker 1; worker 2
for _ in $(seq 60); do airflow dags list 2>/dev/null | grep -q nightly_drift && break; sleep 2; done
airflow dags unpause --yes nightly_drift >/dev/null 2>&1

say "Celery: backfill of $DAYS days"
SECONDS=0
airflow backfill create --dag-id nightly_drift --from-date "$FROM" --to-date "$UNTIL" --max-active-runs 4 --reprocess-behavior none >"$home/logs/backfill.log" 2>&1
wait_for_runs $((DAYS / 3)) 3600
victim=$pid_worker1
say "kill -9 worker 1 after $(runs success) nights, $SECONDS s"
pkill -9 -P "$victim" || true; kill -9 "$victim"
sleep 20
rm -f "$home/w1.pid"; mv "$home/logs/worker1.log" "$home/logs/worker1_killed.log"; worker 1
say "worker 1 is back"
wait_for_runs "$DAYS" 7200
say "Celery: $SECONDS s for $DAYS days, $(psql -qtA "$AIRFLOW_PG" -c "select count(*) from task_instance where try_number > 1 and dag_id = 'nightly_drift'") tasks tried again"
for n in 1 2; do say "worker $n finished $(cat "$home"/logs/worker$n*.log | grep -c "succeeded in") tasks"; done
# which worker ran a task is in the workers' logs, by the id that Celery gave it
for n in 1 2; do grep -hoP 'execute_workload\[\K[^\]]+(?=\] succeeded)' "$home"/logs/worker$n*.log | sed "s/^/$n\t/"; done >"$home/ran.tsv"
psql -qtA "$AIRFLOW_PG" -c "create table ran (worker int, id text)" -c "\copy ran from '$home/ran.tsv'" -c "
  select 'days of which both workers pulled a shard at once: ' || count(distinct a.run_id)
  from task_instance a join ran x on x.id = a.external_executor_id
  join task_instance b using (dag_id, run_id) join ran y on y.id = b.external_executor_id
  where a.task_id = 'pull' and b.task_id = 'pull' and x.worker < y.worker
  and a.start_date < b.end_date and b.start_date < a.end_date"
compare() { python "$repo/benchmarks/same_tables.py" "$home/one/lake" "sqlite:///$home/one.db" "$DRIFT_LAKE__URL" "$DRIFT_RESULTS__URL"; }
compare

say "again: the last four days"
airflow backfill create --dag-id nightly_drift --from-date "$AGAIN" --to-date "$UNTIL" --max-active-runs 4 --reprocess-behavior completed >>"$home/logs/backfill.log" 2>&1
sleep 10
wait_for_runs "$DAYS" 1800
compare
say "messages sent to Slack: $(wc -l <"$home/told" 2>/dev/null || echo 0)"
