#!/usr/bin/env bash
# The same ledger on DuckDB and on a real Spark: a standalone master, two workers with their own JVMs, and spark-sql or a Spark Connect server as the driver,
# all on loopback. Each version in SPARK is installed from PyPI below bin/spark. What was started is stopped by its process id, also after a failure.
# Exit code 3: there is no Java, or no pyspark, so nothing was compared.
#
# Arguments are parts, in this order; without any all are run:
#   expressions  what both engines compute alike, in one JVM: CI runs this one alone
#   script       the demo by spark-sql -f, and the plans of all statements
#   night        a lost connection, a killed worker, wrong token and address, too little memory, on the demo
#   worlds       both worlds and all cases of counting, in random nights and under every setting
#   scale        time against rows: SCALES
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD

if ! command -v java >/dev/null; then
  echo "SKIPPED: Spark needs Java 17, which is not here: nothing was compared with it" >&2
  exit 3
fi

started=() # processes, the driver first
work=
stop() {
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${started[@]}"; do wait "$pid" 2>/dev/null || true; done
  started=()
  [ -z "$work" ] || rm -rf "$work" || true
  work=
}
trap stop EXIT
trap 'exit 130' INT TERM

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# wait_for LOG TEXT PROCESS: until a line with the text is in the log of a process
wait_for() {
  for _ in $(seq 600); do
    grep -qs "$2" "$1" && return
    kill -0 "$3" || break
    sleep 0.5
  done
  echo "no '$2' in $1:" >&2
  tail -20 "$1" >&2
  return 1
}

# install VERSION: pyspark below bin/spark, and how it is started
install() {
  local venv=$root/bin/spark/$1
  if [ ! -e "$venv/ready" ]; then
    echo "== install pyspark $1"
    python3 -m venv "$venv" && timeout 300 "$venv/bin/pip" -q --retries 1 install "pyspark==$1" && touch "$venv/ready" || {
      echo "SKIPPED: pyspark $1 cannot be installed here: nothing was compared with it" >&2
      exit 3
    }
  fi
  work=$(mktemp -d)
  mkdir "$work/events"
  SPARK_HOME=$(echo "$venv"/lib/python3*/site-packages/pyspark)
  export SPARK_HOME SPARK_LOCAL_IP=127.0.0.1 SPARK_DAEMON_MEMORY=256m SPARK_WORKER_DIR=$work/work SPARK_LOCAL_DIRS=$work/local
  # Short programs: the first compiler alone takes less processor time than it saves.
  java="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
  session=(--driver-memory 1g --driver-java-options "$java" --conf spark.ui.enabled=false --conf spark.sql.catalogImplementation=in-memory)
  # Small data: few partitions, and no code is generated for it, which would take most of the time.
  small=(--conf spark.sql.shuffle.partitions=2 --conf spark.sql.codegen.wholeStage=false --conf spark.sql.codegen.factoryMode=NO_CODEGEN)
}

# cluster: a master and two workers, below the folder work
cluster() {
  local w
  master=spark://127.0.0.1:$(free_port)
  "$SPARK_HOME/bin/spark-class" org.apache.spark.deploy.master.Master --host 127.0.0.1 --port "${master##*:}" --webui-port 0 >"$work/master.log" 2>&1 &
  started=($!)
  wait_for "$work/master.log" "I have been elected leader" $!
  for w in 1 2; do
    "$SPARK_HOME/bin/spark-class" org.apache.spark.deploy.worker.Worker --host 127.0.0.1 -c 1 -m 1g --webui-port 0 "$master" >"$work/worker-$w.log" 2>&1 &
    worker=$!
    started+=("$worker")
    wait_for "$work/worker-$w.log" "Successfully registered with master" "$worker"
  done
  session+=(--master "$master" --executor-memory 800m --conf "spark.executor.extraJavaOptions=$java")
}

# spark_sql: a command that runs the statements of a file. The options hold blanks, which a variable of words cannot: a script holds them.
spark_sql() {
  printf '#!/bin/sh\nexec %s "$@"\n' "$(printf '%q ' "$SPARK_HOME/bin/spark-sql" "${session[@]}" "${small[@]}" --conf spark.log.level=ERROR -f)" >"$work/spark-sql"
  chmod +x "$work/spark-sql"
  export PIDLEDGER_SPARK_SQL=$work/spark-sql
}

# connect OPTION...: a Spark Connect server, which wants a token
connect() {
  local port
  port=$(free_port)
  PIDLEDGER_SPARK_TOKEN_FILE=$work/token
  python3 -c 'import secrets; print(secrets.token_hex())' >"$PIDLEDGER_SPARK_TOKEN_FILE"
  # Spark takes the memory of this driver from that of daemons.
  SPARK_DAEMON_MEMORY=1g SPARK_CONNECT_AUTHENTICATE_TOKEN=$(cat "$PIDLEDGER_SPARK_TOKEN_FILE") "$SPARK_HOME/bin/spark-submit" "${session[@]}" "$@" \
    --conf spark.connect.grpc.binding.address=127.0.0.1 --conf "spark.connect.grpc.binding.port=$port" \
    --class org.apache.spark.sql.connect.service.SparkConnectServer spark-internal >"$work/connect.log" 2>&1 &
  started=($! "${started[@]}")
  wait_for "$work/connect.log" "Spark Connect server started at" "${started[0]}"
  export PIDLEDGER_SPARK_REMOTE=sc://127.0.0.1:$port PIDLEDGER_SPARK_TOKEN_FILE
}

test_spark() { go test -tags spark "$@" -count=1 -timeout 6h -v; }

[ $# -gt 0 ] || set -- expressions script night worlds scale
for version in ${SPARK:-4.0.5 4.3.0}; do
  for part in "$@"; do
    install "$version"
    echo "== $part on Spark $version (${SECONDS}s)"
    [ "$part" = expressions ] || cluster
    case $part in
    expressions)
      session+=(--master "local[1]")
      spark_sql
      test_spark ./queries/engine/spark -run '^TestExpressionsOnSpark$'
      ;;
    script)
      spark_sql
      test_spark ./cmd -run '^TestSpark$'
      ;;
    night)
      connect "${small[@]}"
      PIDLEDGER_SPARK_WORKER=$worker test_spark ./cmd -run '^TestSparkConnect$'
      grep -q "Lost executor\|Executor.*removed\|worker lost" "$work/connect.log" || { echo "the worker was not missed: nothing is proved by its end" >&2; exit 1; }
      test_spark ./cmd -run '^TestSparkFaults$'
      ;;
    worlds)
      connect "${small[@]}"
      test_spark ./cmd -run '^TestSparkWorlds$' -parallel 4
      ;;
    scale)
      connect --conf spark.sql.shuffle.partitions=8 --conf spark.eventLog.enabled=true --conf "spark.eventLog.dir=file://$work/events" \
        --conf spark.eventLog.compress=false --conf spark.eventLog.rolling.enabled=false
      PIDLEDGER_SPARK_EVENTS=$work/events PIDLEDGER_SPARK_SCALES=${SCALES:-0.05 0.1 0.2 0.4} test_spark ./cmd -run '^TestSparkScale$'
      ;;
    *)
      echo "no part $part: expressions, script, night, worlds or scale" >&2
      exit 2
      ;;
    esac
    stop
  done
done
