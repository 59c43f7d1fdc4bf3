package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/report"
	"github.com/pidledger/pidledger/report/explain"
)

// The exit codes (SPEC 7). They are never renumbered.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitPartial     = 3
	exitCheck       = 4
	exitInUse       = 5
	exitInterrupted = 130
)

// exitCodes is the one list of exit codes: help texts and documentation are made from it.
var exitCodes = []struct {
	Code    int
	Meaning string
}{
	{exitDone, "done"},
	{exitFailed, "failed"},
	{exitUsage, "usage or configuration error"},
	{exitPartial, "done, but some input was rejected or could not be read"},
	{exitCheck, "a check failed"},
	{exitInUse, "the ledger is in use by another run"},
	{exitInterrupted, "interrupted"},
}

// exitText lists exit codes for a help text; without arguments all of them.
func exitText(codes ...int) string {
	var b strings.Builder
	for _, c := range exitCodes {
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

func usagef(hint, format string, args ...any) *UsageError {
	return &UsageError{Msg: fmt.Sprintf(format, args...), Hint: hint}
}

// partialError says that the command did its work, but a person should look at some of the input.
type partialError struct {
	msg  string
	hint string
}

func (e *partialError) Error() string { return e.msg }
func (e *partialError) Try() string   { return e.hint }

// exitCodeOf maps an error to its exit code.
func exitCodeOf(err error) int {
	var check *ingest.CheckError
	var findings *findingsError
	var partial *partialError
	var many *explain.ManyError
	var nothing *explain.NothingError
	var unverified *explain.VerifyError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.Is(err, ingest.ErrInUse):
		return exitInUse
	case isUsage(err):
		return exitUsage
	case errors.As(err, &check), errors.As(err, &findings), errors.As(err, &many), errors.As(err, &nothing), errors.As(err, &unverified):
		return exitCheck
	case errors.As(err, &partial):
		return exitPartial
	}
	return exitFailed
}

// isUsage tells whether an error is a mistake in the command line, the configuration, or what they name.
func isUsage(err error) bool {
	var usage *UsageError
	var registry *ingest.RegistryError
	var source *ingest.SourceError
	var folder *ingest.FolderError
	var unknown *ingest.NotKnownError
	var statement *queries.SQLError
	var parameter *queries.ParamError
	var unpublished *report.NoSnapshotError
	var unkept *report.NotKeptError
	var dayless *explain.DayError
	return errors.As(err, &usage) || errors.As(err, &registry) || errors.As(err, &source) || errors.As(err, &folder) || errors.As(err, &unknown) ||
		errors.As(err, &statement) || errors.As(err, &parameter) || errors.As(err, &unpublished) ||
		errors.As(err, &unkept) || errors.As(err, &dayless)
}

// resultOf tells the ledger how a run ended that returned this error.
func resultOf(err error) string {
	switch exitCodeOf(err) {
	case exitDone:
		return ingest.ResultDone
	case exitPartial:
		return ingest.ResultPartial
	case exitCheck:
		return ingest.ResultCheckFailed
	case exitInterrupted:
		return ingest.ResultInterrupted
	}
	return ingest.ResultFailed
}

// wayOut tells what can be done about an error.
func wayOut(err error, command string) string {
	var own interface{ Try() string }
	if errors.As(err, &own) && own.Try() != "" {
		return own.Try()
	}
	switch code := exitCodeOf(err); {
	case code == exitUsage:
		return command + " --help"
	case code == exitInterrupted:
		return command + " again; what was complete before the signal is kept, and the rest is as it was"
	case code == exitInUse:
		return "wait until the other run is done, or name another ledger with --ledger"
	case code == exitCheck:
		return "pidledger files, to see what was delivered; the data that failed the check does not count"
	case errors.Is(err, fs.ErrPermission):
		return "check owner and mode of that path; pidledger needs to read the sources and to write ledger and reports"
	}
	return "mend the cause and run again; ledger and reports are as they were before the step that failed"
}
