package summary

import "math/big"

// sum adds up amounts x 10^18.
type sum struct {
	Effective, Billed big.Int
	Rows              int64
}

// Add adds a row or another sum.
func (s *sum) Add(effective, billed *big.Int, rows int64) {
	s.Effective.Add(&s.Effective, effective)
	s.Billed.Add(&s.Billed, billed)
	s.Rows += rows
}

// orZero is the sum, or zero for none.
func orZero(s *sum) *sum {
	if s == nil {
		return new(sum)
	}
	return s
}

// statusOrder is the order in which the summary shows the statuses (SPEC 5.I); one that is not here comes last.
var statusOrder = []string{"attributed", "late", "unregistered", "system", "preexisting", "malformed", "unattributed", "excluded", "not_usage"}

// ReasonOrder is the order of the reasons of unattributed usage.
var ReasonOrder = []string{"no_resource_id", "no_evidence", "untagged", "deleted", "moved"}
