package ingest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/registry"
)

// A registry of many ids that are nearly alike says so in a few notes, and how many more there are.
func TestRemarksAreFew(t *testing.T) {
	var remarks []registry.Finding
	for i := range 1000 {
		remarks = append(remarks, registry.Finding{File: "registry.csv", Severity: registry.Warning, Message: fmt.Sprint("remark ", i)}, registry.Finding{File: "registry.csv", Severity: registry.Info})
	}
	notes := ingest.NotesOf(remarks, remarks[:2])
	if len(notes) != ingest.MostRemarks+1 || !strings.HasPrefix(notes[ingest.MostRemarks], "registry.csv: and 980 more") {
		t.Errorf("%d notes, the last %q", len(notes), notes[len(notes)-1])
	}
}
