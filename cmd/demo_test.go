package cmd

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/cmd/exit"
)

// Of two calls at once one writes the demo, and none takes away what the other wrote.
func TestDemosAtOnce(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "demo")
	ended := make(chan error)
	for range 2 {
		go func() { ended <- writeDemo(folder) }()
	}
	wrote := 0
	for range 2 {
		switch err := <-ended; {
		case err == nil:
			wrote++
		case !strings.Contains(err.Error(), "holds other files"):
			t.Error(err)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "exports")); wrote != 1 || err != nil {
		t.Errorf("%d calls wrote it: %v", wrote, err)
	}
}

// The first command after the download ends with a page, can be called again, and touches no folder of anybody else.
func TestDemoCommand(t *testing.T) {
	if testing.Short() {
		t.Skip("a whole run takes seconds")
	}
	t.Parallel()
	dir := t.TempDir()
	folder, other := filepath.Join(dir, "demo"), filepath.Join(dir, "other")
	call := func(folder string, want int) (out, errs string) {
		t.Helper()
		var outw, errw bytes.Buffer
		if code := Main([]string{"demo", folder, "--quiet"}, strings.NewReader(""), &outw, &errw); code != want {
			t.Fatalf("exit code %d, want %d\n%s", code, want, &errw)
		}
		return outw.String(), errw.String()
	}
	out, _ := call(folder, exit.Done)
	page := filepath.Join(folder, "reports", "report.html")
	if _, err := os.Stat(page); err != nil || !strings.Contains(out, "Reports: "+page) {
		t.Errorf("the page: %v, and the summary says\n%s", err, out)
	}
	if out, _ := call(folder, exit.Done); !strings.HasPrefix(out, "Nothing is new: ") || !strings.Contains(out, " --config "+filepath.Join(folder, "pidledger.yaml")) {
		t.Errorf("the second call says\n%s", out)
	}
	if err := os.MkdirAll(other, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"notes.txt", "pidledger.yaml"} {
		if err := os.WriteFile(filepath.Join(other, name), []byte("ledger: ledger\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, errs := call(other, exit.Usage); !strings.Contains(errs, "other holds other files\nTry: pidledger demo FOLDER") {
			t.Errorf("with %s it says %q", name, errs)
		}
	}
	if entries, err := os.ReadDir(other); err != nil || len(entries) != 2 {
		t.Errorf("the other folder holds %v: %v", entries, err)
	}
}
