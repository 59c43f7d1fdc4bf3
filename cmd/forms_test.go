package cmd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/cmd/exit"
)

// forms gives the fields of a JSON value and what they hold: lists as the fields of all their members.
func forms(into map[string]bool, at string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			forms(into, at+"."+name, member)
		}
	case []any:
		if len(v) == 0 {
			into[at+"[]"] = true
		}
		for _, member := range v {
			forms(into, at+"[]", member)
		}
	case nil:
		into[at+": null"] = true
	default:
		into[fmt.Sprintf("%s: %T", at, v)] = true
	}
}

// What --json writes has these fields, which programs rely on: testdata/forms. The values are those of other tests.
func TestForms(t *testing.T) {
	for name, args := range map[string][]string{
		"status":   {"status"},
		"files":    {"files"},
		"compare":  {"compare", "channels"},
		"customer": {"explain", "a8c24d42-44ef-4feb-88e5-b4617589a82b"},
		"resource": {"explain", "plan-data-0063"},
		"id":       {"explain", "380208a9-ad45-423d-bb1a-11df587fd280"},
		"verify":   {"verify", "380208a9-ad45-423d-bb1a-11df587fd280"},
	} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() {
				t.Skip("a whole run takes seconds")
			}
			reports, err := demoReports()
			if err != nil {
				t.Fatal(err)
			}
			if name == "status" || name == "files" {
				args = append(args, "--config", filepath.Join("..", "testdata", "demo", "pidledger.yaml"), "--ledger", filepath.Join(filepath.Dir(reports), "ledger"))
			} else {
				args = append(args, "--report-dir", reports)
			}
			var out, errw bytes.Buffer
			if code := Main(append(args, "--json"), strings.NewReader(""), &out, &errw); code != exit.Done {
				t.Fatalf("exit code %d: %s", code, &errw)
			}
			var v any
			if err := json.Unmarshal(out.Bytes(), &v); err != nil {
				t.Fatal(err)
			}
			fields := map[string]bool{}
			forms(fields, "", v)
			got := strings.Join(slices.Sorted(maps.Keys(fields)), "\n") + "\n"
			path := filepath.Join("..", "testdata", "forms", name+".txt")
			if *update {
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), got); diff != "" {
				t.Errorf("(-want +got):\n%s\nRun go test ./cmd -run TestForms -update if the change is meant.", diff)
			}
		})
	}
}
