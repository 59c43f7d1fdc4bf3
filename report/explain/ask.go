package explain

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/adhoc"
	"github.com/pidledger/pidledger/report"
)

// Explainer answers questions about one snapshot. It is not safe for concurrent use.
type Explainer struct {
	reader   *report.Reader
	snapshot *report.SnapshotFolder
	settings settings
}

// Open opens the snapshot that the reports in dir point to. Errors: *report.NoSnapshotError.
func Open(ctx context.Context, dir string, o adhoc.Options) (*Explainer, error) {
	r, err := report.Open(ctx, dir, o)
	if err != nil {
		return nil, err
	}
	for _, need := range queries.SnapshotTables {
		if !slices.ContainsFunc(r.Snapshot.Tables, func(t adhoc.Table) bool { return t.Name == need }) {
			old := &report.NoSnapshotError{Dir: dir, Why: "the one that is there lacks the table " + need + ", for an older version wrote it"}
			return nil, errors.Join(old, r.Close())
		}
	}
	e := &Explainer{reader: r, snapshot: r.Snapshot}
	found, err := ask[settings](ctx, e, "settings", nil)
	if err == nil && len(found) != 1 {
		err = fmt.Errorf("the table settings of the snapshot %s has %d rows, not one", r.Snapshot.ID, len(found))
	}
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	e.settings = found[0]
	return e, nil
}

// Close closes the snapshot.
func (e *Explainer) Close() error { return e.reader.Close() }

// params are the parameters of a query. A list is one text with a value a line.
type params map[string]string

func list(values ...string) string { return strings.Join(values, "\n") }

// ask runs a query of queries/explain.
func ask[T any](ctx context.Context, e *Explainer, query string, p params) ([]T, error) {
	return report.Ask[T](ctx, e.reader, "explain/"+query, p)
}

// first runs a query that gives at most one row; nil when there is none.
func first[T any](ctx context.Context, e *Explainer, query string, p params) (*T, error) {
	rows, err := ask[T](ctx, e, query, p)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}

// ManyError says that a question has several answers.
type ManyError struct {
	Asked      string
	Candidates []Candidate // by kind and id
}

func (e *ManyError) Error() string {
	return fmt.Sprintf("%q may be any of %d things%s", e.Asked, len(e.Candidates), candidateLines(e.Candidates, 20))
}

// Try returns the way out.
func (e *ManyError) Try() string { return "ask for one of them by its whole id" }

// NothingError says that nothing is known of what was asked.
type NothingError struct {
	Asked string
	Near  []Candidate // ids that may be meant, nearest first
}

func (e *NothingError) Error() string {
	text := fmt.Sprintf("nothing is known of %q, or it belongs to a customer who opted out", e.Asked)
	if len(e.Near) > 0 {
		text += "; near are" + candidateLines(e.Near, len(e.Near))
	}
	return text
}

// Try returns the way out.
func (e *NothingError) Try() string {
	if len(e.Near) > 0 {
		return "one of these ids"
	}
	return "pidledger status, to see which exports were delivered; an id is taken as it stands in an export, a resource also by its name"
}

// Unanswered is what `explain --json` writes for a *ManyError or *NothingError; nil for other errors.
func Unanswered(err error) *Answer {
	var many *ManyError
	var nothing *NothingError
	switch {
	case errors.As(err, &many):
		return &Answer{Asked: many.Asked, Conclusion: fmt.Sprintf("may be any of %d things", len(many.Candidates)), Candidates: many.Candidates}
	case errors.As(err, &nothing):
		return &Answer{Asked: nothing.Asked, Conclusion: "nothing is known of it, or it belongs to a customer who opted out", Candidates: nothing.Near}
	}
	return nil
}

func candidateLines(list []Candidate, most int) string {
	var b strings.Builder
	for i, c := range list {
		if i == most {
			fmt.Fprintf(&b, "\n  and %d more", len(list)-most)
			break
		}
		fmt.Fprintf(&b, "\n  %s %s", strings.ReplaceAll(c.Kind, "_", " "), c.ID)
		if c.Label != "" && c.Label != strings.ReplaceAll(c.Kind, "_", " ") {
			fmt.Fprintf(&b, " (%s)", c.Label)
		}
	}
	return b.String()
}

// Asked is a text of a person, taken apart.
type asked struct {
	text     string // as written
	id       string // in lower case
	path     string // as a resource id: one leading slash, none at the end; empty: it is not one
	tracking string // what may be a tracking id in it
	named    bool   // written with pid-
}

const guidForm = `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`

// beginsWithGUID finds a whole GUID at the beginning: no further hex digit follows (SPEC 4).
var beginsWithGUID = regexp.MustCompile(`^(` + guidForm + `)(?:[^0-9a-f]|$)`)

// partnerEnding ends the ids of Marketplace offers; it is not part of the id.
const partnerEnding = "-partnercenter"

func take(text string) asked {
	a := asked{text: text, id: strings.ToLower(strings.TrimSpace(text))}
	if strings.Contains(a.id, "/") {
		a.path = "/" + strings.Trim(a.id, "/")
		return a
	}
	id, named := strings.CutPrefix(a.id, "pid-")
	a.named = named
	if m := beginsWithGUID.FindStringSubmatch(id); m != nil && (named || m[1] == id || strings.TrimPrefix(id, m[1]) == partnerEnding) {
		a.tracking = m[1]
	} else {
		a.tracking = strings.TrimSuffix(id, partnerEnding)
	}
	return a
}

// last is the last part of a path, or the id.
func (a asked) last() string {
	if a.path != "" {
		return a.path[strings.LastIndexByte(a.path, '/')+1:]
	}
	return strings.TrimPrefix(a.id, "pid-")
}

// find looks up what a text means. Errors: *ManyError, *NothingError.
func (e *Explainer) find(ctx context.Context, a asked) (Candidate, error) {
	found, err := ask[Candidate](ctx, e, "lookup", params{"id": a.id, "path": a.path, "tracking": a.tracking})
	if err != nil {
		return Candidate{}, err
	}
	// What is written with pid- means the id, also where a deployment has exactly that name.
	if a.named {
		for _, kind := range []string{KindTrackingID, KindToken} {
			for _, c := range found {
				if c.Kind == kind {
					return c, nil
				}
			}
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		near, err := ask[Candidate](ctx, e, "near", params{"word": a.last(), "path": a.path})
		if err != nil {
			return Candidate{}, err
		}
		return Candidate{}, &NothingError{a.text, spelled(near)}
	}
	return Candidate{}, &ManyError{a.text, spelled(found)}
}

// spelled writes tracking ids so that they mean nothing else when they are asked for.
func spelled(list []Candidate) []Candidate {
	for i, c := range list {
		if c.Kind == KindTrackingID {
			list[i].ID = pid(c.ID)
		}
	}
	return list
}

// Question is what is asked.
type Question struct {
	Text string // an id or name
	Day  string // YYYY-MM-DD; empty: all days. Only for resources
}

// Explain answers a question. Errors: *ManyError, *NothingError, *DayError.
func (e *Explainer) Explain(ctx context.Context, q Question) (*Answer, error) {
	c, err := e.find(ctx, take(q.Text))
	if err != nil {
		return nil, err
	}
	if q.Day != "" && c.Kind != KindResource {
		return nil, &DayError{q.Text, c.Kind}
	}
	a := &Answer{Asked: q.Text, Kind: c.Kind, ID: c.ID, RunID: e.snapshot.ID, DataThrough: e.snapshot.DataThrough}
	switch c.Kind {
	case KindResource:
		err = e.resource(ctx, a, q.Day)
	case KindTrackingID:
		err = e.tracking(ctx, a)
	case KindToken:
		err = e.token(ctx, a)
	case KindRequest:
		err = e.request(ctx, a)
	case KindDeployment:
		err = e.deployment(ctx, a)
	case KindCustomer:
		err = e.customer(ctx, a, c.Label)
	default:
		err = e.scope(ctx, a)
	}
	if err != nil {
		return nil, err
	}
	return a, nil
}

// DayError says that a day was given with something that has none.
type DayError struct{ Asked, Kind string }

func (e *DayError) Error() string {
	return fmt.Sprintf("%q is a %s, and a day goes with a resource only", e.Asked, strings.ReplaceAll(e.Kind, "_", " "))
}

// Try returns the way out.
func (e *DayError) Try() string { return "pidledger explain RESOURCE-ID --day YYYY-MM-DD" }
