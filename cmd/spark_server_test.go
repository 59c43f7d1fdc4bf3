package cmd

import (
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/queries/engine/spark"
	"github.com/pidledger/pidledger/queries/engine/spark/connect"
)

// sparkServer is the Spark Connect server that make test-spark starts, as the settings that name it.
func sparkServer(t *testing.T) (values map[string][]string) {
	t.Helper()
	remote := os.Getenv("PIDLEDGER_SPARK_REMOTE")
	if remote == "" {
		t.Skip("SKIPPED: no Spark Connect server is here: make test-spark starts one")
	}
	return map[string][]string{"spark.remote": {remote}, "spark.token_file": {os.Getenv("PIDLEDGER_SPARK_TOKEN_FILE")}}
}

// Nights with a real server: in the first one the connection is lost, in the second one a worker is killed, whose process PIDLEDGER_SPARK_WORKER names.
func TestSparkConnect(t *testing.T) {
	server := sparkServer(t)
	lost := func(ctx context.Context, r connect.Remote, statements []spark.Statement, done func(int, time.Duration)) error {
		url, cut := cutWire(t, r.URL)
		r.URL = url
		count := 0
		return connect.Run(ctx, r, statements, func(i int, took time.Duration) {
			if count++; count == 60 {
				cut()
			}
			done(i, took)
		})
	}
	nightsOnSpark(t, server, lost, func(ctx context.Context, r connect.Remote, statements []spark.Statement, done func(int, time.Duration)) error {
		seconds, number := map[string]float64{}, map[string]int{} // several run at a time, so that the seconds of all are more than those of the night
		count, began := 0, time.Now()
		err := connect.Run(ctx, r, statements, func(i int, took time.Duration) {
			if pid, err := strconv.Atoi(os.Getenv("PIDLEDGER_SPARK_WORKER")); err == nil && count == 100 {
				worker, err := os.FindProcess(pid)
				if err := errors.Join(err, worker.Kill()); err != nil {
					t.Errorf("kill a worker: %v", err)
				}
			}
			stage := "views and settings"
			if m := sparkInsert.FindStringSubmatch(statements[i].Text); m != nil {
				stage = filepath.Base(filepath.Dir(m[1]))
			}
			seconds[stage] += took.Seconds()
			number[stage]++
			count++
			done(i, took)
		})
		if err == nil {
			t.Logf("all: %d statements, %.0f s", len(statements), time.Since(began).Seconds())
			for _, stage := range slices.Sorted(maps.Keys(seconds)) {
				t.Logf("%s: %d statements, %.0f s", stage, number[stage], seconds[stage])
			}
		}
		return err
	})
}

// cutWire is another address of a server, until cut is called.
func cutWire(t *testing.T, server string) (url string, cut func()) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	conns := []io.Closer{l}
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			to, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(server, "sc://"))
			if err != nil {
				from.Close()
				return
			}
			mu.Lock()
			conns = append(conns, from, to)
			mu.Unlock()
			go io.Copy(from, to)
			go io.Copy(to, from)
		}
	}()
	cut = sync.OnceFunc(func() {
		mu.Lock()
		defer mu.Unlock()
		for _, c := range conns {
			c.Close()
		}
	})
	t.Cleanup(cut)
	return "sc://" + l.Addr().String(), cut
}

// What is wrong with a server, or asks too much of it, is said with a way out, and nothing is published.
func TestSparkFaults(t *testing.T) {
	server := sparkServer(t)
	dir := t.TempDir()
	token := filepath.Join(dir, "token")
	if err := os.WriteFile(token, []byte("another one\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	l.Close()
	demo := filepath.Join("..", "testdata", "demo", "pidledger.yaml")
	for want, environ := range map[string][]string{
		"does not accept the token":                          {"PIDLEDGER_SPARK_TOKEN_FILE=" + token},
		"no Spark Connect server answers at " + closed + ":": {"PIDLEDGER_SPARK_REMOTE=sc://" + closed},
	} {
		environ = append(environ, "PIDLEDGER_ENGINE=spark", "PIDLEDGER_SPARK_FOLDER="+filepath.Join(dir, "lake"))
		code, _, errs := runWith(t, environ, "run", "--quiet", "--config", demo, "--ledger", filepath.Join(dir, "ledger"), "--report-dir", filepath.Join(dir, "reports"))
		if code != exit.Failed || !strings.Contains(errs, want) || !strings.Contains(errs, "Try: ") {
			t.Errorf("exit code %d, expected %q in\n%s", code, want, errs)
		}
		if _, err := os.Stat(filepath.Join(dir, "reports")); err == nil {
			t.Error("there are reports")
		}
	}
	secret, err := os.ReadFile(os.Getenv("PIDLEDGER_SPARK_TOKEN_FILE"))
	if err != nil {
		t.Fatal(err)
	}
	// One value larger than the memory of an executor, which Spark tries four times.
	out := filepath.Join(dir, "out")
	err = connect.Run(t.Context(), connect.Remote{URL: server["spark.remote"][0], Token: strings.TrimSpace(string(secret))}, []spark.Statement{
		{Name: "large", Text: "insert overwrite directory 'file://" + out + "' using parquet select repeat(cast(id as string), 1500000000) as v from range(1, 3)"},
		{Name: "pointer", Text: "insert overwrite directory 'file://" + out + "-published' using parquet select 1 as v", After: []int{0}},
	}, func(int, time.Duration) {})
	var e *connect.Error
	if !errors.As(err, &e) || !strings.Contains(err.Error(), "statement 1 of 2, large ran out of memory on Spark") || !strings.Contains(e.Try(), "more memory") {
		t.Errorf("too little memory: %v", err)
	}
	for _, gone := range []string{out + "/_SUCCESS", out + "-published"} {
		if _, err := os.Stat(gone); err == nil {
			t.Errorf("%s is there though memory ran out", gone)
		}
	}
}
