package report

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
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
func (s *Snapshot) SupportFacts(ctx context.Context, ids []string) (*SupportFacts, error) {
	f := &SupportFacts{RunID: s.Manifest.RunID, DataThrough: s.Manifest.DataThrough}
	named := func(r Record) bool { return slices.Contains(ids, text(r["tracking_id"])) }
	read := []struct {
		to     *[]Record
		query  string
		tables []string
		keep   func(Record) bool
	}{
		{&f.Coverage, "support_coverage", []string{"coverage"}, func(Record) bool { return true }},
		{&f.IDs, "support_ids", []string{"tracking_ids", "unregistered"}, func(r Record) bool {
			return len(ids) == 0 && r["kind"] == "registered" || named(r)
		}},
		{&f.Sightings, "support_sightings", []string{"sightings"}, named},
		{&f.Requests, "support_requests", []string{"requests"}, named},
		{&f.Deployments, "support_deployments", []string{"requests", "deployments"}, named},
	}
	if len(ids) == 0 {
		read = read[:2]
	}
	for _, r := range read {
		if err := s.records(ctx, r.query, r.tables, r.keep, r.to); err != nil {
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
func (s *Snapshot) records(ctx context.Context, query string, tables []string, keep func(Record) bool, to *[]Record) (err error) {
	rows, err := s.query(ctx, query, tables)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Err(), rows.Close()) }()
	schema := rows.Schema()
	for rows.Next() {
		r := Record{}
		for i, v := range rows.Values() {
			r[schema[i].Name] = plainValue(v)
		}
		if keep(r) {
			*to = append(*to, r)
		}
	}
	return nil
}

func plainValue(v engine.Value) any {
	if v.Null {
		return nil
	}
	switch v.Type {
	case columnar.Int:
		return v.I
	case columnar.Bool:
		return v.I != 0
	case columnar.Decimal:
		return columnar.FormatDecimal(v.D)
	case columnar.Date:
		return dayText(v)
	case columnar.Timestamp:
		return time.UnixMicro(v.I).UTC().Format(time.RFC3339)
	}
	return v.S
}
