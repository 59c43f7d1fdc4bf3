package summary

import (
	"slices"
	"strings"

	"github.com/pidledger/pidledger/report/changes"
	"github.com/pidledger/pidledger/report/human"
)

// locate adds to the commands of the changes what locates the ledger and the reports.
func (s *Summary) locate(c Commands) {
	for i, ch := range s.Changes {
		if c.Flags != "" && ch.Command != "" && !strings.HasSuffix(ch.Command, " "+c.Flags) {
			s.Changes[i].Command += " " + c.Flags
		}
	}
}

// printChanges shows what changed, but for the new ids, which have a section of their own.
func printChanges(p *human.Printer, all []changes.Change) {
	shown := slices.DeleteFunc(slices.Clone(all), func(c changes.Change) bool { return c.Kind == changes.NewID })
	if len(shown) == 0 {
		return
	}
	most := int(changes.Thresholds().TextLines)
	p.Section("Changes worth a look")
	for _, c := range shown[:min(len(shown), most)] {
		line := "  " + human.Clean(c.What)
		if c.Command != "" {
			line += ": " + p.Paint(human.Bold, human.Clean(c.Command))
		}
		p.Line(human.Plain, line)
	}
	p.More(len(shown) - most)
}
