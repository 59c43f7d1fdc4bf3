package page

import (
	"math/big"
	"slices"
)

// largest keeps the n lines with the largest weight; of equal ones the earlier.
type largest[T any] struct {
	n     int
	total int64 // lines offered
	lines []weighted[T]
	floor *big.Int // nothing lighter gets in; nil: everything does
}

type weighted[T any] struct {
	weight *big.Int
	line   T
}

// Add offers a line. line is called only when it is kept for now.
func (l *largest[T]) add(weight *big.Int, line func() T) {
	l.total++
	if l.floor != nil && weight.Cmp(l.floor) <= 0 {
		return
	}
	l.lines = append(l.lines, weighted[T]{weight, line()})
	if len(l.lines) == 2*l.n {
		l.cut()
		l.floor = l.lines[l.n-1].weight
	}
}

func (l *largest[T]) cut() {
	slices.SortStableFunc(l.lines, func(a, b weighted[T]) int { return b.weight.Cmp(a.weight) })
	if len(l.lines) > l.n {
		clear(l.lines[l.n:])
		l.lines = l.lines[:l.n]
	}
}

// sorted gives the lines, the heaviest first.
func (l *largest[T]) sorted() []T {
	l.cut()
	out := make([]T, len(l.lines))
	for i, w := range l.lines {
		out[i] = w.line
	}
	return out
}
