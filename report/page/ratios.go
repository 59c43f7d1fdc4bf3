package page

import (
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/lead"
)

// percent is human.Percent with a blank that does not break.
func percent(ratio string) string { return lead.Unbroken(human.Percent(ratio)) }

// growthText is a growth for people.
func growthText(ratio string) string { return lead.Unbroken(human.Growth(ratio)) }

func signed(text string, sign int) string {
	if sign > 0 {
		return "+" + text
	}
	return text
}

func direction(sign int) string { return [...]string{"down", "", "up"}[sign+1] }
