package cmd

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/queries"
)

// The examples of our documents that people copy onto machines are checked here, as far as the machine has what checks them.

const installed = "/usr/local/bin/pidledger"

// fenced returns the fenced blocks of our documents: those whose first line is a comment with the path of a file under that path, the others
// under their language.
func fenced(t *testing.T) map[string]string {
	t.Helper()
	blocks := map[string]string{}
	for _, d := range documents(t) {
		for _, m := range regexp.MustCompile("(?ms)^```([a-z]+)\n(.*?)^```$").FindAllStringSubmatch(d.text, -1) {
			first, _, _ := strings.Cut(m[2], "\n")
			if name, ok := strings.CutPrefix(first, "# "); ok && !strings.Contains(name, " ") {
				blocks[name] = m[2]
			} else {
				blocks[m[1]] += m[2]
			}
		}
	}
	return blocks
}

// example returns one of them, which must be there.
func example(t *testing.T, name string) string {
	t.Helper()
	text, ok := fenced(t)[name]
	if !ok {
		t.Fatalf("no document has %s", name)
	}
	return text
}

// need looks for a program that checks an example.
func need(t *testing.T, name string) string {
	t.Helper()
	found, err := exec.LookPath(name)
	if err != nil {
		found, err = exec.LookPath("/usr/sbin/" + name)
	}
	if err != nil {
		t.Skipf("SKIPPED: this machine has no %s", name)
	}
	return found
}

// stub is a program that stands for pidledger and does what a line of shell says.
func stub(t *testing.T, line string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "pidledger")
	if err := os.WriteFile(name, []byte("#!/bin/sh\n"+line+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestReadmeUnits(t *testing.T) {
	dir := t.TempDir()
	args := []string{"verify", "--man=no"}
	for _, name := range []string{"pidledger.service", "pidledger.timer", "pidledger-failed.service"} {
		text := strings.ReplaceAll(example(t, "/etc/systemd/system/"+name), installed, stub(t, "exit 0"))
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, filepath.Join(dir, name))
	}
	out, err := exec.CommandContext(t.Context(), need(t, "systemd-analyze"), args...).CombinedOutput()
	if err != nil || len(bytes.TrimSpace(out)) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

// The crontab line is run as cron would: by sh, with next to no environment.
func TestReadmeCron(t *testing.T) {
	sh := need(t, "sh")
	line := ""
	for l := range strings.Lines(example(t, "/etc/cron.d/pidledger")) {
		if strings.Contains(l, installed) {
			line = strings.TrimSpace(l)
		}
	}
	fields := regexp.MustCompile(`^([0-9*/,-]+ ){5}([a-z]+) (.*)$`).FindStringSubmatch(line)
	if fields == nil || fields[2] != "pidledger" {
		t.Fatalf("no line of /etc/cron.d: %q", line)
	}
	if strings.Contains(fields[3], "%") {
		t.Error("cron makes line ends of percent signs")
	}
	for _, c := range []struct{ does, mail string }{
		{"echo summary", ""},
		{"echo 'pidledger: broken' >&2; exit 3", "pidledger: broken\npidledger run: exit code 3\n"},
	} {
		command := strings.ReplaceAll(fields[3], installed, stub(t, c.does))
		cmd := exec.CommandContext(t.Context(), sh, "-c", command)
		cmd.Env = []string{"SHELL=/bin/sh", "PATH=/usr/bin:/bin", "HOME=/", "LOGNAME=pidledger"}
		out, err := cmd.CombinedOutput()
		if err != nil || string(out) != c.mail {
			t.Errorf("%s: mails %q (%v), want %q", c.does, out, err, c.mail)
		}
	}
}

func TestReadmeShell(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), need(t, "sh"), "-n")
	cmd.Stdin = strings.NewReader(example(t, "sh"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestReadmeLogrotate(t *testing.T) {
	text := example(t, "/etc/logrotate.d/pidledger")
	logrotate := need(t, "logrotate")
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: only root may rotate as another user")
	}
	dir := t.TempDir()
	log := filepath.Join(dir, "night.jsonl")
	text = strings.NewReplacer("/var/log/pidledger", dir, "pidledger pidledger", "root root").Replace(text)
	conf := filepath.Join(dir, "logrotate.conf")
	for name, content := range map[string]string{log: "{}\n", conf: text} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.CommandContext(t.Context(), logrotate, "--force", "--state", filepath.Join(dir, "state"), conf).CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%v\n%s", err, out)
	}
	info, err := os.Stat(log)
	if err != nil || info.Size() != 0 || info.Mode().Perm() != 0o600 {
		t.Errorf("the new log: %v, %v", info, err)
	}
	if old, err := os.ReadFile(log + ".1"); err != nil || string(old) != "{}\n" {
		t.Errorf("the old log: %q, %v", old, err)
	}
}

// The configurations of our documents are read by the program.
func TestReadmeConfigurations(t *testing.T) {
	found := 0
	for _, d := range documents(t) {
		for _, m := range regexp.MustCompile("(?ms)^```yaml\n(# [^\n]*pidledger\\.yaml.*?)^```$").FindAllStringSubmatch(d.text, -1) {
			found++
			file := filepath.Join(t.TempDir(), config.Name)
			if err := os.WriteFile(file, []byte(m[1]), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, _, err := config.Load(config.Given{File: file}, nil); err != nil {
				t.Errorf("%s: %v in\n%s", d.path, err, m[1])
			}
		}
	}
	if found < 2 {
		t.Errorf("our documents have %d configurations", found)
	}
}

// The image is built from what `make build` makes, on a system with the libraries that the engine needs, and runs without rights.
func TestReadmeContainerfile(t *testing.T) {
	text := example(t, "Containerfile")
	makefile, err := os.ReadFile(filepath.Join("..", "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	var from []string
	user := ""
	for l := range strings.Lines(text) {
		instruction, rest, _ := strings.Cut(strings.TrimSpace(l), " ")
		switch instruction {
		case "FROM":
			from = append(from, rest)
		case "USER":
			user = rest
		case "", "#", "WORKDIR", "COPY", "RUN", "ENTRYPOINT", "CMD":
		default:
			t.Errorf("instruction %s", instruction)
		}
	}
	if len(from) != 2 || from[1] != "debian:bookworm-slim" || !slices.Contains(strings.Fields(from[0]), "golang:1.26-bookworm") {
		t.Errorf("images %q", from)
	}
	if user == "" || user == "0" || user == "root" {
		t.Errorf("runs as %q", user)
	}
	if !strings.Contains(text, "RUN make build") || !strings.Contains(text, "/src/bin/pidledger") || !strings.Contains(string(makefile), "-o bin/pidledger") {
		t.Error("the image takes something else than make build makes")
	}
	gomod, err := os.ReadFile(filepath.Join("..", "go.mod"))
	if err != nil || !regexp.MustCompile(`(?m)^go 1\.26`).Match(gomod) {
		t.Errorf("the image builds with Go 1.26, go.mod wants another: %v", err)
	}
}

// Every table of a snapshot is in the list of queries/README.md.
func TestReadmeSnapshot(t *testing.T) {
	list := section(queries.Manual, "The snapshot")
	for _, table := range queries.SnapshotTables {
		if !regexp.MustCompile("(?m)^\\|.*`" + table + "`.*\\|.*\\|$").MatchString(list) {
			t.Errorf("the section on the snapshot does not list %s", table)
		}
	}
}
