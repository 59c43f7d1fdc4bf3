package export

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/pidledger/pidledger/queries/facts"
)

//go:embed types.csv
var typesCSV string

//go:embed timeframes.csv
var timeFramesCSV string

//go:embed agreements.csv
var agreementsCSV string

// reach says what a run replaces (timeframes.csv, column replaces).
type reach string

const (
	reachMonth  reach = "month"  // the calendar month of its start
	reachPeriod reach = "period" // that month, and up to its end if a billing month or week ends later
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
	agreements map[string]string
}

// tables reads the embedded files once; a test checks every line, so a bad line cannot ship.
var tables = sync.OnceValue(func() lists {
	f := lists{types: map[string]exportType{}, timeFrames: map[string]reach{}, agreements: map[string]string{}}
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
	for _, row := range facts.Rows("agreements.csv", agreementsCSV) {
		f.agreements[row[0]] = row[1]
	}
	return f
})

// Basis is the cost basis of an export type, ignoring case: actual, amortized, focus or usage (SPEC 5.J). It is empty for a type that is unknown
// (then the columns of its files decide) or holds no usage.
func Basis(exportType string) string {
	return tables().types[strings.ToLower(exportType)].basis
}

// NoUsage reports whether exports of this type never hold usage rows (price sheets, reservation reports).
func NoUsage(exportType string) bool {
	return tables().types[strings.ToLower(exportType)].noUsage
}

// reachOf is what a run of a time frame replaces. A run with a missing or unknown time frame replaces only the days it declares: that neither
// erases days it does not cover nor counts its own days twice.
func reachOf(timeFrame string) reach {
	if r, ok := tables().timeFrames[strings.ToLower(timeFrame)]; ok {
		return r
	}
	return reachDays
}

// AgreementOf is the billing agreement that a kind of usage columns belongs to; empty if the columns occur under several.
func AgreementOf(kind string) string { return tables().agreements[kind] }
