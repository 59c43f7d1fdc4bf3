package ingest

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// forEach runs work for every item on n goroutines. After the first error no other item is begun.
func forEach[T any](ctx context.Context, n int, items []T, work func(T) error) error {
	g, ended := errgroup.WithContext(ctx)
	g.SetLimit(max(1, n))
	for _, item := range items {
		g.Go(func() error {
			if ended.Err() != nil {
				return nil //nolint:nilerr // the error that ended it is returned below
			}
			return work(item)
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return context.Cause(ctx)
}
