package usage

import (
	"errors"

	"github.com/pidledger/pidledger/queries/columnar"
)

// A sum is a DECIMAL(38,18) as well: it holds 10^20. So that none of them can overflow, which would end the whole run, a row has no
// amount beyond 10^17 and all the rows of a file together none beyond 10^18.

var errHuge = errors.New("beyond 10^17")

// isHuge reports whether an amount lies beyond +-10^17.
func isHuge(d columnar.Dec) bool {
	const limitHi, limitLo = 5421010862427522, 3136633892082024448 // 10^35 units of 10^-18
	hi := d.HighBits()
	if hi >= -limitHi && hi < limitHi {
		return false
	}
	h, l := magnitude(d)
	return h > limitHi || h == limitHi && l > limitLo
}

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
type Weights [colListCost - colQuantity + 1]uint64

// Add adds the weights of another part of the file.
func (w *Weights) Add(o Weights) {
	for i := range w {
		w[i] += o[i]
	}
}

// TooLarge returns the name of an amount of which the rows of the file hold more than 10^18, "" when there is none.
func (w *Weights) TooLarge() string {
	for i, n := range w {
		if n > maxWeight {
			return Columns[colQuantity+i].Name
		}
	}
	return ""
}

// Weights returns the sizes of the amounts of the rows so far.
func (n *Normaliser) Weights() Weights { return n.weights }
