package usage

import (
	"errors"
	"math"
	"math/bits"

	"github.com/pidledger/pidledger/queries/columnar"
)

// Sums are DECIMAL(38,18), too, and hold 10^20. An overflow would end the whole run, so a row may have no amount beyond 10^17, and the rows of a
// file together none beyond 10^18. If they have more, the file is read again and every row beyond 10^12 is rejected: a few absurd amounts cost
// their rows, not the file, and which rows does not depend on their order.

var errHuge = errors.New("beyond what can be added up safely")

// limit is the largest absolute amount of a row, in units of 10^-18, as two words.
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

// HoldTo rejects every row with an amount beyond 10^12, because the rows of the file add up to more than 10^18 in the column.
func (r *Reader) HoldTo(column string) { r.limit, r.tooLarge = &togetherLimit, column }

// weight is an absolute amount in units of about 18, for sums over a file; a smaller amount weighs 0.
func weight(d columnar.Dec) uint64 {
	hi := d.HighBits()
	if hi < 0 {
		hi = ^hi
	}
	return uint64(hi)
}

// maxWeight is 10^18 in units of weight.
const maxWeight = 54_210_108_624_275_221

// Weights are the sums of the absolute amounts of a file, by column.
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

// plus adds without wrapping around: it stops at the largest number.
func plus(a, b uint64) uint64 {
	sum, carry := bits.Add64(a, b, 0)
	if carry > 0 {
		return math.MaxUint64
	}
	return sum
}

// TooLarge returns the name of a column whose absolute amounts add up to more than 10^18, or "" if there is none.
func (w *Weights) TooLarge() string {
	for i, n := range w {
		if n > maxWeight {
			return Columns[summed[i]].Name
		}
	}
	return ""
}

// Weights returns the sums of the absolute amounts of the rows so far.
func (n *Normaliser) Weights() Weights { return n.weights }
