package cmd

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra/doc"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/queries"
)

// The examples of our documents that people copy onto machines are checked here, as far as the machine has what checks them.

const installed = "/usr/bin/pidledger"

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

// packaged reads a file of the package.
func packaged(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", ".package", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
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
		text := strings.ReplaceAll(packaged(t, name), installed, stub(t, "exit 0"))
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
	text := packaged(t, "pidledger.logrotate")
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
	if found < 1 {
		t.Errorf("our documents have %d configurations", found)
	}
}

// The image is the package of its platform on a base that is pinned, and runs without rights.
func TestContainerfile(t *testing.T) {
	base, user, temporary := "", "", ""
	for l := range strings.Lines(packaged(t, "Containerfile")) {
		instruction, rest, _ := strings.Cut(strings.TrimSpace(l), " ")
		switch instruction {
		case "FROM":
			base += rest
		case "USER":
			user = rest
		case "ENV":
			temporary += rest
		case "", "#", "WORKDIR", "COPY", "RUN", "ENTRYPOINT", "CMD", "ARG", "&&":
		default:
			t.Errorf("instruction %s", instruction)
		}
	}
	if !regexp.MustCompile(`^debian:bookworm-slim@sha256:[0-9a-f]{64}$`).MatchString(base) {
		t.Errorf("image %q", base)
	}
	if id, err := strconv.Atoi(user); err != nil || id == 0 {
		t.Errorf("runs as %q", user)
	}
	if temporary != "TMPDIR=/data/state" {
		t.Errorf("temporary files go to %q, on a root that is read only", temporary)
	}
}

// What the package holds is there or made by make share, its scripts are shell, and the program reads its settings.
func TestPackage(t *testing.T) {
	var list struct {
		Scripts  map[string]string
		Contents []struct{ Src, Dst string }
	}
	if err := yaml.Unmarshal([]byte(packaged(t, "nfpm.yaml")), &list); err != nil {
		t.Fatal(err)
	}
	targets := map[string]bool{}
	for _, c := range list.Contents {
		targets[c.Dst] = true
		if _, err := os.Stat(filepath.Join("..", c.Src)); err != nil && !strings.HasPrefix(c.Src, "bin/") {
			t.Error(err)
		}
	}
	for _, want := range []string{installed, "/usr/lib/systemd/system/pidledger.service", "/etc/pidledger/" + config.Name, "/usr/share/man/man1/"} {
		if !targets[want] {
			t.Errorf("the package lacks %s", want)
		}
	}
	for _, script := range list.Scripts {
		if out, err := exec.CommandContext(t.Context(), need(t, "sh"), "-n", filepath.Join("..", script)).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", script, err, out)
		}
	}
	file := filepath.Join("..", ".package", config.Name)
	c, _, err := config.Load(config.Given{File: file}, nil)
	if err != nil || !targets[c.Registry] || !targets[c.Exclusions] {
		t.Errorf("%s: %v; it names %s and %s", file, err, c.Registry, c.Exclusions)
	}
}

// The jobs of other schedulers are YAML, and what they set are settings.
func TestReadmeJobs(t *testing.T) {
	for _, name := range []string{"cronjob.yaml", "job.yaml"} {
		text := example(t, name)
		var any map[string]any
		if err := yaml.Unmarshal([]byte(text), &any); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var environ []string
		for _, m := range regexp.MustCompile(`\{name: (PIDLEDGER_\w+), value: "?([^"}]+)"?\}`).FindAllStringSubmatch(text, -1) {
			environ = append(environ, m[1]+"="+m[2])
		}
		if _, notes, err := config.Load(config.Given{}, environ); err != nil || len(notes) > 0 || len(environ) < 3 {
			t.Errorf("%s, %q: %v %q", name, environ, err, notes)
		}
	}
}

// There is a man page for each command, with its exit codes.
func TestManPages(t *testing.T) {
	dir := t.TempDir()
	if err := doc.GenManTree(Documented(), &doc.GenManHeader{Section: "1"}, dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"pidledger.1", "pidledger-run.1", "pidledger-registry-lint.1"} {
		if text, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !strings.Contains(string(text), "EXIT STATUS") {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
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
