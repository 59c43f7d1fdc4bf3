package ledger

import (
	"fmt"
)

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
