package spark

import (
	"context"
	"slices"
	"time"
)

// InOrder calls run with the place of each statement as soon as those are done that it comes after, for so many at a time, and done after it, one call
// at a time. When one fails no other is begun, the context of those that run ends, and it returns without them.
func InOrder(ctx context.Context, statements []Statement, atATime int, run func(ctx context.Context, at int) error, done func(at int, took time.Duration)) error {
	type result struct {
		at   int
		took time.Duration
		err  error
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	waits := make([]int, len(statements))     // for how many others each has to wait
	waiting := make([][]int, len(statements)) // which others wait for each
	var ready []int
	for i, s := range statements {
		if waits[i] = len(s.After); waits[i] == 0 {
			ready = append(ready, i)
		}
		for _, before := range s.After {
			waiting[before] = append(waiting[before], i)
		}
	}
	results := make(chan result, len(statements))
	for running := 0; running > 0 || len(ready) > 0; {
		for ; running < atATime && len(ready) > 0; running++ {
			at := ready[0]
			ready = ready[1:]
			go func() {
				began := time.Now()
				err := run(ctx, at)
				results <- result{at, time.Since(began), err}
			}()
		}
		r := <-results
		running--
		if r.err != nil {
			return r.err
		}
		done(r.at, r.took)
		for _, next := range waiting[r.at] {
			if waits[next]--; waits[next] == 0 {
				ready = append(ready, next)
			}
		}
		slices.Sort(ready) // most waits for what was asked for first
	}
	return nil
}
