package cmd

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/pidledger/pidledger/cmd/exit"
)

// action is action.yml.
type action struct {
	Inputs map[string]struct{ Description, Default string }
	Runs   struct {
		Steps []struct {
			Name, Run string
			Env       map[string]string
		}
	}
}

func readAction(t *testing.T) (a action) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "action.yml"))
	if err == nil {
		err = yaml.Unmarshal(text, &a)
	}
	if err != nil || len(a.Runs.Steps) != 2 {
		t.Fatal(a, err)
	}
	return a
}

// The steps of the action are run as a runner does, by bash, with a gh that hands out an archive with this program; the second has a path with blanks.
func TestAction(t *testing.T) {
	bash := need(t, "bash")
	program, err := exec.LookPath(itself)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	const schema = `{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "contentVersion": "1.0.0.0", "resources": [`
	write("work/bad templates/mainTemplate.json", schema+"]}\n")
	write("work/good/mainTemplate.json", schema+`{"type": "Microsoft.Resources/deployments", "apiVersion": "2022-09-01", "name": "pid-c2ce6f44-7ed4-457b-be2f-eb89414c343c", "properties": {"mode": "Incremental", "template": `+schema+"]}}}]}\n")
	write("tools/gh", "#!/bin/sh\necho \"$*\" >> "+dir+"/calls\n[ \"$2\" != download ] || for last; do :; done\n[ \"$2\" != download ] || cp "+dir+"/a.tar.gz \"$last/pidledger_1.2.3_linux_amd64.tar.gz\"\n")
	write("pidledger_1.2.3_linux_amd64/pidledger", "#!/bin/sh\nexec "+program+" \"$@\"\n")
	if out, err := exec.CommandContext(t.Context(), need(t, "tar"), "-C", dir, "-czf", filepath.Join(dir, "a.tar.gz"), "pidledger_1.2.3_linux_amd64").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	a := readAction(t)
	path := filepath.Join(dir, "tools") + ":/usr/bin:/bin"
	step := func(i int, inputs map[string]string) (code int, out string) {
		t.Helper()
		c := exec.CommandContext(t.Context(), bash, "--noprofile", "--norc", "-eo", "pipefail", "-c", a.Runs.Steps[i].Run)
		c.Dir = filepath.Join(dir, "work")
		c.Env = []string{"PATH=" + path, "RUNNER_OS=Linux", "RUNNER_ARCH=X64", "RUNNER_TEMP=" + filepath.Join(dir, "temp"), "GITHUB_PATH=" + filepath.Join(dir, "path")}
		for name, value := range a.Runs.Steps[i].Env {
			value = regexp.MustCompile(`\$\{\{ inputs\.(\w+) \}\}`).ReplaceAllStringFunc(value, func(m string) string {
				name := strings.TrimSuffix(strings.TrimPrefix(m, "${{ inputs."), " }}")
				if v, ok := inputs[name]; ok {
					return v
				}
				if _, known := a.Inputs[name]; !known {
					t.Errorf("there is no input %s", name)
				}
				return a.Inputs[name].Default
			})
			c.Env = append(c.Env, name+"="+value)
		}
		text, err := c.CombinedOutput()
		if c.ProcessState == nil {
			t.Fatal(err)
		}
		return c.ProcessState.ExitCode(), string(text)
	}
	if code, out := step(0, map[string]string{"version": "v1.2.3"}); code != 0 {
		t.Fatalf("%d\n%s", code, out)
	}
	calls := readText(t, filepath.Join(dir, "calls"))
	if !strings.Contains(calls, "release download v1.2.3 --repo pidledger/pidledger") || !strings.Contains(calls, "\nattestation verify ") {
		t.Error(calls)
	}
	added, err := os.ReadFile(filepath.Join(dir, "path"))
	if err != nil {
		t.Fatal(err)
	}
	path = strings.TrimSpace(string(added)) + ":" + path
	if code, out := step(1, map[string]string{"paths": "good"}); code != exit.Done {
		t.Errorf("exit code %d\n%s", code, out)
	}
	code, out := step(1, map[string]string{"paths": "good\nbad templates\n", "sarif": "found.sarif", "flags": "--rule-off=L22\n"})
	if found := readText(t, filepath.Join(dir, "work", "found.sarif")); code != exit.Check || !strings.Contains(out, "L01") || !strings.Contains(found, `"ruleid": "l01"`) {
		t.Errorf("exit code %d\n%s\n%s", code, out, found)
	}
}

// Every input is documented, with its default.
func TestActionInputs(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("template", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for name, input := range readAction(t).Inputs {
		if !strings.Contains(string(text), "\n| `"+name+"` | ") || input.Description == "" {
			t.Errorf("the README of cmd/template lacks %s", name)
		}
	}
}

// The hook takes the files that it says it does.
func TestPreCommitHook(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", ".pre-commit-hooks.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var hooks []struct{ ID, Entry, Files string }
	if err := yaml.Unmarshal(text, &hooks); err != nil || len(hooks) != 1 || hooks[0].Entry != "pidledger template check" {
		t.Fatal(hooks, err)
	}
	files := regexp.MustCompile(hooks[0].Files)
	for name, want := range map[string]bool{"a/mainTemplate.json": true, "main.bicep": true, "infra/x.tf": true, "deploy.ps1": true, ".github/workflows/x.yml": true, "data.json": false, "main.go": false} {
		if files.MatchString(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}
