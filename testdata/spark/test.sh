#!/usr/bin/env bash
# The same ledger on DuckDB and on a real Spark: a standalone master, two workers with their own JVMs, and first spark-sql, then a Spark Connect server as
# the driver, all on loopback. One of the workers is killed while the server runs the statements of a night.
# Every version of SPARK is installed from PyPI below bin/spark; what was started is stopped by its process id. Arguments go to go test.
set -euo pipefail
cd "$(dirname "$0")/../.."

if ! command -v java >/dev/null; then
  echo "SKIPPED: Spark needs Java 17: nothing was compared with it" >&2
  exit 0
fi

started=()
stop() {
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${started[@]}"; do wait "$pid" 2>/dev/null || true; done
  started=()
}
trap stop EXIT

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# wait_for LOG TEXT: until a line with the text is in the log
wait_for() {
  for _ in $(seq 240); do
    grep -q "$2" "$1" && return
    sleep 0.5
  done
  echo "no '$2' in $1:" >&2
  tail -20 "$1" >&2
  return 1
}

for version in ${SPARK:-4.0.5 4.3.0}; do
  venv=$PWD/bin/spark/$version
  if [ ! -e "$venv/ready" ]; then
    echo "== install pyspark $version"
    python3 -m venv "$venv"
    "$venv/bin/pip" -q install "pyspark==$version"
    touch "$venv/ready"
  fi
  SPARK_HOME=$(echo "$venv"/lib/python3*/site-packages/pyspark)
  export SPARK_HOME SPARK_LOCAL_IP=127.0.0.1 SPARK_DAEMON_MEMORY=256m
  work=$(mktemp -d)
  export SPARK_WORKER_DIR=$work/work SPARK_LOCAL_DIRS=$work/local
  echo "== start Spark $version"
  port=$(free_port)
  "$SPARK_HOME/bin/spark-class" org.apache.spark.deploy.master.Master --host 127.0.0.1 --port "$port" --webui-port 0 >"$work/master.log" 2>&1 &
  started+=($!)
  wait_for "$work/master.log" "I have been elected leader"
  workers=()
  for w in 1 2; do
    "$SPARK_HOME/bin/spark-class" org.apache.spark.deploy.worker.Worker --host 127.0.0.1 -c 1 -m 1g --webui-port 0 "spark://127.0.0.1:$port" >"$work/worker-$w.log" 2>&1 &
    started+=($!)
    workers+=($!)
    wait_for "$work/worker-$w.log" "Successfully registered with master"
  done
  # Small data: few partitions, and no code is generated for it, which would take most of the time.
  session=(--master "spark://127.0.0.1:$port" --driver-memory 900m --executor-memory 700m
    --conf spark.ui.enabled=false --conf spark.sql.catalogImplementation=in-memory --conf spark.sql.shuffle.partitions=2
    --conf spark.sql.codegen.wholeStage=false)
  export PIDLEDGER_SPARK_SQL="$SPARK_HOME/bin/spark-sql ${session[*]} --conf spark.log.level=ERROR -f"
  echo "== compare expressions"
  go test ./queries/engine/spark -run '^TestExpressionsOnSpark$' -count=1 -v
  echo "== compare what the script makes"
  go test ./cmd -run '^TestSpark$' -count=1 -timeout 120m -v "$@"
  echo "== a night with engine: spark, and a worker that is killed"
  connect=$(free_port)
  SPARK_DAEMON_MEMORY=900m "$SPARK_HOME/bin/spark-submit" "${session[@]}" --conf spark.connect.grpc.binding.address=127.0.0.1 --conf "spark.connect.grpc.binding.port=$connect" \
    --class org.apache.spark.sql.connect.service.SparkConnectServer spark-internal >"$work/connect.log" 2>&1 &
  started+=($!)
  wait_for "$work/connect.log" "Spark Connect server started at"
  PIDLEDGER_SPARK_CONNECT=sc://127.0.0.1:$connect go test -tags spark ./cmd -run '^TestSparkConnect$' -count=1 -timeout 60m -v &
  night=$!
  started+=("$night")
  wait_for "$work/connect.log" "Starting job" # the first statement that has rows
  sleep 60
  kill -9 "${workers[1]}"
  wait "$night"
  grep -q "Lost executor\|Executor.*removed\|worker lost" "$work/connect.log" || { echo "the worker was not missed: nothing is proved by its end" >&2; exit 1; }
  stop
  rm -rf "$work"
done
