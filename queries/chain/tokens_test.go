package chain

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/ingest/token"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
)

// The grammar stands twice, in Go for the commands and in SQL for the ledger. Both must say the same of every text.

// grammar runs the steps of the grammar over texts that a test gives.
type grammar struct {
	db  *engine.DB
	ctx context.Context
}

var grammarSteps = []string{"token_texts", "guid_tokens", "word_tokens", "malformed_tokens", "bare_ids", "tokens"}

func newGrammar(ctx context.Context, t testing.TB, registered ...string) grammar {
	t.Helper()
	db, err := engine.Open(ctx, engine.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := Parameters(ctx, db, Attribution{}, azure.Regions()); err != nil {
		t.Fatal(err)
	}
	if err := db.Exec(ctx, "create temp table registrations (tracking_id varchar)"); err != nil {
		t.Fatal(err)
	}
	for _, r := range registered {
		if err := db.Exec(ctx, "insert into registrations values (?)", r); err != nil {
			t.Fatal(err)
		}
	}
	return grammar{db, ctx}
}

// bySQL returns what the SQL finds in a text, sorted.
func (g grammar) bySQL(t testing.TB, text string, source token.Source) []string {
	t.Helper()
	if err := g.db.Exec(g.ctx, "create or replace temp table sighting_texts as select ?::varchar as source, t.text, t.text as text_key from (select ?::varchar as text) t", string(source), text); err != nil {
		t.Fatal(err)
	}
	for _, s := range grammarSteps {
		if err := g.db.Table(g.ctx, s, queries.Text("attribute/"+s+".sql")); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	rows, err := g.db.Query(g.ctx, "select token, coalesce(tracking_id, ''), coalesce(suffix, ''), coalesce(suffix_kind, ''), coalesce(reason, '') from tokens")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		v := rows.Values()
		out = append(out, fmt.Sprintf("%q %q %q %s %s", v[0].S, v[1].S, v[2].S, v[3].S, v[4].S))
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	slices.Sort(out)
	return out
}

// byGo returns the same from package token. The SQL gives each token of a text once, with the suffix of its first place.
func byGo(text string, source token.Source, registered []string) []string {
	var out []string
	seen := map[string]bool{}
	found := append(token.Find(text, source), missingPrefix(text, func(id string) bool { return slices.Contains(registered, id) })...)
	for _, k := range found {
		key := k.Text + "|" + string(k.Reason)
		if seen[key] {
			continue
		}
		seen[key] = true
		out = append(out, fmt.Sprintf("%q %q %q %s %s", k.Text, k.ID, k.Suffix, k.SuffixKind, k.Reason))
	}
	slices.Sort(out)
	return out
}

// missingPrefix returns the GUIDs in the text that are registered but lack their `pid-`: each is a malformed token. Only the ledger knows
// the registered ids of a text, so only its SQL has this rule; here it stands a second time.
func missingPrefix(text string, registered func(id string) bool) []token.Token {
	t := azure.Lower(text)
	var out []token.Token
	for _, at := range bareGUID.FindAllStringIndex(t, token.MaxTokens) {
		hit := t[at[0]:at[1]]
		if strings.HasPrefix(hit, "pid-") {
			continue
		}
		hit = bareStart.FindString(hit)
		if len(hit) == azure.GUIDLen && registered(hit) {
			out = append(out, token.Token{Text: hit, Start: at[1] - len(hit), Reason: token.MissingPrefix})
		}
	}
	return out
}

var (
	bareGUID  = regexp.MustCompile(token.BareGUID)
	bareStart = regexp.MustCompile(token.BareStart + `$`)
)

func TestMissingPrefix(t *testing.T) {
	const a, b = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", "1f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f1"
	g := newGrammar(t.Context(), t, a, b)
	registered := func(id string) bool { return id == a || id == b }
	for text, want := range map[string]int{
		strings.ToUpper(a): 1, "app/1 " + a + " " + b: 2, a + "," + a: 2, "pid-" + a: 0, "xpid-" + a: 0, "pid-Connectivity-" + a: 1, "x" + a: 0,
		a + "0": 0, a + "-eastus": 1, azure.NilGUID: 0, "": 0,
	} {
		if got := missingPrefix(text, registered); len(got) != want {
			t.Errorf("%q: %v", text, got)
		}
		if got, want := g.bySQL(t, text, token.UserAgent), byGo(text, token.UserAgent, []string{a, b}); !slices.Equal(got, want) {
			t.Errorf("%q:\nSQL %v\nGo  %v", text, got, want)
		}
	}
}

func TestGrammarOfSamples(t *testing.T) {
	f, err := os.Open(filepath.Join("..", "..", "shared", "samples", "tokens.tsv"))
	if err != nil {
		t.Skip("the shared token samples are not here; FuzzGrammar compares the two grammars on texts of its own")
	}
	defer f.Close()
	g := newGrammar(t.Context(), t, "acce1e78-7e8a-0a7e-9676-89d4b312fefe")
	scan := bufio.NewScanner(f)
	n := 0
	for scan.Scan() {
		cells := strings.Split(scan.Text(), "\t")
		if cells[0] == "id" {
			continue
		}
		for _, source := range []token.Source{token.DeploymentName, token.UserAgent} {
			want := byGo(cells[3], source, []string{"acce1e78-7e8a-0a7e-9676-89d4b312fefe"})
			if got := g.bySQL(t, cells[3], source); !slices.Equal(got, want) {
				t.Errorf("%s as %s: %q:\nSQL %v\nGo  %v", cells[0], source, cells[3], got, want)
			}
		}
		n++
	}
	if n < 70 {
		t.Errorf("only %d samples read", n)
	}
}

// What a malformed token was meant to be stands twice as well.
func TestSuggestions(t *testing.T) {
	ids := []string{"0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", "e1cf4f58-9f8e-4ce0-8f29-d115ef24bd62", "e1cf4f58-9f8e-4ce0-9f29-d115ef24bd62", "contoso-myoffer", "face-bee-f0123"}
	g := newGrammar(t.Context(), t)
	if err := g.db.Exec(g.ctx, "alter table registrations add column kind varchar"); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if err := g.db.Exec(g.ctx, "insert into registrations values (?, ?)", id, string(token.Normalise(id).Kind)); err != nil {
			t.Fatal(err)
		}
	}
	for _, text := range []string{
		"pid-0f1e2d3c-4b5a-69", "pid-0f1e2d3c-4b5a-", "pid-0f1e2d3", "pid-e1cf4f58-9f8e-4ce0-", "pid-e1cf4f58-9f8e-4ce0-9f", "pid-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f", "pid-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1ff",
		"pid-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1fg-eastus2", "pid-contoso-myofer", "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", "pid-0f1e2d3c4b5a69788796a5b4c3d2e1f0", "pid-0f1e2d3c4b5a69788796a5b4c3d2e1f0-x-y_z",
		"pid-0f1e2d3c4b5a69788796a5b4c3d2e1f0_", "pid-0f1e2d3c4b5a69788796a5b4c3d2e1f", "pid-0f1e2d3c4b5a69788796a5b4c3d2e1f00", "pid-0f1e2d3c4b5a697887", "pid-e1cf4f589f8e4ce0", "pid-0f1e2d3c4", "pid-facebeef0123", "pid-0f1e2d3c4g", "pid-0f1e2d3c4.x",
		"pid-0f1e2d3c4b5a69788796a5b4c3d2e1f0.x", "pid-0f1e2d3c4b5a6978-8796a5b4c3d2e1f0",
	} {
		if err := g.db.Exec(g.ctx, "create or replace temp table sightings as select ?::varchar as token, 'x' as reason, 'user_agent' as source, 'c' as correlation_id", text); err != nil {
			t.Fatal(err)
		}
		if err := g.db.Exec(g.ctx, "create or replace temp table request_starts as select 'c' as correlation_id, timestamp '2026-03-02' as start_ts"); err != nil {
			t.Fatal(err)
		}
		for _, s := range []string{"attribute/malformed_ids", "attribute/suggestions", "report/malformed"} {
			if err := g.db.Table(g.ctx, s[strings.Index(s, "/")+1:], queries.Text(s+".sql")); err != nil {
				t.Fatalf("%s: %v", s, err)
			}
		}
		rows, err := g.db.Query(g.ctx, "select coalesce(suggestion, '') from malformed")
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for rows.Next() {
			got = rows.Values()[0].S
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
		if want := token.Suggest(text, ids); got != want {
			t.Errorf("%s: SQL suggests %q, Go %q", text, got, want)
		}
	}
}

func FuzzGrammar(f *testing.F) {
	const guid = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
	g := newGrammar(f.Context(), f, guid)
	for _, s := range []string{
		"pid-" + guid, "PID-" + strings.ToUpper(guid) + "-partnercenter", "pid-" + guid + "_1.2_ff", "x-pid-" + guid + "5", "pid-" + guid + "pid-" + guid,
		"pid-" + guid + "-eastus2", "pid-" + guid + "-nx2c3rnlt2wru", guid, "x" + guid, "xpid-" + guid, guid + " pid-" + guid, "pid-contoso-partnercenter pid-b-partnercenter",
		"pid-a.b(c)-partnercenter (pid-x.-partnercenter) pid-y)-partnercenters.z", "pid-" + guid + ")(pid-b-partnercenter", "pid-0-0--0-0-0",
		"pid-00000000000000000000000000000000-x", "pid-0f1e2d3c4b5a69788796a5b4c3d2e1f0", "pid-contoso-partnercenters-partnercenter", "pid-eb7927c8-dd66-43e1-b", "pid-00000000-0000-0000-0000-000000000000", "pid-xxxxxxxx-xxxx", "pid-a.b. pid-",
		"pid-couchbase-2018-4dbd-x", "pid-app-gateway", "pid-" + guid + "-pid-b-partnercenter", "p\u0130d-" + guid, "pid-0f1e2d3c_4b5a_6978_8796_a5b4c3d2e1f0", "ſpid-\u212a",
	} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, text string, agent bool) {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			t.Skip("the ledger holds UTF-8 without NUL only")
		}
		source := token.DeploymentName
		if agent {
			source = token.UserAgent
		}
		want := byGo(text, source, []string{guid})
		if got := g.bySQL(t, text, source); !slices.Equal(got, want) {
			t.Errorf("%s %q:\nSQL %v\nGo  %v", source, text, got, want)
		}
	})
}
