package spark

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A statement waits for those that it comes after, and for no other; so many run at a time and no more.
func TestInOrder(t *testing.T) {
	statements := []Statement{{Name: "a"}, {Name: "b", After: []int{0}}, {Name: "c", After: []int{0, 0}}, {Name: "d", After: []int{0}}, {Name: "e", After: []int{1, 2}}}
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		running, most := 0, 0
		var order []int
		run := func(_ context.Context, at int) error {
			mu.Lock()
			running++
			most = max(most, running)
			mu.Unlock()
			time.Sleep(time.Duration(at+1) * time.Second)
			mu.Lock()
			running--
			mu.Unlock()
			return nil
		}
		if err := InOrder(t.Context(), statements, 2, run, func(at int, took time.Duration) {
			order = append(order, at)
			if took != time.Duration(at+1)*time.Second {
				t.Errorf("%d took %v", at, took)
			}
		}); err != nil {
			t.Fatal(err)
		}
		if want := []int{0, 1, 2, 3, 4}; !slices.Equal(order, want) || most != 2 {
			t.Errorf("order %v, %d at a time", order, most)
		}
	})
}

// After a failure nothing is begun, and what runs is told.
func TestInOrderFails(t *testing.T) {
	statements := []Statement{{Name: "a"}, {Name: "b"}, {Name: "c", After: []int{0}}}
	broken := errors.New("broken")
	told := make(chan struct{})
	err := InOrder(t.Context(), statements, 2, func(ctx context.Context, at int) error {
		switch at {
		case 0:
			return broken
		case 1:
			<-ctx.Done()
			close(told)
			return ctx.Err()
		}
		t.Errorf("statement %d is begun", at)
		return nil
	}, func(int, time.Duration) {})
	<-told
	if !errors.Is(err, broken) {
		t.Errorf("the error is %v", err)
	}
}

// What is asked for under a name that is taken waits for all before it, and all after it waits for that.
func TestStatementsAfter(t *testing.T) {
	s, _ := newScript(t)
	ctx := t.Context()
	for _, err := range []error{
		s.Table(ctx, "a", "select 1 as n"), s.Table(ctx, "b", "select 2 as n"), s.View(ctx, "c", "select a.n from a"), s.View(ctx, "a", "select 3 as n"), s.View(ctx, "d", "select 4 as n"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	n := len(settings)
	for i, want := range [][]int{{n - 1}, {n - 1}, {n - 1, n}, all(n + 3), {n + 3}} {
		if got := s.Statements()[n+i].After; !slices.Equal(got, want) {
			t.Errorf("statement %d comes after %v, not %v", i, got, want)
		}
	}
}
