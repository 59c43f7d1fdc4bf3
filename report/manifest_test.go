package report

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzManifest: whatever a manifest says, what is not there is missing.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"generator":"pidledger","run_id":"r","reports":[{"report":"summary","files":[{"path":"summary.csv","bytes":1}]}],"snapshot":{"id":"r","path":"../s"}}`))
	f.Add([]byte(`{"generator":"pidledger","documents":[{"path":"."},{"path":"manifest.json"}],"snapshot":{"path":"."}}`))
	f.Add([]byte(`{"generator":"pidledger","snapshot":{"path":"\u0000"}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, ManifestName), text, 0o600); err != nil {
			t.Fatal(err)
		}
		m, lack := Missing(dir)
		if m == nil && lack == "" {
			t.Fatal("no manifest, and nothing is missing")
		}
		if m != nil && lack == "" {
			for _, r := range m.Reports {
				for _, file := range r.Files {
					if filepath.Clean(file.Path) != ManifestName {
						t.Fatalf("%s is not missing", file.Path)
					}
				}
			}
		}
		_, _ = FindSnapshot(dir)
		_, _ = foreign(dir)
	})
}
