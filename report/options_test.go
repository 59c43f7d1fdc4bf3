package report

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/pidledger/pidledger/report/changes"
	"github.com/pidledger/pidledger/report/spec"
)

func options(t *testing.T) Options {
	t.Helper()
	return Options{
		Dir: filepath.Join(t.TempDir(), "reports"), Formats: []string{spec.CSV, spec.Parquet, spec.JSON}, Detail: []string{spec.Parquet, spec.CSV},
		Run: spec.Run{ID: "run-1", Started: time.Date(2026, 5, 1, 2, 0, 0, 0, time.UTC), Version: "1.2.3", DataThrough: "2026-04-30"}, Watch: changes.Watch{AlertShare: 0.04},
		Snapshots: Snapshots{Folder: filepath.Join(t.TempDir(), "snapshots")},
	}
}
