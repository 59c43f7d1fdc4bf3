package page

import (
	"fmt"

	"github.com/pidledger/pidledger/report/changes"
	"github.com/pidledger/pidledger/report/human"
)

// news shows what is worth a look, of each kind the first few.
func news(found []changes.Change) (out []newsView) {
	most := int(changes.Thresholds().PageLines)
	for _, kind := range changes.Kinds() {
		shown := 0
		for _, c := range found {
			if c.Kind != kind.Name {
				continue
			}
			if shown++; shown <= most {
				out = append(out, newsView{kind.Label, human.Clean(c.What), c.Command})
			}
		}
		if shown > most {
			out = append(out, newsView{Kind: kind.Label, Text: fmt.Sprintf("and %s more", human.Thousands(int64(shown-most)))})
		}
	}
	return out
}
