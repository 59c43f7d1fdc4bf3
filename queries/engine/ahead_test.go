package engine

import (
	"errors"
	"testing"

	"github.com/pidledger/pidledger/queries/columnar"
)

// countedRows gives the numbers from 0 on, each with its square, and then err.
type countedRows struct {
	n, end int64
	values [2]Value
	err    error
	closed int
}

func (c *countedRows) Schema() columnar.Schema {
	return columnar.Schema{{Name: "n", Type: columnar.Int}, {Name: "square", Type: columnar.Int}}
}

func (c *countedRows) Next() bool {
	if c.n == c.end {
		return false
	}
	c.values = [2]Value{{Type: columnar.Int, I: c.n}, {Type: columnar.Int, I: c.n * c.n}}
	c.n++
	return true
}

func (c *countedRows) Values() []Value { return c.values[:] }
func (c *countedRows) Err() error      { return c.err }

func (c *countedRows) Close() error {
	c.closed++
	return nil
}

// What is read ahead is every row, in order, whether batches are full at the end or not, and the error behind them.
func TestReadAhead(t *testing.T) {
	broken := errors.New("broken")
	for _, end := range []int64{0, 1, aheadValues / 2, aheadValues/2*aheadBatches*3 + 1} {
		source := &countedRows{end: end, err: broken}
		rows := ReadAhead(source)
		n := int64(0)
		for ; rows.Next(); n++ {
			if v := rows.Values(); len(v) != 2 || v[0].I != n || v[1].I != n*n {
				t.Fatalf("row %d of %d is %v", n, end, v)
			}
		}
		if n != end || rows.Next() {
			t.Errorf("%d of %d rows were read", n, end)
		}
		if err := rows.Err(); !errors.Is(err, broken) {
			t.Errorf("the error is %v", err)
		}
		if err := rows.Close(); err != nil || source.closed != 1 {
			t.Errorf("closed %d times: %v", source.closed, err)
		}
	}
}

// A caller may stop before the end: nothing reads on when Close has returned.
func TestReadAheadStops(t *testing.T) {
	source := &countedRows{end: 1 << 40}
	rows := ReadAhead(source)
	if !rows.Next() {
		t.Fatal("no row")
	}
	if err := rows.Close(); err != nil || source.closed != 1 {
		t.Errorf("closed %d times: %v", source.closed, err)
	}
	if source.n > aheadValues*aheadBatches {
		t.Errorf("%d rows were read", source.n)
	}
}
