package export

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"

	"github.com/pidledger/pidledger/ingest/facts"
)

//go:embed types.csv
var typesCSV string

//go:embed timeframes.csv
var timeFramesCSV string

//go:embed scopes.csv
var scopesCSV string

//go:embed agreements.csv
var agreementsCSV string

// reach says what a run replaces (timeframes.csv, column replaces).
type reach string

const (
	reachMonth  reach = "month"  // the calendar month of its start
	reachPeriod reach = "period" // that month, and on to its end when a billing month or week ends later
	reachDays   reach = "days"   // the days start..end
)

type exportType struct {
	name    string
	basis   string
	noUsage bool
	holds   string
}

type lists struct {
	types      map[string]exportType
	timeFrames map[string]reach
	scopes     map[string]int
	agreements map[string]string
}

// tables reads the embedded files once; a test checks every line, so a bad line cannot ship.
var tables = sync.OnceValue(func() lists {
	f := lists{types: map[string]exportType{}, timeFrames: map[string]reach{}, scopes: map[string]int{}, agreements: map[string]string{}}
	for _, row := range facts.Rows("types.csv", typesCSV) {
		t := exportType{name: row[0], basis: row[1], holds: row[2]}
		if t.basis == "-" {
			t.basis, t.noUsage = "", true
		}
		f.types[strings.ToLower(t.name)] = t
	}
	for _, row := range facts.Rows("timeframes.csv", timeFramesCSV) {
		f.timeFrames[strings.ToLower(row[0])] = reach(row[1])
	}
	for _, row := range facts.Rows("scopes.csv", scopesCSV) {
		rank, err := strconv.Atoi(row[1])
		if err != nil {
			continue
		}
		f.scopes[row[0]] = rank
	}
	for _, row := range facts.Rows("agreements.csv", agreementsCSV) {
		f.agreements[row[0]] = row[1]
	}
	return f
})

// Basis is the cost basis of an export type in any case: actual, amortized, focus or usage (SPEC 5.J); empty for a type
// that is unknown (the columns of its files decide) or holds no usage.
func Basis(exportType string) string {
	return tables().types[strings.ToLower(exportType)].basis
}

// NoUsage reports whether exports of this type never hold usage rows (price sheets, reservation reports).
func NoUsage(exportType string) bool {
	return tables().types[strings.ToLower(exportType)].noUsage
}

// reachOf is what a run of a time frame replaces. A time frame that is missing or unknown replaces only the days it
// declares: that can neither erase days the run does not cover nor count its own days twice.
func reachOf(timeFrame string) reach {
	if r, ok := tables().timeFrames[strings.ToLower(timeFrame)]; ok {
		return r
	}
	return reachDays
}

// RankBillingSide is the lowest rank of a scope of the billing side; those below are of the resource side.
const RankBillingSide = 4

// ScopeRank orders scopes by width (SPEC 3.2): 7 billing account, 6 department, 5 enrollment account and billing profile,
// 4 invoice section and customer, 3 management group, 2 subscription, 1 resource group, 0 unknown. The last part of
// the scope decides: a customer of a billing account is a customer.
func ScopeRank(scope string) int {
	segments := strings.Split(strings.Trim(strings.ToLower(strings.TrimSpace(scope)), "/"), "/")
	rank := 0
	for i := 0; i+1 < len(segments); i += 2 {
		if segments[i+1] == "" {
			return 0
		}
		if segments[i] == "providers" {
			continue // a namespace such as microsoft.billing, not a level
		}
		rank = tables().scopes[segments[i]]
	}
	if len(segments)%2 != 0 {
		return 0
	}
	return rank
}

// AgreementOf is the billing agreement that a kind of usage columns belongs to; empty when such columns are used under several.
func AgreementOf(kind string) string { return tables().agreements[kind] }

// AccountOf is the billing account that a cell names, in lower case: the id alone, for FOCUS writes the whole path of the account.
func AccountOf(cell string) string {
	cell = strings.ToLower(strings.TrimSpace(cell))
	if _, below, ok := strings.Cut(cell, "/billingaccounts/"); ok {
		cell, _, _ = strings.Cut(below, "/")
	}
	return cell
}
