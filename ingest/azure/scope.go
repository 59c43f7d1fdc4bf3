package azure

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"

	"github.com/pidledger/pidledger/queries/facts"
)

//go:embed scopes.csv
var scopesCSV string

// scopes are the ranks of what an export can be made for, by the segment that names it.
var scopes = sync.OnceValue(func() map[string]int {
	ranks := map[string]int{}
	facts.Each("scopes.csv", scopesCSV, func(row []string) (err error) {
		ranks[row[0]], err = strconv.Atoi(row[1])
		return err
	})
	return ranks
})

// RankBillingSide is the lowest rank of a scope of the billing side; those below are of the resource side.
const RankBillingSide = 4

// ScopeRank orders scopes by width (SPEC 3.2d): 7 billing account, 6 department, 5 enrollment account and billing profile,
// 4 invoice section and customer, 3 management group, 2 subscription, 1 resource group, 0 unknown. The last part of
// the scope decides: a customer of a billing account is a customer.
func ScopeRank(scope string) int {
	segments := strings.Split(strings.Trim(strings.ToLower(strings.TrimSpace(scope)), "/"), "/")
	if len(segments)%2 != 0 {
		return 0
	}
	rank := 0
	for i := 0; i < len(segments); i += 2 {
		if segments[i+1] == "" {
			return 0
		}
		if segments[i] == "providers" {
			continue // a namespace such as microsoft.billing, not a level
		}
		rank = scopes()[segments[i]]
	}
	return rank
}

// BillingAccount is the billing account that a cell names, in lower case: only the id, because FOCUS writes the whole path of the account
// (/providers/Microsoft.Billing/billingAccounts/ID).
func BillingAccount(cell string) string {
	cell = strings.ToLower(strings.TrimSpace(cell))
	if _, below, ok := strings.Cut(cell, "/billingaccounts/"); ok {
		cell, _, _ = strings.Cut(below, "/")
	}
	return cell
}
