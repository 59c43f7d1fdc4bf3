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
		if flags := c.flags(strings.TrimPrefix(ch.Command, human.Program+" ")); ch.Command != "" && flags != "" && !strings.HasSuffix(ch.Command, flags) {
			s.Changes[i].Command += flags
		}
	}
}

// worthALook are the changes but for the new ids, which have a section of their own.
func worthALook(all []changes.Change) []changes.Change {
	return slices.DeleteFunc(slices.Clone(all), func(c changes.Change) bool { return c.Kind == changes.NewID })
}

// printChanges shows what changed, with the commands that explain it.
func printChanges(p *human.Printer, all []changes.Change) {
	shown := worthALook(all)
	if len(shown) == 0 {
		return
	}
	most := int(changes.Thresholds().TextLines)
	p.Section("Changes worth a look")
	for _, c := range shown[:min(len(shown), most)] {
		p.Text(human.Plain, 2, human.Clean(c.What))
		if c.Command != "" {
			p.Command("     ", c.Command)
		}
	}
	p.More(len(shown) - most)
}
