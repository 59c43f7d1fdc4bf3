package ingest

import (
	"context"
	"sync"
)

// forEach runs work for every item on n goroutines. The first error ends all of them.
func forEach[T any](ctx context.Context, n int, items []T, work func(T) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := make(chan T)
	var wg sync.WaitGroup
	for range max(1, min(n, len(items))) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for item := range queue {
				if err := work(item); err != nil {
					cancel(err)
				}
			}
		}()
	}
	for _, item := range items {
		if ctx.Err() != nil {
			break
		}
		queue <- item
	}
	close(queue)
	wg.Wait()
	return context.Cause(ctx)
}
