// Package exit turns errors into exit codes, messages and the way out. No other package knows an exit code.
package exit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/collect"
	"github.com/pidledger/pidledger/ingest/discover"
	"github.com/pidledger/pidledger/ingest/forget"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/queries/adhoc"
	"github.com/pidledger/pidledger/report"
	"github.com/pidledger/pidledger/report/explain"
)

// The exit codes (SPEC 7). They are never renumbered.
const (
	Done        = 0
	Failed      = 1
	Usage       = 2
	Partial     = 3
	Check       = 4
	InUse       = 5
	Interrupted = 130
)

// Codes is the one list of exit codes, for help texts and documentation.
var Codes = []struct {
	Code    int
	Meaning string
}{
	{Done, "done"},
	{Failed, "failed"},
	{Usage, "usage or configuration error"},
	{Partial, "done, but some input was rejected or could not be read"},
	{Check, "a check failed"},
	{InUse, "the ledger, or the folder of collect, is in use by another call"},
	{Interrupted, "interrupted"},
}

// Text lists exit codes for a help text; without arguments all of them.
func Text(codes ...int) string {
	var b strings.Builder
	for _, c := range Codes {
		if len(codes) == 0 || slices.Contains(codes, c.Code) {
			fmt.Fprintf(&b, "  %3d  %s\n", c.Code, c.Meaning)
		}
	}
	return b.String()
}

// UsageError says that the command line or the configuration is wrong.
type UsageError struct {
	Msg  string
	Hint string // the way out; empty: the help of the command
}

func (e *UsageError) Error() string { return e.Msg }

// Try returns the way out.
func (e *UsageError) Try() string { return e.Hint }

func Usagef(hint, format string, args ...any) *UsageError {
	return &UsageError{Msg: fmt.Sprintf(format, args...), Hint: hint}
}

// PartialError says that the command did its work, but a person should look at some of the input.
type PartialError struct {
	Msg  string
	Hint string
}

func (e *PartialError) Error() string { return e.Msg }
func (e *PartialError) Try() string   { return e.Hint }

// FindingsError says that a check found what must be fixed.
type FindingsError struct{ Msg, Hint string }

func (e *FindingsError) Error() string { return e.Msg }

// Try returns the way out.
func (e *FindingsError) Try() string { return e.Hint }

// CodeOf maps an error to its exit code.
func CodeOf(err error) int {
	var check *ledger.CheckError
	var findings *FindingsError
	var partial *PartialError
	var many *explain.ManyError
	var nothing *explain.NothingError
	var unverified *explain.VerifyError
	switch {
	case err == nil:
		return Done
	case errors.Is(err, context.Canceled):
		return Interrupted
	case errors.Is(err, ledger.ErrInUse), errors.As(err, new(*collect.InUseError)):
		return InUse
	case isUsage(err):
		return Usage
	case errors.As(err, &check), errors.As(err, &findings), errors.As(err, &many), errors.As(err, &nothing), errors.As(err, &unverified):
		return Check
	case errors.As(err, &partial):
		return Partial
	}
	return Failed
}

// isUsage reports whether an error is a mistake in the command line, the configuration, or a file they name.
func isUsage(err error) bool {
	var usage *UsageError
	var registry *ingest.RegistryError
	var source *discover.SourceError
	var folder *ledger.FolderError
	var unknown *forget.NotKnownError
	var statement *adhoc.SQLError
	var parameter *adhoc.ParamError
	var unpublished *report.NoSnapshotError
	var unkept *report.NotKeptError
	var dayless *explain.DayError
	return errors.As(err, &usage) || errors.As(err, &registry) || errors.As(err, &source) || errors.As(err, &folder) || errors.As(err, &unknown) ||
		errors.As(err, &statement) || errors.As(err, &parameter) || errors.As(err, &unpublished) ||
		errors.As(err, &unkept) || errors.As(err, &dayless) || errors.As(err, new(*discover.PatternError)) || errors.As(err, new(*ingest.NoMatchError))
}

// ResultOf is the result that the ledger records for a run that returned this error.
func ResultOf(err error) string {
	switch CodeOf(err) {
	case Done:
		return ledger.ResultDone
	case Partial:
		return ledger.ResultPartial
	case Check:
		return ledger.ResultCheckFailed
	case Interrupted:
		return ledger.ResultInterrupted
	}
	return ledger.ResultFailed
}

// WayOut tells what can be done about an error.
func WayOut(err error, command string) string {
	var own interface{ Try() string }
	if errors.As(err, &own) && own.Try() != "" {
		return own.Try()
	}
	switch code := CodeOf(err); {
	case code == Usage:
		return command + " --help"
	case code == Interrupted:
		return command + " again; what was complete before the signal is kept, and the rest is as it was"
	case code == InUse:
		return "wait until the other run is done, or name another ledger with --ledger"
	case code == Check:
		return "pidledger files, to see what was delivered; the data that failed the check does not count"
	case errors.Is(err, fs.ErrPermission):
		return "check the owner and mode of that path; pidledger must be able to read the sources and to write ledger and reports"
	}
	return "fix the cause and run again; ledger and reports are as they were before the step that failed"
}

// Message is what a person is told about an error.
func Message(err error) string {
	if errors.Is(err, context.Canceled) {
		return "interrupted"
	}
	return err.Error()
}
