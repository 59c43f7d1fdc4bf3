package usage

import (
	"errors"
	"math"
	"math/bits"

	"github.com/pidledger/pidledger/queries/columnar"
)

// A sum is a DECIMAL(38,18) as well: it holds 10^20. So that none of them can overflow, which would end the whole run, a row has no
// amount beyond 10^17 and all the rows of a file together none beyond 10^18. Where they hold more, the file is read again, and the rows
// beyond 10^12 are rejects: so a few absurd amounts cost their rows, not the file, and which ones does not hang on their order.

var errHuge = errors.New("beyond what can be added up safely")

// limit is the largest size of an amount of a row, in units of 10^-18, as two words.
type limit struct {
	hi    int64
	lo    uint64
	words string
}

var (
	aloneLimit    = limit{5421010862427522, 3136633892082024448, "±10^17"} // 10^35
	togetherLimit = limit{54210108624, 5076944270305263616, "±10^12"}      // 10^30
)

// isBeyond reports whether an amount is larger than the limit.
func (m *limit) isBeyond(d columnar.Dec) bool {
	hi := d.HighBits()
	if hi >= -m.hi && hi < m.hi {
		return false
	}
	h, l := magnitude(d)
	return h > uint64(m.hi) || h == uint64(m.hi) && l > m.lo
}

// HoldTo makes rejects of all rows with an amount beyond 10^12, because the rows of the file hold more than 10^18 together in a column.
func (r *Reader) HoldTo(column string) { r.limit, r.tooLarge = &togetherLimit, column }

// weight is the size of an amount in units of about 18, for sums over a file; smaller ones weigh nothing.
func weight(d columnar.Dec) uint64 {
	hi := d.HighBits()
	if hi < 0 {
		hi = ^hi
	}
	return uint64(hi)
}

// maxWeight is 10^18 in units of weight.
const maxWeight = 54_210_108_624_275_221

// Weights are the sizes of what the rows of a file add up to, without regard to signs.
type Weights [len(summed)]uint64

// The columns whose amounts are added up later.
const (
	sumQuantity = iota
	sumBilledCost
	sumEffectiveCost
	sumCostUSD
	sumListCost
)

var summed = [...]int{
	sumQuantity: column("quantity"), sumBilledCost: column("billed_cost"), sumEffectiveCost: column("effective_cost"),
	sumCostUSD: column("cost_usd"), sumListCost: column("list_cost"),
}

// Add adds the weights of another part of the file.
func (w *Weights) Add(o Weights) {
	for i := range w {
		w[i] = plus(w[i], o[i])
	}
}

// plus is a sum that stays at the largest number instead of starting over.
func plus(a, b uint64) uint64 {
	sum, carry := bits.Add64(a, b, 0)
	if carry > 0 {
		return math.MaxUint64
	}
	return sum
}

// TooLarge returns the name of an amount of which the rows of the file hold more than 10^18, "" when there is none.
func (w *Weights) TooLarge() string {
	for i, n := range w {
		if n > maxWeight {
			return Columns[summed[i]].Name
		}
	}
	return ""
}

// Weights returns the sizes of the amounts of the rows so far.
func (n *Normaliser) Weights() Weights { return n.weights }
