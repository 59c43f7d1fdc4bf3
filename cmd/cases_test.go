package cmd

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/cmd/exit"
)

var update = flag.Bool("update", false, "rewrite the reports that the cases want")

// wanted are the reports that a new case is given; others may be added by hand.
var wanted = []string{"summary", "customers", "tracking_ids", "coverage", "unattributed"}

// Every folder of testdata/cases is one run with the reports that it must give.
func TestCases(t *testing.T) {
	t.Parallel()
	cases, err := filepath.Glob(filepath.Join("..", "testdata", "cases", "*", "pidledger.yaml"))
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases (%v)", err)
	}
	for _, config := range cases {
		folder := filepath.Dir(config)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			dir := t.TempDir()
			var errw bytes.Buffer
			args := []string{"run", "--quiet", "--config", config, "--ledger", filepath.Join(dir, "ledger"), "--report-dir", filepath.Join(dir, "reports")}
			var out bytes.Buffer
			if code := Main(args, strings.NewReader(""), &out, &errw); code != exit.Done {
				t.Fatalf("exit code %d\n%s%s", code, &errw, &out)
			}
			want := filepath.Join(folder, "want")
			if *update {
				if err := os.MkdirAll(want, 0o755); err != nil {
					t.Fatal(err)
				}
				for _, name := range wanted {
					data, err := os.ReadFile(filepath.Join(dir, "reports", name+".csv"))
					if err == nil {
						err = os.WriteFile(filepath.Join(want, name+".csv"), data, 0o644)
					}
					if err != nil {
						t.Fatal(err)
					}
				}
			}
			files, err := filepath.Glob(filepath.Join(want, "*.csv"))
			if err != nil || len(files) == 0 {
				t.Fatalf("nothing is wanted (%v)", err)
			}
			for _, f := range files {
				w, err := os.ReadFile(f)
				if err != nil {
					t.Fatal(err)
				}
				g, err := os.ReadFile(filepath.Join(dir, "reports", filepath.Base(f)))
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(w, g) {
					t.Errorf("%s is\n%s\nexpected\n%s", filepath.Base(f), g, w)
				}
			}
			if strings.Contains(folder, "exclusions") && strings.Contains(out.String(), "Hidden") {
				t.Error("the summary names an excluded customer")
			}
		})
	}
}
