package spark

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// runScript has a real Spark run statements, and returns what it printed.
func runScript(t *testing.T, command, statements []string) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "script.sql")
	if err := os.WriteFile(file, []byte(strings.Join(statements, ";\n")+";\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), command[0], append(command[1:len(command):len(command)], file)...)
	run.Dir = dir
	var errw strings.Builder
	run.Stderr = &errw
	out, err := run.Output()
	if err != nil {
		text := errw.String()
		t.Fatalf("%v\n%s", err, text[max(0, len(text)-4000):])
	}
	return string(out)
}
