package ledger

import (
	"context"
	"errors"
	"time"

	"github.com/pidledger/pidledger/queries/engine"
)

// Text runs a statement that returns one text.
func Text(ctx context.Context, db *engine.DB, statement string) (string, error) {
	rows, err := db.Query(ctx, statement)
	if err != nil {
		return "", err
	}
	out := ""
	if rows.Next() && !rows.Values()[0].Null {
		out = rows.Values()[0].S
	}
	return out, errors.Join(rows.Err(), rows.Close())
}

// Texts runs a statement that returns one column of texts.
func Texts(ctx context.Context, db *engine.DB, statement string, args ...any) ([]string, error) {
	rows, err := db.Query(ctx, statement, args...)
	if err != nil {
		return nil, err
	}
	var out []string
	for rows.Next() {
		out = append(out, rows.Values()[0].S)
	}
	return out, errors.Join(rows.Err(), rows.Close())
}

// Each runs a SELECT and hands over its rows.
func Each(ctx context.Context, db *engine.DB, statement string, row func(v []engine.Value), args ...any) error {
	rows, err := db.Query(ctx, statement, args...)
	if err != nil {
		return err
	}
	for rows.Next() {
		row(rows.Values())
	}
	return errors.Join(rows.Err(), rows.Close())
}

// MicroTime is the time of a cell; zero: NULL.
func MicroTime(v engine.Value) time.Time {
	if v.Null {
		return time.Time{}
	}
	return time.UnixMicro(v.I).UTC()
}
