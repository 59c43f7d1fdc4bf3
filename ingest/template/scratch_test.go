package template

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestScratch(t *testing.T) {
	fs, _ := filepath.Glob("/work/shared/samples/templates/*.json")
	for _, f := range fs {
		b, _ := os.ReadFile(f)
		t0 := time.Now()
		r, err := Check(filepath.Base(f), b, Options{})
		fmt.Println("##", filepath.Base(f), err, time.Since(t0))
		for _, x := range r {
			fmt.Printf("  %s %-7s %s %d:%d [%s] %s\n", x.Rule, x.Severity, x.Path, x.Line, x.Column, x.Name, x.Why)
		}
	}
}
