package ingest

import (
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Source is one place that export files are read from.
type Source struct {
	Path         string            // a file, a folder (read with all below it) or a glob pattern; absolute
	Format       string            // one of SourceFormats; empty: recognised by content
	Columns      map[string]string // with Format "requests": canonical name -> name in the file (SPEC 2)
	Subscription string            // lower-case GUID for files that name no subscription; empty: none
	CostBasis    string            // one of CostBases for files that do not tell theirs; empty: found out
}

// SourceFormats are the formats that a source can be declared to have. Everything else is recognised by content.
var SourceFormats = []string{"requests"}

// RequestColumns are the canonical names that Source.Columns can map.
var RequestColumns = []string{"time", "method", "url", "resource_id", "status", "user_agent", "correlation_id"}

// CostBases are the cost bases of usage exports (SPEC 5.J), the preferred one first.
var CostBases = []string{"focus", "amortized", "actual", "usage"}

// Options is what one ingest run works with. Paths are absolute.
type Options struct {
	Base           string // folder that paths of files below it are written relative to, so that the whole may be moved
	Ledger         string // folder of the ledger; made when it is not there
	Sources        []Source
	Registry       string  // registrations file; empty: none
	Exclusions     string  // exclusions file; empty: none
	Customers      string  // customers file; empty: none
	MaxRejectRatio float64 // a file with a larger share of rejects fails whole (SPEC 3.1)
	Memory         int64   // bytes the engine may use
	Threads        int     // 0: all processors
	Progress       Progress
	Log            *slog.Logger
	Now            func() time.Time
	Version        string // of the program, kept in the table runs
	RunID          string // empty: made from the time
	Command        string // that was called, kept in the table runs
}

// Progress is told how far the work is. Calls are cheap and may come from several goroutines at once.
type Progress interface {
	// Stage begins a stage, whose items are of a kind: files, steps, reports. Totals and amounts start at zero again.
	Stage(name, items string)
	// Total says how much the stage has to do; zero: not known.
	Total(items, bytes int64)
	// Add says that so much more is done.
	Add(items, bytes int64)
	// Rows says that so many rows more were read or written.
	Rows(n int64)
	// Note tells the person at the terminal something worth a line of its own.
	Note(line string)
}

// The statuses of a file (FileRecord.Status).
const (
	StatusLoaded     = "loaded"     // read in this run; its rows count
	StatusUnchanged  = "unchanged"  // known from an earlier run, not read again
	StatusDuplicate  = "duplicate"  // same content as another file
	StatusSuperseded = "superseded" // part of an export run that a newer one replaced
	StatusWaiting    = "waiting"    // part of an export run that is not complete yet; no error
	StatusEmpty      = "empty"      // no rows
	StatusIgnored    = "ignored"    // recognised, and holds nothing that pidledger uses
	StatusForgotten  = "forgotten"  // taken back by pidledger forget; read again only when its size or time changes
	StatusFailed     = "failed"     // could not be read; see Reason
	StatusUnknown    = "unknown"    // no known format
)

// Statuses lists every status once, in the order in which they are shown.
var Statuses = []string{StatusLoaded, StatusUnchanged, StatusDuplicate, StatusSuperseded, StatusWaiting, StatusEmpty, StatusIgnored, StatusForgotten, StatusFailed, StatusUnknown}

// FileRecord says what became of one file.
type FileRecord struct {
	Path     string           `json:"path"`
	Status   string           `json:"status"` // one of Statuses
	Format   string           `json:"format,omitempty"`
	Reason   string           `json:"reason,omitempty"` // why it has this status or was taken for this format
	Size     int64            `json:"size"`             // bytes
	Rows     int64            `json:"rows"`             // records read: Loaded, Rejected and those that are no evidence (Kinds)
	Loaded   int64            `json:"loaded"`
	Rejected int64            `json:"rejected"`
	Kinds    map[string]int64 `json:"kinds,omitempty"` // records by kind; "forgotten" those of customers that were forgotten
}

// RejectRecord is one input row that could not be used (SPEC 3.1).
type RejectRecord struct {
	Path   string `json:"path"`
	Record int64  `json:"record,omitempty"` // 1-based data record; 0: not known
	Line   int64  `json:"line,omitempty"`   // 1-based physical line; 0: not known
	Column string `json:"column,omitempty"`
	Value  string `json:"value,omitempty"` // cut to 200 bytes
	Reason string `json:"reason"`
}

// Result is what one ingest run did.
type Result struct {
	RunID          string
	Started        time.Time
	Files          []FileRecord
	Counts         map[string]int64 // files by status
	Rows           int64            // rows read in this run
	Rejected       int64            // of them rejected
	Rejects        []RejectRecord   // the first 20 of each reason
	RejectedBefore []FileRecord     // files read in earlier runs that count and of which rows were rejected, most rejected rows first
	Notes          []string
	Unplaced       []string // files with deployments of a subscription that nothing tells (see place)
	NewIDs         []string // tracking ids that no earlier run had seen
}

// Partial tells whether some input was rejected or could not be read: the run is done, but a person should look (exit code 3).
func (r *Result) Partial() bool {
	return r.Rejected > 0 || r.Counts[StatusFailed] > 0 || r.Counts[StatusUnknown] > 0
}

// ErrInUse says that another run holds the ledger. It is wrapped by an error that names that run.
var ErrInUse = errors.New("the ledger is in use")

// CheckError says that a check failed: what was delivered or computed does not add up (exit code 4). The ledger keeps the state
// that it had before the data that failed.
type CheckError struct {
	Check  string // "dataRowCount", "coverage", ...
	Detail string // what was expected and what was found, and where
	Hint   string // the way out; may be empty
}

func (e *CheckError) Error() string { return fmt.Sprintf("check %s failed: %s", e.Check, e.Detail) }

// Try returns the way out.
func (e *CheckError) Try() string { return e.Hint }
