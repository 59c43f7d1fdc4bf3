package columnar

import (
	"errors"
	"math/bits"
	"strconv"

	"github.com/apache/arrow/go/v15/arrow/decimal128"
)

// Dec is a signed 128-bit integer that counts units of 10^-18 (or, in a Ratio column, of 10^-6).
type Dec = decimal128.Num

// What ParseDecimal refuses (SPEC 3.5).
var (
	// ErrNotNumber: the text is not a decimal number. Thousands separators, decimal commas, currency signs, NaN and Inf are not numbers.
	ErrNotNumber = errors.New("no decimal number")
	// ErrOutOfRange: after rounding the absolute value is 10^20 or more, which DECIMAL(38,18) cannot hold.
	ErrOutOfRange = errors.New("number out of range: DECIMAL(38,18) holds 20 digits before the point")
)

const (
	scale18 = 1_000_000_000_000_000_000
	// 10^38 as two 64-bit words: the first magnitude that does not fit DECIMAL(38, n).
	limitHi, limitLo = 5421010862427522170, 687399551400673280
)

var pow10 = [...]uint64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9,
	1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
}

// ParseDecimal reads a decimal number exactly, scaled by 10^18 (SPEC 3.5).
//
// Blanks (space, tab, CR, LF) around the number are ignored; a sign, a missing integer or fraction part (`.5`, `5.`) and an
// exponent (`1.2E-05`) are allowed. More than 18 decimals are rounded half away from zero. The error is ErrNotNumber (also for
// empty text: whether that means NULL is the caller's question) or ErrOutOfRange. It never allocates.
func ParseDecimal(b []byte) (Dec, error) {
	for len(b) > 0 && isBlank(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isBlank(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	neg := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		neg = b[0] == '-'
		b = b[1:]
	}
	// At most 19 digits fit a uint64; anything longer or unusual takes the slow path.
	if len(b) == 0 || len(b) > 20 {
		return parseSlow(b, neg)
	}
	var m uint64
	point := -1
	for i, c := range b {
		if d := c - '0'; d <= 9 {
			m = m*10 + uint64(d)
			continue
		}
		if c != '.' || point >= 0 {
			return parseSlow(b, neg)
		}
		point = i
	}
	frac := 0
	if point >= 0 {
		frac = len(b) - 1 - point
		if len(b) == 1 {
			return Dec{}, ErrNotNumber
		}
	} else if len(b) == 20 {
		return parseSlow(b, neg)
	}
	if frac > 18 {
		return parseSlow(b, neg)
	}
	hi, lo := bits.Mul64(m, pow10[18-frac])
	return signed(hi, lo, neg), nil
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func signed(hi, lo uint64, neg bool) Dec {
	if neg {
		var carry uint64
		lo, carry = bits.Add64(^lo, 1, 0)
		hi = ^hi + carry
	}
	return decimal128.New(int64(hi), lo)
}

// parseSlow takes any text without blanks and sign: exponents, and any number of digits.
func parseSlow(b []byte, neg bool) (Dec, error) {
	// The grammar first: where the mantissa ends, its digits, and the exponent.
	i, digits, frac, point := 0, 0, int64(0), false
	for ; i < len(b); i++ {
		c := b[i]
		if c == '.' && !point {
			point = true
			continue
		}
		if c < '0' || c > '9' {
			break
		}
		digits++
		if point {
			frac++
		}
	}
	if digits == 0 {
		return Dec{}, ErrNotNumber
	}
	mantissa := b[:i]
	var exp int64
	if i < len(b) {
		if b[i] != 'e' && b[i] != 'E' {
			return Dec{}, ErrNotNumber
		}
		i++
		negExp := false
		if i < len(b) && (b[i] == '-' || b[i] == '+') {
			negExp = b[i] == '-'
			i++
		}
		if i == len(b) {
			return Dec{}, ErrNotNumber
		}
		for ; i < len(b); i++ {
			c := b[i]
			if c < '0' || c > '9' {
				return Dec{}, ErrNotNumber
			}
			// Far beyond any text length, so that saturation cannot change a result.
			if exp < 1<<50 {
				exp = exp*10 + int64(c-'0')
			}
		}
		if negExp {
			exp = -exp
		}
	}
	for len(mantissa) > 0 && (mantissa[0] == '0' || mantissa[0] == '.') {
		if mantissa[0] == '0' {
			digits--
		}
		mantissa = mantissa[1:]
	}
	if digits == 0 {
		return Dec{}, nil
	}
	// The result is the integer of `digits` digits times 10^shift.
	shift := 18 + exp - frac
	whole := int64(digits) + shift // digits of the result before rounding
	if whole > 38 {
		return Dec{}, ErrOutOfRange
	}
	if whole < 0 {
		return Dec{}, nil
	}
	keep := int64(digits)
	if shift < 0 {
		keep = whole
	}
	var hi, lo uint64
	roundUp := false
	for _, c := range mantissa {
		if c == '.' {
			continue
		}
		if keep == 0 {
			roundUp = c >= '5'
			break
		}
		keep--
		hi, lo = mulAdd(hi, lo, 10, uint64(c-'0'))
	}
	for ; shift > 0; shift-- {
		hi, lo = mulAdd(hi, lo, 10, 0)
	}
	if roundUp {
		var carry uint64
		lo, carry = bits.Add64(lo, 1, 0)
		hi += carry
	}
	if hi > limitHi || hi == limitHi && lo >= limitLo {
		return Dec{}, ErrOutOfRange
	}
	return signed(hi, lo, neg), nil
}

// mulAdd returns (hi,lo)*m + a; the caller knows that it fits.
func mulAdd(hi, lo, m, a uint64) (uint64, uint64) {
	h, l := bits.Mul64(lo, m)
	l, carry := bits.Add64(l, a, 0)
	return hi*m + h + carry, l
}

// FormatDecimal writes d (x 10^-18) in plain notation without trailing zeros: `0`, `-0.5`, `1200`.
func FormatDecimal(d Dec) string {
	var buf [48]byte
	return string(AppendDecimal(buf[:0], d))
}

// FormatRatio writes d (x 10^-6) like FormatDecimal.
func FormatRatio(d Dec) string {
	var buf [48]byte
	return string(AppendRatio(buf[:0], d))
}

// AppendDecimal appends FormatDecimal(d) to dst without allocating.
func AppendDecimal(dst []byte, d Dec) []byte { return appendScaled(dst, d, 18) }

// AppendRatio appends FormatRatio(d) to dst without allocating.
func AppendRatio(dst []byte, d Dec) []byte { return appendScaled(dst, d, 6) }

func appendScaled(dst []byte, d Dec, scale int) []byte {
	hi, lo := uint64(d.HighBits()), d.LowBits()
	if int64(hi) < 0 {
		dst = append(dst, '-')
		var carry uint64
		lo, carry = bits.Add64(^lo, 1, 0)
		hi = ^hi + carry
	}
	var frac uint64
	if hi == 0 {
		lo, frac = lo/pow10[scale], lo%pow10[scale]
	} else {
		hi, frac = hi/pow10[scale], hi%pow10[scale]
		lo, frac = bits.Div64(frac, lo, pow10[scale])
	}
	dst = appendUint128(dst, hi, lo)
	if frac == 0 {
		return dst
	}
	for frac%10 == 0 {
		frac /= 10
		scale--
	}
	n := len(dst)
	dst = append(dst, ".000000000000000000"[:scale+1]...)
	for i := n + scale; frac != 0; i-- {
		dst[i] = byte('0' + frac%10)
		frac /= 10
	}
	return dst
}

func appendUint128(dst []byte, hi, lo uint64) []byte {
	if hi == 0 {
		return strconv.AppendUint(dst, lo, 10)
	}
	q, r := hi/pow10[19], hi%pow10[19]
	lo, r = bits.Div64(r, lo, pow10[19])
	dst = appendUint128(dst, q, lo)
	n := len(dst)
	dst = append(dst, "0000000000000000000"...)
	for i := n + 18; r != 0; i-- {
		dst[i] = byte('0' + r%10)
		r /= 10
	}
	return dst
}
