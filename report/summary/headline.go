package summary

import (
	"fmt"

	"github.com/pidledger/pidledger/report/human"
)

const nothingToGoBy = "Nothing can be attributed: there is usage, but no evidence of who created it."

// standing says that there is nothing new, or nothing at all; empty otherwise.
func (s *Summary) standing() string {
	switch {
	case s.Unchanged:
		return "Nothing is new: the reports of run " + human.Clean(s.LastRun) + " stand."
	case s.LatestMonth == "":
		return "The ledger holds no usage."
	}
	return ""
}

// Headline says the answer in a few sentences, for those who are told of a run and do not see its text, which begins with the same.
func (s *Summary) Headline() (lines []string) {
	if text := s.standing(); text != "" {
		lines = append(lines, text)
	}
	switch {
	case s.OnlyUsage:
		return append(lines, nothingToGoBy)
	case len(s.Short) == 1:
		return append(lines, s.Short[0].Sentences...)
	case len(s.Short) > 1:
		lines = append(lines, leaders(s.Short))
	}
	for _, a := range s.Short[:min(len(s.Short), shortCurrencies)] {
		text := fmt.Sprintf("%s %s attributed", human.Rounded(a.Attributed), currencyName(a.Currency))
		if a.Share != "" {
			text += ", " + human.Percent(a.Share) + " of usage"
		}
		if a.Growth != "" {
			text += ", " + a.growth() + " since " + a.Before
		}
		lines = append(lines, text+".")
	}
	return lines
}
