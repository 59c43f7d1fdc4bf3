package spec

import "math/big"

// Amount is a decimal in plain notation; empty: not known.
type Amount string

// Rat gives the amount as a number; an unknown one is zero.
func (a Amount) Rat() *big.Rat {
	if r, ok := new(big.Rat).SetString(string(a)); ok {
		return r
	}
	return new(big.Rat)
}

// Sign is -1, 0 or 1.
func (a Amount) Sign() int { return a.Rat().Sign() }

// AmountOf writes an amount x 10^18, which may be larger than a column could hold, in plain notation.
func AmountOf(n *big.Int) Amount { return Amount(AppendUnits(nil, n, 18)) }

// AppendUnits appends n x 10^-scale in plain notation without trailing zeros.
func AppendUnits(dst []byte, n *big.Int, scale int) []byte {
	if n.Sign() < 0 {
		dst = append(dst, '-')
	}
	digits := new(big.Int).Abs(n).Append(nil, 10)
	for len(digits) <= scale {
		digits = append([]byte{'0'}, digits...)
	}
	whole, part := digits[:len(digits)-scale], digits[len(digits)-scale:]
	for len(part) > 0 && part[len(part)-1] == '0' {
		part = part[:len(part)-1]
	}
	dst = append(dst, whole...)
	if len(part) > 0 {
		dst = append(append(dst, '.'), part...)
	}
	return dst
}
