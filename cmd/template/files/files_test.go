package files

import (
	"archive/zip"
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func pack(t *testing.T, name string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("{}")); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Of a folder only what can hold an id is read; a file that is named always is, and each once.
func TestTemplateFiles(t *testing.T) {
	const schema = `{"$schema": "https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#"}`
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a/mainTemplate.json": schema, "a/package.json": "{}", "a/app.zip": pack(t, "mainTemplate.json"), "a/lib.zip": pack(t, "readme.json"), "a/bad.zip": "PK broken",
		"a/.git/mainTemplate.json": schema, "a/.github/ci.yml": "on: push", "a/.azure/dev/.env": "X=1", "a/node_modules/x/azuredeploy.json": schema, "a/readme.md": "pid-", "a/b/main.bicep": "",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	set, err := Collect(t.Context(), []string{"a", "a/package.json", "./a/mainTemplate.json", filepath.Join(dir, "a", "b")})
	if err != nil || len(set.Unread) > 0 {
		t.Fatal(err)
	}
	defer set.Close()
	var names []string
	for _, f := range set.Files {
		names = append(names, f.Name)
	}
	want := []string{"a/.azure/dev/.env", "a/.github/ci.yml", "a/app.zip", "a/b/main.bicep", "a/bad.zip", "a/mainTemplate.json", "a/package.json"}
	if d := cmp.Diff(want, names); d != "" {
		t.Error(d)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Collect(ctx, []string{"a"}); err == nil {
		t.Error("goes on after an interrupt")
	}
}
