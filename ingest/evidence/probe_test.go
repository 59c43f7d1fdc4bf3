package evidence

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func TestProbe(t *testing.T) {
	pat := os.Getenv("PROBE")
	if pat == "" {
		t.Skip()
	}
	files, _ := filepath.Glob(pat)
	for _, f := range files {
		r := readFile(t, f, Options{File: filepath.Base(f)})
		fmt.Println(filepath.Base(f), r.format, r.tally.Kinds, len(r.tally.Rejects), r.err)
		for i, x := range r.tally.Rejects {
			if i < 3 {
				fmt.Printf("   %+v\n", x)
			}
		}
		if os.Getenv("DUMP") != "" {
			fmt.Println(dump(t, r.sink))
		}
	}
}
