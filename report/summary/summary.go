// Package summary is what a run tells the person who reads it: it looks at the rows of the reports while they are written, and says as text and
// as JSON where the money went, what changed and what to do next.
package summary

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/pidledger/pidledger/report/changes"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/report/targets"
)

// Summary is what a run tells the person who reads it: where the money went, what is new, what went wrong, what to do next.
// WriteText shows it, WriteJSON is the form for programs: fields may be added, so readers ignore those they do not know.
//
// Amounts of different currencies are never added; every list of amounts is per currency.
type Summary struct {
	RunID       string    `json:"run_id"`
	Version     string    `json:"version"`
	Started     time.Time `json:"started"`
	Seconds     float64   `json:"seconds"`      // 0: not measured
	DataThrough string    `json:"data_through"` // last usage date; empty: no usage
	LatestMonth string    `json:"latest_month"` // of all currencies; empty: no usage
	Months      int       `json:"months"`       // with usage that counts
	Judged      []string  `json:"judged"`       // months that this run judged; what was made of the others stands

	LastRun   string `json:"last_run"`   // run whose reports were published before; empty: this is the first
	Unchanged bool   `json:"unchanged"`  // nothing is new: the reports of LastRun stand
	OnlyUsage bool   `json:"only_usage"` // no record that could carry a tracking id was ever delivered: nothing can be attributed

	Inputs *Inputs `json:"inputs,omitempty"` // nil: nothing was ingested

	Short        []Short          `json:"in_short"`     // the answer of each currency, that with the most attributed rows first
	Money        []Money          `json:"money"`        // in the same order
	Channels     []ChannelLine    `json:"channels"`     // of the latest month; the first few of each currency
	Changes      []changes.Change `json:"changes"`      // what is worth a look, in the order of importance
	NewIDs       []string         `json:"new_ids"`      // tracking ids that no earlier run had seen
	NeverSeen    []string         `json:"never_seen"`   // registered ids without any sighting
	Unregistered []Unregistered   `json:"unregistered"` // unregistered and late ids, the first few of each currency
	LateIDs      int64            `json:"late_ids"`     // how many ids are late, also those not listed
	Malformed    []Malformed      `json:"malformed"`    // those with a suggestion first
	NoEvidence   []Blind          `json:"no_evidence"`  // subscriptions that lack evidence, most money first
	Overlaps     int64            `json:"overlaps"`     // lines of the report overlaps with usage that two exports or files deliver
	GivenUp      []GivenUp        `json:"given_up"`     // what was not counted, or was counted in doubt
	LostDays     []string         `json:"lost_days"`    // days of which usage was delivered and none counts
	Restated     []Restated       `json:"restated"`     // sums of months reported before that this run changed
	Targets      targets.Found    `json:"targets"`      // attributed usage against its targets
	Notes        []string         `json:"notes"`
	Next         []Step           `json:"next"`    // the most urgent first
	Details      string           `json:"details"` // command that shows all of this as text

	Reports *Folder `json:"reports,omitempty"` // nil: none were written
}

// Money is the usage in one currency by status.
type Money struct {
	Currency string  `json:"currency"`
	Statuses []Share `json:"statuses"` // those that occur, in the order of statusOrder
	Reasons  []Share `json:"reasons"`  // parts of the status unattributed
	Usage    Share   `json:"usage"`    // all but not_usage: what the shares are shares of
	Total    Share   `json:"total"`
}

// Share is one line of Money: in the latest month and in all months.
type Share struct {
	Name   string `json:"name"` // a status or reason
	Latest Figure `json:"latest"`
	All    Figure `json:"all"`
}

// Figure is an amount of effective cost.
type Figure struct {
	EffectiveCost spec.Amount `json:"effective_cost"`
	BilledCost    spec.Amount `json:"billed_cost,omitempty"` // absent for reasons
	Share         string      `json:"share"`                 // of usage, 6 decimals; empty when usage is zero and for not_usage
	UsageRows     int64       `json:"usage_rows"`
}

// ChannelLine is one line of the report channels. Its customers are those of customerIDs, also those whose tenant nobody names.
type ChannelLine struct {
	Month         string      `json:"month"`
	Currency      string      `json:"currency"`
	MPNID         string      `json:"mpn_id"`
	Offer         string      `json:"offer"`
	Channel       string      `json:"channel"`
	EffectiveCost spec.Amount `json:"effective_cost"`
	CostBefore    spec.Amount `json:"cost_before"` // of the month before
	Share         string      `json:"share"`       // of the offer in that month and currency
	Growth        string      `json:"growth"`
	Customers     int64       `json:"customers"`
	Deployments   int64       `json:"deployments"` // of all currencies: they have none
}

// Unregistered is one line of the report unregistered, without the ids of tools.
type Unregistered struct {
	TrackingID    string      `json:"tracking_id"`
	Kind          string      `json:"kind"`
	Currency      string      `json:"currency"`
	EffectiveCost spec.Amount `json:"effective_cost"`
	FirstSeen     string      `json:"first_seen"`
	LastSeen      string      `json:"last_seen"`
	Requests      int64       `json:"requests"`
}

// Malformed is one line of the report malformed.
type Malformed struct {
	Token      string `json:"token"`
	Reason     string `json:"reason"`
	Suggestion string `json:"suggestion"`
	Source     string `json:"source"`
	LastSeen   string `json:"last_seen"`
	Sightings  int64  `json:"sightings"`
}

// Blind is a subscription with usage of which no deployment, operation, activity or change reaches back far enough.
type Blind struct {
	SubscriptionID string      `json:"subscription_id"`
	Currency       string      `json:"currency"`
	EffectiveCost  spec.Amount `json:"effective_cost"`
}

// Restated is one line of the report restatements that is new in this run.
type Restated struct {
	Month      string      `json:"month"`
	Currency   string      `json:"currency"`
	Status     string      `json:"status"`
	Cause      string      `json:"cause"` // usage, registry, evidence, settings, exclusions
	Old        spec.Amount `json:"old_effective_cost"`
	New        spec.Amount `json:"new_effective_cost"`
	Difference spec.Amount `json:"difference"`
}

// GivenUp adds up the lines of the report overlaps of one currency and reason.
type GivenUp struct {
	Currency      string      `json:"currency"`
	Reason        string      `json:"reason"`
	Counted       bool        `json:"counted"` // it counts, in doubt
	UsageRows     int64       `json:"usage_rows"`
	EffectiveCost spec.Amount `json:"effective_cost"`
}

// Inputs is what became of the input files.
type Inputs struct {
	Files    []Count        `json:"files"` // by status, those that occur
	Rows     int64          `json:"rows"`
	Rejected int64          `json:"rejected"`
	Problems []Problem      `json:"problems"`           // files that could not be read or are of no known format
	Rejects  []Reject       `json:"rejects"`            // the first place in each file and column
	Before   []RejectedFile `json:"rejected_before"`    // files of earlier runs that count, with rejected rows, most first
	Unplaced []string       `json:"unplaced,omitempty"` // files with deployments of a subscription that nothing tells
}

// Count is a number of files.
type Count struct {
	Status string `json:"status"`
	Files  int64  `json:"files"`
}

// Problem is a file that could not be used.
type Problem struct {
	Path   string `json:"path"`
	Status string `json:"status"`
	Reason string `json:"reason"`
}

// Reject is an input row that could not be used.
type Reject struct {
	Path     string `json:"path"`
	Record   int64  `json:"record,omitempty"`
	Line     int64  `json:"line,omitempty"`
	Column   string `json:"column,omitempty"`
	Value    string `json:"value,omitempty"`
	Reason   string `json:"reason"`
	FileRows int64  `json:"file_rejects"` // rejected rows of that file
}

// RejectedFile is a file that counts, but for some rows that could not be used when it was read.
type RejectedFile struct {
	Path     string `json:"path"`
	Rejected int64  `json:"rejected"`
}

// RejectedRows adds up the rejected rows of files.
func RejectedRows(files []RejectedFile) (rows int64) {
	for _, f := range files {
		rows += f.Rejected
	}
	return rows
}

// RejectedIn names the files with rejected rows, the first few.
func RejectedIn(files []RejectedFile) string {
	const shown = 3
	var names []string
	for _, f := range files[:min(len(files), shown)] {
		names = append(names, fmt.Sprintf("%s (%s)", f.Path, human.Thousands(f.Rejected)))
	}
	text := strings.Join(names, ", ")
	if more := len(files) - shown; more > 0 {
		text += fmt.Sprintf(" and %s more", human.Thousands(int64(more)))
	}
	return text
}

// Step is something to do next.
type Step struct {
	Why     string `json:"why"`
	Do      string `json:"do"`
	Command string `json:"command,omitempty"` // to be typed as it stands
}

// Folder says where the reports are.
type Folder struct {
	Dir     string   `json:"dir"`
	Formats []string `json:"formats"`
	Reports int      `json:"reports"`
	Rows    int64    `json:"rows"`
	Files   int      `json:"files"`
	Bytes   int64    `json:"bytes"`
}

// WriteJSON writes the summary as one JSON object.
func (s *Summary) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(s)
}
