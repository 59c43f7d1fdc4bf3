package night

import (
	"context"

	"github.com/pidledger/pidledger/ingest"
)

// Part is a half of the night. pidledger ingest does the first, pidledger report the second, pidledger run both.
type Part int

// The parts.
const (
	Reading Part = 1 << iota
	Reporting
	Whole = Reading | Reporting
)

// Steps is the night, in order. Each step is done when all before it are; after an error none is. What is committed stays, and the next
// night does the rest.
var Steps = []Step{
	// A cluster that is to judge must be named, and this program be able to ask it, before hours of reading.
	{Part: Reporting, Do: (*Night).checkEngine},
	// One run at a time: the ledger is locked until the night ends.
	{Part: Whole, Do: (*Night).open},

	// What is in the sources: names, sizes and times. No file is opened.
	reading(ingest.List),
	// Who is registered, who opted out, and what customers are called.
	reading(ingest.Settle),
	// Of the runs of an export that cover the same days, the newest complete one counts.
	reading(ingest.Choose),
	// The usage of runs that count and are not in the ledger yet, each as a slice of its own.
	reading(ingest.LoadUsage),
	// New deployments, operations, activity, resource changes and requests, and usage in plain files.
	reading(ingest.LoadEvidence),
	// In one transaction the new slices count, and those that they replace do not.
	reading(ingest.Commit),
	// What was read and rejected. What failed a check does not count, so the night goes on.
	{Part: Reading, Do: (*Night).take},

	// When nothing has changed since the reports that stand, they stand: the steps marked Anew have nothing to do.
	{Part: Reporting, Do: (*Night).compare},
	// Whose each usage row is. Only months that something has changed for are judged again.
	{Part: Reporting, Anew: true, Name: "attribute", Items: "steps", Do: (*Night).attribute},
	// Reports and snapshot are written beside the old ones, and published by taking their place in one step.
	{Part: Reporting, Anew: true, Name: "write the reports", Items: "reports", Do: (*Night).publish},
	// What the next night compares with: what each month was judged by, and what the reports were made from.
	{Part: Reporting, Anew: true, Do: (*Night).keep},
	// Reports and snapshot go to Blob Storage, too, when report.publish says so; also those that stand, if they are not there yet.
	{Part: Reporting, Do: (*Night).upload},
	// What a person should look at: late exports, runs that wait too long, days that were lost.
	{Part: Reporting, Do: (*Night).notify},
}

// Step is a step of the night.
type Step struct {
	Part  Part
	Anew  bool   // only when the reports that stand are out of date
	Name  string // of the stage that is shown and logged; empty: it takes no time worth showing
	Items string // what the stage counts
	Do    func(*Night, context.Context) error
}

// reading makes a step of a stage of package ingest.
func reading(s ingest.Stage) Step {
	return Step{Part: Reading, Name: s.Name, Items: "files", Do: func(n *Night, ctx context.Context) error { return n.ingest.Do(ctx, s) }}
}
