// Package credit finds usage that could have earned partner earned credit and did not: for the page and the workbook. No report has it.
package credit

import (
	"context"
	"fmt"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/adhoc"
	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/report/spec"
)

// Line is a subscription with attributed usage that is eligible and got no credit.
type Line struct {
	Currency         string
	CustomerTenantID string       // empty: no export names it
	CustomerName     string       // empty like CustomerTenantID
	SubscriptionID   string       // empty: the usage names none
	Without          columnar.Dec `sql:"billed_without_credit"` // billed cost without credit
	With             columnar.Dec `sql:"billed_with_credit"`    // billed cost with it
	Resources        int64        `sql:"resources_without_credit"`
}

// Found are the lines of a month, the most money of a currency first; none where no export tells.
type Found struct {
	Month string // YYYY-MM
	Lines []Line
}

// Find asks attributed_usage for the last complete month; in a first month in progress for that. Usage reaches to the day `through`, YYYY-MM-DD.
func Find(ctx context.Context, r *adhoc.Reader, through string) (found Found, err error) {
	if len(through) < len("2006-01") {
		return found, nil
	}
	months := []string{through[:len("2006-01")]}
	if !spec.IsComplete(months[0], through) {
		months = []string{spec.MonthBefore(months[0]), months[0]}
	}
	for _, found.Month = range months {
		found.Lines, err = adhoc.Ask[Line](ctx, r, queries.Text("catalog/partner_earned_credit.sql"), map[string]string{"month": found.Month})
		if err != nil {
			return found, fmt.Errorf("ask the snapshot for partner earned credit: %w", err)
		}
		if len(found.Lines) > 0 {
			break
		}
	}
	return found, nil
}
