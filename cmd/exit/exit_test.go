package exit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/pidledger/pidledger/ingest/ledger"
)

func TestExitCodes(t *testing.T) {
	for err, want := range map[error]int{
		nil:                                  0,
		errors.New("x"):                      1,
		Usagef("", "x"):                      2,
		fmt.Errorf("x: %w", &PartialError{}): 3,
		fmt.Errorf("x: %w", &ledger.CheckError{}): 4,
		&FindingsError{}:                               4,
		fmt.Errorf("x: %w", ledger.ErrInUse):           5,
		fmt.Errorf("x: %w", context.Canceled):          130,
		errors.Join(fs.ErrPermission, Usagef("", "x")): 2,
	} {
		if got := CodeOf(err); got != want {
			t.Errorf("%v: %d, want %d", err, got, want)
		}
		if err != nil && WayOut(err, "pidledger run") == "" {
			t.Errorf("%v: no way out", err)
		}
	}
	seen := map[int]bool{}
	for _, c := range Codes {
		if seen[c.Code] || c.Meaning == "" {
			t.Errorf("exit code %d is there twice or without a meaning", c.Code)
		}
		seen[c.Code] = true
	}
}
