package cmd

import (
	"archive/zip"
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
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
	set, err := templateFiles(t.Context(), []string{"a", "a/package.json", "./a/mainTemplate.json", filepath.Join(dir, "a", "b")})
	if err != nil || len(set.unread) > 0 {
		t.Fatal(err)
	}
	defer set.close()
	var names []string
	for _, f := range set.files {
		names = append(names, f.Name)
	}
	want := []string{"a/.azure/dev/.env", "a/.github/ci.yml", "a/app.zip", "a/b/main.bicep", "a/bad.zip", "a/mainTemplate.json", "a/package.json"}
	if d := cmp.Diff(want, names); d != "" {
		t.Error(d)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := templateFiles(ctx, []string{"a"}); err == nil {
		t.Error("goes on after an interrupt")
	}
}

// An id that is retired is found through the registry of the configuration.
func TestTemplateCheckRegistry(t *testing.T) {
	files := map[string]string{
		config.Name: "registry: ids.csv\n", "run.sh": "export AZURE_HTTP_USER_AGENT=pid-2b41c9a6-3d5e-4f70-8a91-b2c3d4e5f607\n",
		"ids.csv": "tracking_id,mpn_id,offer,channel,retired_at\n2b41c9a6-3d5e-4f70-8a91-b2c3d4e5f607,1,a,github,2020-01-01\n",
	}
	got := tryRun(t, "", files, nil, "template", "check", ".")
	if got.code != exit.Check || !bytes.Contains([]byte(got.out), []byte("error: R02")) {
		t.Errorf("%d %s %s", got.code, got.out, got.err)
	}
	files["ids.csv"] = "tracking_id,mpn_id,offer,channel\nnone,1,a,github\n\n"
	files["ids.csv"] += "2b41,1,a,b\n"
	if got := tryRun(t, "", files, nil, "template", "check", "."); got.code != exit.Usage {
		t.Errorf("%d %s %s", got.code, got.out, got.err)
	}
}

// A source that is named is checked with those of its folder that share names with it; they are not checked.
func TestSourcesBeside(t *testing.T) {
	files := map[string]string{
		"infra/main.tf": "provider \"azurerm\" {\n  partner_id = local.id\n}\n", "infra/ids.tf": "locals {\n  id = \"2b41c9a6-3d5e-4f70-8a91-b2c3d4e5f60\"\n}\nprovider \"azapi\" {}\n",
		"infra/deploy.sh": "curl -A pid-1234-5678 x\n",
	}
	got := tryRun(t, "", files, nil, "template", "check", "infra/main.tf")
	if got.code != exit.Check || strings.Count(got.out, "\n") != 1 || !strings.Contains(got.out, "U06") || !strings.Contains(got.err, "files checked: 1,") {
		t.Errorf("%d %s %s", got.code, got.out, got.err)
	}
}
