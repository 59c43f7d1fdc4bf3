package usage

import (
	"bytes"
	"math/big"
	"math/bits"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/pidledger/pidledger/queries/columnar"
)

// unit18 is 1 in a columnar.Dec.
const unit18 = 1_000_000_000_000_000_000

// multiply returns a x b, rounded half away from zero to 18 decimals.
func multiply(a, b columnar.Dec) (columnar.Dec, error) {
	neg := a.Sign()*b.Sign() < 0
	ah, al := magnitude(a)
	bh, bl := magnitude(b)
	// p3..p0 = |a| x |b|, 256 bits.
	p1, p0 := bits.Mul64(al, bl)
	x1, x0 := bits.Mul64(ah, bl)
	y1, y0 := bits.Mul64(al, bh)
	p3, p2 := bits.Mul64(ah, bh)
	var c1, c2 uint64
	p1, c1 = bits.Add64(p1, x0, 0)
	p2, c2 = bits.Add64(p2, x1, c1)
	p3 += c2
	p1, c1 = bits.Add64(p1, y0, 0)
	p2, c2 = bits.Add64(p2, y1, c1)
	p3 += c2
	// Divide by 10^18.
	var q [4]uint64
	var rem uint64
	for i, p := range [4]uint64{p3, p2, p1, p0} {
		q[i], rem = bits.Div64(rem, p, unit18)
	}
	if rem >= unit18/2 {
		var c uint64
		q[3], c = bits.Add64(q[3], 1, 0)
		q[2], c = bits.Add64(q[2], 0, c)
		q[1] += c
	}
	if q[0] != 0 || q[1] != 0 || !fits(q[2], q[3]) {
		return columnar.Dec{}, columnar.ErrOutOfRange
	}
	return fromMagnitude(q[2], q[3], neg), nil
}

// multiplyText returns x x factor, where x is the text of a number that may have more than 18 decimals: the product is exact before
// it is rounded. value is x as it was parsed.
func multiplyText(text []byte, value, factor columnar.Dec) (columnar.Dec, error) {
	point := bytes.IndexByte(text, '.')
	if (point < 0 || len(text)-point-1 <= 18) && !bytes.ContainsAny(text, "eE") {
		return multiply(value, factor)
	}
	// ParseDecimal has accepted the number; a huge negative exponent would still cost a huge denominator here.
	if e := bytes.IndexAny(text, "eE"); e >= 0 && len(text)-e > 5 {
		return multiply(value, factor)
	}
	x, ok := new(big.Rat).SetString(string(text))
	if !ok {
		return multiply(value, factor)
	}
	x.Mul(x, new(big.Rat).SetInt(factor.BigInt()))
	return roundRat(x)
}

// roundRat rounds half away from zero; r counts units of 10^-18.
func roundRat(r *big.Rat) (columnar.Dec, error) {
	num, den := new(big.Int).Abs(r.Num()), r.Denom()
	num.Lsh(num, 1).Add(num, den)
	q := num.Quo(num, new(big.Int).Lsh(den, 1))
	if q.BitLen() > 127 {
		return columnar.Dec{}, columnar.ErrOutOfRange
	}
	lo := new(big.Int).And(q, new(big.Int).SetUint64(^uint64(0))).Uint64()
	hi := new(big.Int).Rsh(q, 64).Uint64()
	if !fits(hi, lo) {
		return columnar.Dec{}, columnar.ErrOutOfRange
	}
	return fromMagnitude(hi, lo, r.Sign() < 0), nil
}

func magnitude(d columnar.Dec) (hi, lo uint64) {
	if d.Sign() < 0 {
		d = d.Negate()
	}
	return uint64(d.HighBits()), d.LowBits()
}

// fits reports whether a magnitude is below 10^38.
func fits(hi, lo uint64) bool {
	const limitHi, limitLo = 5421010862427522170, 687399551400673280
	return hi < limitHi || hi == limitHi && lo < limitLo
}

func fromMagnitude(hi, lo uint64, neg bool) columnar.Dec {
	d := decimal128.New(int64(hi), lo)
	if neg {
		d = d.Negate()
	}
	return d
}
