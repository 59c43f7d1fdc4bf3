package ledger

import (
	"context"

	"github.com/pidledger/pidledger/queries/engine"
)

// text runs a statement that returns at most one text; "": none.
func text(ctx context.Context, db *engine.DB, statement string) (string, error) {
	found, err := engine.AskOne[string](ctx, db, statement)
	if err != nil || found == nil {
		return "", err
	}
	return *found, nil
}
