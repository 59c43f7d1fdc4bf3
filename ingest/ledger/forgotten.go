package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
)

// KindForgotten is the kind under which records of forgotten customers are counted in FileRecord.Kinds.
const KindForgotten = "forgotten"

// ForgottenIDs holds the forgotten customers, by the SHA-256 of the ids of their subscriptions and tenants; the ids themselves are kept nowhere.
type ForgottenIDs map[string]bool

// IDHash is how the ledger remembers an id that it must not keep.
func IDHash(id string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(id)))
	return hex.EncodeToString(sum[:])
}

// standIn replaces an id with this hash in paths and scopes. It has the form of an id, so that a path is still understood, but is never a real one,
// so that nobody takes it for a customer's.
func standIn(hash string) string {
	return "00000000-" + hash[:4] + "-" + hash[4:8] + "-" + hash[8:12] + "-" + hash[12:24]
}

// Has reports whether an id is a forgotten customer's.
func (f ForgottenIDs) Has(id string) bool { return len(f) > 0 && id != "" && f[IDHash(id)] }

// Neutral replaces the ids of forgotten customers in a text.
func (f ForgottenIDs) Neutral(text string) string {
	if len(f) == 0 || len(text) < azure.GUIDLen {
		return text
	}
	for i := 0; i+azure.GUIDLen <= len(text); i++ {
		if id := text[i : i+azure.GUIDLen]; azure.IsGUID(id) {
			if hash := IDHash(id); f[hash] {
				text = text[:i] + standIn(hash) + text[i+azure.GUIDLen:]
			}
			i += azure.GUIDLen - 1
		}
	}
	return text
}

// ForgottenIDs reads which customers were forgotten.
func (l *Ledger) ForgottenIDs(ctx context.Context) (ForgottenIDs, error) {
	hashes, err := engine.Ask[string](ctx, l.DB, queries.Text("ledger/forgotten_ids.sql"))
	return setOf(hashes), err
}

// Teach tells the engine which customers are forgotten, for the statements that look for their rows.
func (f ForgottenIDs) Teach(ctx context.Context, db *engine.DB) error {
	var hashes, names []string
	for h := range f {
		hashes, names = append(hashes, h), append(names, standIn(h))
	}
	if err := db.Exec(ctx, queries.Text("ledger/forgotten_macros.sql")); err != nil {
		return err
	}
	return errors.Join(db.SetList(ctx, "forgotten_hashes", hashes), db.SetList(ctx, "forgotten_names", names))
}
