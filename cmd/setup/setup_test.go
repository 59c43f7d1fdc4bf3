package setup

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/ingest/registry"
)

func files(t *testing.T) []File {
	t.Helper()
	p := Partner{Name: "Contoso", MPNID: "1234567", Offers: []string{"Edge"}, Channels: []string{"github", "direct"}}
	all, ids, err := Files(p, time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), rand.Reader)
	if err != nil || len(ids) != 2 {
		t.Fatalf("%d ids: %v", len(ids), err)
	}
	return all
}

// The settings file is valid as it stands, and also with every key in it that is a comment, which then has its default.
func TestSettingsAreValid(t *testing.T) {
	dir := t.TempDir()
	if err := Write(dir, files(t)); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, Settings)
	load := func() config.Config {
		t.Helper()
		c, notes, err := config.Load(config.Given{File: name}, nil)
		if err != nil || len(notes) > 0 {
			t.Fatalf("%v %v", notes, err)
		}
		if err := c.CheckInputs(); err != nil {
			t.Fatal(err)
		}
		return c
	}
	plain := load()
	if regs, _, err := registry.Registrations(plain.Registry, registry.Options{}); err != nil || len(regs) != 2 {
		t.Errorf("the registry holds %d ids: %v", len(regs), err)
	}
	if all, _, err := registry.Exclusions(plain.Exclusions, registry.Options{}); err != nil || len(all) != 0 {
		t.Errorf("the exclusions are %v: %v", all, err)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	keys := regexp.MustCompile(`(?m)^# (( {2})?[a-z_]+:( .*)?)$`)
	if n := len(keys.FindAll(text, -1)); n < len(config.Keys())-len(setKeys) {
		t.Errorf("only %d keys are shown as comments", n)
	}
	if err := os.WriteFile(name, keys.ReplaceAll(text, []byte("$1")), 0o600); err != nil {
		t.Fatal(err)
	}
	whole := load()
	for i, v := range whole.Values() {
		if was := plain.Values()[i]; !equal(v.Value, was.Value) {
			t.Errorf("%s is %v when it is set as shown, and %v when it is not", v.Key, v.Value, was.Value)
		}
	}
}

func equal(a, b any) bool {
	list, ok := a.([]string)
	if !ok {
		return a == b
	}
	return strings.Join(list, ",") == strings.Join(b.([]string), ",")
}

// Nothing that is there is overwritten.
func TestWriteOverwritesNothing(t *testing.T) {
	for _, f := range files(t) {
		dir := t.TempDir()
		name := filepath.Join(dir, f.Name)
		if err := os.WriteFile(name, []byte("ours"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Free(dir); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: %v", f.Name, err)
		}
		if err := Write(dir, files(t)); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: %v", f.Name, err)
		}
		if text, err := os.ReadFile(name); err != nil || !bytes.Equal(text, []byte("ours")) {
			t.Errorf("%s became %q: %v", f.Name, text, err)
		}
	}
}
