package engine

import (
	"github.com/pidledger/pidledger/queries/columnar"
)

// The rows that are read ahead: some batches of about as many values.
const (
	aheadBatches = 3
	aheadValues  = 1 << 14
)

// ahead reads a result in its own goroutine, some batches ahead of the caller: fetching a long report takes about as long as writing it.
type ahead struct {
	rows  Rows
	width int
	empty chan []Value // batches to fill
	full  chan []Value // batches to read, in order; closed after the last one
	batch []Value      // the rows at hand, one after the other
	at    int          // the first value of the current row
}

// ReadAhead starts to read rows in the background, and owns them from then on.
func ReadAhead(rows Rows) Rows {
	a := &ahead{rows: rows, width: len(rows.Schema()), empty: make(chan []Value, aheadBatches), full: make(chan []Value, aheadBatches)}
	for range aheadBatches {
		a.empty <- nil
	}
	go a.fill()
	return a
}

// fill ends after the last row, or when no batch will be empty any more. Both channels have room for all batches.
func (a *ahead) fill() {
	defer close(a.full)
	for batch := range a.empty {
		batch = batch[:0]
		for len(batch) < aheadValues && a.rows.Next() {
			batch = append(batch, a.rows.Values()...)
		}
		if len(batch) == 0 {
			return
		}
		a.full <- batch
	}
}

func (a *ahead) Next() bool {
	if a.at += a.width; a.at < len(a.batch) {
		return true
	}
	if a.batch != nil {
		a.empty <- a.batch
	}
	a.batch, a.at = <-a.full, 0
	return a.batch != nil
}

func (a *ahead) Schema() columnar.Schema { return a.rows.Schema() }
func (a *ahead) Values() []Value         { return a.batch[a.at : a.at+a.width] }
func (a *ahead) Err() error              { return a.rows.Err() }

func (a *ahead) Close() error {
	close(a.empty)
	for range a.full { // until fill has ended
	}
	return a.rows.Close()
}
