package ingest

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/ingest/registry"
	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
)

// RegistryError says that the registry, exclusions or customers file cannot be used. Nothing is ingested or reported with it: whose
// usage is whose, and who opted out, must be certain.
type RegistryError struct{ Err error }

func (e *RegistryError) Error() string { return e.Err.Error() }
func (e *RegistryError) Unwrap() error { return e.Err }

// Try returns the way out.
func (e *RegistryError) Try() string {
	return "correct the file; pidledger registry lint shows everything that is wrong in a registry"
}

// The canonical tables of the files that the config names.
var (
	registrationColumns = columnar.Schema{
		{Name: "tracking_id", Type: columnar.String}, {Name: "mpn_id", Type: columnar.String}, {Name: "offer", Type: columnar.String},
		{Name: "sku", Type: columnar.String}, {Name: "channel", Type: columnar.String}, {Name: "description", Type: columnar.String},
		{Name: "registered_at", Type: columnar.Date}, {Name: "retired_at", Type: columnar.Date}, {Name: "kind", Type: columnar.String},
		{Name: "src_file", Type: columnar.String}, {Name: "src_record", Type: columnar.Int},
	}
	exclusionColumns = columnar.Schema{
		{Name: "scope", Type: columnar.String}, {Name: "scope_kind", Type: columnar.String}, {Name: "scope_id", Type: columnar.String},
		{Name: "reason", Type: columnar.String}, {Name: "since", Type: columnar.Date},
	}
	customerColumns = columnar.Schema{
		{Name: "subscription_id", Type: columnar.String}, {Name: "customer_tenant_id", Type: columnar.String}, {Name: "customer_name", Type: columnar.String},
	}
)

// settings reads the files that the config names; commit puts them in place of what was there.
func (s *session) settings(ctx context.Context) error {
	registrations := columnar.NewBatch(registrationColumns)
	exclusions := columnar.NewBatch(exclusionColumns)
	customers := columnar.NewBatch(customerColumns)
	s.tables = map[string]*columnar.Batch{"registrations": registrations, "exclusions": exclusions, "customers": customers}
	o := s.registryOptions(ctx)
	if path := s.opts.Registry; path != "" {
		rows, remarks, err := registry.Registrations(path, o)
		if err != nil {
			return registryError(err)
		}
		s.remark(remarks)
		for _, r := range rows {
			registrations.Str(0, r.TrackingID)
			for i, text := range []string{r.MPNID, r.Offer, r.SKU, r.Channel, r.Description} {
				optional(registrations, i+1, text)
			}
			optionalDay(registrations, 6, r.RegisteredAt)
			optionalDay(registrations, 7, r.RetiredAt)
			registrations.Str(8, r.Kind)
			registrations.Str(9, s.opts.Sources.Spell(r.File))
			registrations.Int(10, r.Record)
			registrations.EndRow()
		}
	}
	if path := s.opts.Exclusions; path != "" {
		rows, remarks, err := registry.Exclusions(path, o)
		if err != nil {
			return registryError(err)
		}
		s.remark(remarks)
		for _, r := range rows {
			exclusions.Str(0, r.Scope)
			exclusions.Str(1, r.ScopeKind)
			exclusions.Str(2, r.ScopeID)
			optional(exclusions, 3, r.Reason)
			optionalDay(exclusions, 4, r.Since)
			exclusions.EndRow()
		}
	}
	if path := s.opts.Customers; path != "" {
		rows, remarks, err := registry.Customers(path, o)
		if err != nil {
			return registryError(err)
		}
		s.remark(remarks)
		for _, r := range rows {
			if s.input.gone.Has(r.SubscriptionID) || s.input.gone.Has(r.CustomerTenantID) {
				continue
			}
			customers.Str(0, r.SubscriptionID)
			optional(customers, 1, r.CustomerTenantID)
			optional(customers, 2, r.CustomerName)
			customers.EndRow()
		}
	}
	return nil
}

func (s *session) registryOptions(ctx context.Context) registry.Options {
	return registry.Options{Parquet: func(path string) ([]string, [][]string, error) { return parquetTable(ctx, s.ledger.DB, path) }}
}

// optOuts is what identifies customers who opt out by the exclusions file of today, for those who say something before a run has read it: a temporary
// table stands before the one that the last run left.
func (s *session) optOuts(ctx context.Context) (*ledger.Hidden, error) {
	var rows [][]any
	if path := s.opts.Exclusions; path != "" {
		list, _, err := registry.Exclusions(path, s.registryOptions(ctx))
		if err != nil {
			return nil, registryError(err)
		}
		for _, r := range list {
			rows = append(rows, []any{r.Scope, r.ScopeKind, r.ScopeID, r.Reason, nil}) // what names them is hidden whatever the day
		}
	}
	if err := s.ledger.DB.Values(ctx, "exclusions", exclusionColumns, rows); err != nil {
		return nil, err
	}
	hidden, err := ledger.FindHidden(ctx, s.ledger.DB)
	return hidden, errors.Join(err, s.ledger.DB.Drop(ctx, "exclusions"))
}

// registryError marks what is wrong with the content of a file, as against a disk that fails.
func registryError(err error) error { return &RegistryError{Err: err} }

// mostRemarks on a file are noted; the rest is counted.
const mostRemarks = 20

// remark notes what is odd in a registry file, but does not refuse it.
func (s *session) remark(remarks []registry.Finding) {
	said := 0
	for _, f := range remarks {
		if f.Severity != registry.Warning {
			continue
		}
		if said++; said <= mostRemarks {
			s.log.note("%s", f)
		}
	}
	if said > mostRemarks {
		s.log.note("%s: and %d more; pidledger registry lint shows what is odd in a registry", remarks[0].File, said-mostRemarks)
	}
}

// parquetTable reads a small Parquet file whole.
func parquetTable(ctx context.Context, db *engine.DB, path string) (header []string, rows [][]string, err error) {
	if _, err := os.Stat(path); err != nil {
		return nil, nil, err
	}
	if header, err = db.ParquetColumns(ctx, path); err != nil {
		return nil, nil, err
	}
	err = db.ParquetText(ctx, path, func(row []string, _ []bool) error {
		rows = append(rows, append([]string(nil), row...))
		return nil
	})
	return header, rows, err
}

func optionalDay(b *columnar.Batch, column int, day time.Time) {
	if !day.IsZero() {
		b.Date(column, int32(day.Unix()/86400))
	}
}

// RegistryOptions read the partner's own files as a run does, Parquet too, for commands that work without a ledger.
func RegistryOptions(ctx context.Context, today time.Time) registry.Options {
	return registry.Options{Today: today.UTC().Truncate(24 * time.Hour), Parquet: func(path string) (header []string, rows [][]string, err error) {
		db, err := engine.Open(ctx, engine.Options{Threads: 1})
		if err != nil {
			return nil, nil, err
		}
		defer func() { err = errors.Join(err, db.Close()) }()
		return parquetTable(ctx, db, path)
	}}
}
