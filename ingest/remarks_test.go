package ingest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/ingest/registry"
)

// A registry of many ids that are nearly alike says so in a few notes, and how many more there are.
func TestRemarksAreFew(t *testing.T) {
	s := &session{log: newJournal()}
	var remarks []registry.Finding
	for i := range 1000 {
		remarks = append(remarks, registry.Finding{File: "registry.csv", Severity: registry.Warning, Message: fmt.Sprint("remark ", i)}, registry.Finding{File: "registry.csv", Severity: registry.Info})
	}
	s.remark(remarks)
	s.remark(remarks[:2])
	if len(s.log.notes) != mostRemarks+1 || !strings.HasPrefix(s.log.notes[mostRemarks], "registry.csv: and 980 more") {
		t.Errorf("%d notes, the last %q", len(s.log.notes), s.log.notes[len(s.log.notes)-1])
	}
}
