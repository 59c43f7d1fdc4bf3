package summary_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/report/changes"
	"github.com/pidledger/pidledger/report/summary"
)

// The text has the most important ten; new ids have a section of their own there.
func TestChangesInText(t *testing.T) {
	s := &summary.Summary{NewIDs: []string{"a-new-id"}, Reports: &summary.Folder{}, Changes: []changes.Change{changes.Late(2)}}
	for i := range 12 {
		s.Changes = append(s.Changes, changes.Change{Kind: changes.CustomerNew, What: fmt.Sprintf("customer %d\x1b[2J", i), Command: "pidledger query x"})
	}
	s.Changes = append(s.Changes, changes.Change{Kind: changes.NewID, What: "the tracking id a-new-id was seen for the first time"})
	s.Advise(summary.Commands{Flags: func(string) string { return "--config p.yaml" }})
	s.Advise(summary.Commands{Flags: func(string) string { return "--config p.yaml" }}) // does nothing more
	if s.Changes[0].Command != "pidledger status --config p.yaml" || s.Changes[13].Command != "" {
		t.Errorf("%+v", s.Changes)
	}
	var b strings.Builder
	if err := s.WriteText(&b, false, true); err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(b.String(), "Changes worth a look\n")
	section, _, _ = strings.Cut(section, "\n\n")
	lines := strings.Split(section, "\n")
	if len(lines) != 21 || !strings.HasPrefix(lines[0], "  2 exports are late") || lines[1] != "     pidledger status --config p.yaml" || lines[20] != "  and 3 more" || strings.Contains(section, "\x1b") || strings.Contains(section, "a-new-id") {
		t.Errorf("%q", lines)
	}
}
