package report

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/adhoc"
	"github.com/pidledger/pidledger/report/write"
)

// Record is a row for JSON: numbers, amounts as text in plain notation, days and times as text; NULL is nil.
type Record map[string]any

// SupportFacts are what a snapshot tells about tracking ids without naming a customer: no tenant, subscription, resource or deployment.
type SupportFacts struct {
	RunID       string   `json:"run_id"`
	DataThrough *string  `json:"data_through"` // null: no usage
	IDs         []Record `json:"tracking_ids"`
	Sightings   []Record `json:"sightings,omitempty"` // this and the next two: of named ids only
	Requests    []Record `json:"requests,omitempty"`
	Deployments []Record `json:"deployments,omitempty"`
	NotSeen     []string `json:"not_known,omitempty"` // named ids that are neither registered nor seen
	Coverage    []Record `json:"-"`
}

// SupportFacts reads them for these ids (lower case, without pid-); without any, for all registered ids, but no single sightings.
func (r *Reader) SupportFacts(ctx context.Context, ids []string) (*SupportFacts, error) {
	f := &SupportFacts{RunID: r.Snapshot.ID}
	if through := r.Snapshot.DataThrough; through != "" {
		f.DataThrough = &through
	}
	named := func(r Record) bool { return slices.Contains(ids, text(r["tracking_id"])) }
	read := []struct {
		to    *[]Record
		query string
		keep  func(Record) bool
	}{
		{&f.Coverage, "support_coverage", func(Record) bool { return true }},
		{&f.IDs, "support_ids", func(r Record) bool {
			return len(ids) == 0 && r["kind"] == "registered" || named(r)
		}},
		{&f.Sightings, "support_sightings", named},
		{&f.Requests, "support_requests", named},
		{&f.Deployments, "support_deployments", named},
	}
	if len(ids) == 0 {
		read = read[:2]
	}
	for _, q := range read {
		if err := r.records(ctx, q.query, q.keep, q.to); err != nil {
			return nil, err
		}
	}
	for _, id := range ids {
		if !slices.ContainsFunc(f.IDs, func(r Record) bool { return r["tracking_id"] == id }) {
			f.NotSeen = append(f.NotSeen, id)
		}
	}
	return f, nil
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// records adds the rows of a query that are to be kept.
func (r *Reader) records(ctx context.Context, query string, keep func(Record) bool, to *[]Record) (err error) {
	result, err := r.Query(ctx, queries.Text("published/"+query+".sql"), nil)
	if err != nil {
		return fmt.Errorf("ask the snapshot %s for %s: %w", r.Snapshot.ID, query, err)
	}
	defer func() { err = errors.Join(err, result.Err(), result.Close()) }()
	fields := result.Fields()
	for result.Next() {
		record := Record{}
		for i, c := range result.Cells() {
			record[fields[i].Name] = plainCell(&fields[i], &c)
		}
		if keep(record) {
			*to = append(*to, record)
		}
	}
	return nil
}

func plainCell(f *adhoc.Field, c *adhoc.Cell) any {
	switch {
	case c.Null:
		return nil
	case f.Kind == adhoc.KindInt:
		return c.I
	case f.Kind == adhoc.KindBool:
		return c.I != 0
	case f.Kind == adhoc.KindTime:
		return time.UnixMicro(c.I).UTC().Format(time.RFC3339)
	}
	return string(write.AppendCell(nil, f, c))
}
