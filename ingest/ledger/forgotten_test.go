package ledger_test

import (
	"strings"
	"testing"

	"github.com/pidledger/pidledger/ingest/ledger"
)

// The id of a forgotten customer is replaced wherever it stands in a path or scope, in any case, and nothing else is.
func TestNeutral(t *testing.T) {
	const id, other = "349aae90-8fb5-462c-b703-806984c81999", "d20b5d59-db61-4487-989d-a11b62397bc7"
	gone := ledger.ForgottenIDs{ledger.IDHash(id): true}
	for text, replaced := range map[string]bool{
		"resourceId=/SUBSCRIPTIONS/" + strings.ToUpper(id) + "/y=2026/PT1H.json": true,
		id: true, "x" + id: true, id + id: true, "/subscriptions/" + other + "/" + id: true,
		"/subscriptions/" + other: false, "": false, id[1:]: false, strings.ReplaceAll(id, "-", ""): false,
	} {
		got := gone.Neutral(text)
		if (got != text) != replaced || strings.Contains(strings.ToLower(got), id) || len(got) != len(text) || strings.Contains(text, other) != strings.Contains(got, other) {
			t.Errorf("%q became %q", text, got)
		}
		if gone.Neutral(got) != got {
			t.Errorf("%q is replaced twice", text)
		}
	}
	if !gone.Has(strings.ToUpper(id)) || gone.Has(other) || gone.Has("") {
		t.Error("has")
	}
}
