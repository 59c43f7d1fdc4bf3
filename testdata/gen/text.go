package main

import "math/rand/v2"

// ticks are points in time in units of 100 ns since 1970-01-01 UTC, the resolution in which Azure writes times.
type ticks int64

const (
	second ticks = 10_000_000
	minute       = 60 * second
	hour         = 60 * minute
	day          = 24 * hour
)

// guid is 16 bytes, written in lower case.
type guid [16]byte

// newGUID draws a version 4 GUID.
func newGUID(r *rand.Rand) guid {
	var g guid
	a, b := r.Uint64(), r.Uint64()
	for i := range 8 {
		g[i], g[8+i] = byte(a>>(8*i)), byte(b>>(8*i))
	}
	g[6], g[8] = g[6]&0x0f|0x40, g[8]&0x3f|0x80
	return g
}

const (
	hexLower = "0123456789abcdef"
	hexUpper = "0123456789ABCDEF"
	base32   = "abcdefghijklmnopqrstuvwxyz234567"
)

// newHash draws 13 characters as a template's uniqueString does.
func newHash(r *rand.Rand) string {
	var b [13]byte
	for i := range b {
		b[i] = base32[r.IntN(32)]
	}
	b[4] = byte('2' + r.IntN(6))
	return string(b[:])
}

func appendGUID(dst []byte, g guid) []byte {
	for i, c := range g {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			dst = append(dst, '-')
		}
		dst = append(dst, hexLower[c>>4], hexLower[c&15])
	}
	return dst
}

func (g guid) String() string { return string(appendGUID(nil, g)) }

// appendHex writes 16 upper-case hex digits, the form of an operation id.
func appendHex(dst []byte, v uint64) []byte {
	for i := 60; i >= 0; i -= 4 {
		dst = append(dst, hexUpper[v>>i&15])
	}
	return dst
}

// appendPadded writes v with at least n digits.
func appendPadded(dst []byte, v int64, n int) []byte {
	var b [20]byte
	i := len(b)
	for v > 0 || i > len(b)-n {
		i--
		b[i] = byte('0' + v%10)
		v /= 10
	}
	return append(dst, b[i:]...)
}

// civil splits days since 1970-01-01 into a date of the Gregorian calendar. The calendar's years begin in March here, so that the
// leap day is the last day of a year.
func civil(days int64) (year, month, dayOfMonth int64) {
	days += 719468
	era := days / 146097
	doe := days % 146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	dayOfMonth = doy - (153*mp+2)/5 + 1
	month = mp + 3
	year = yoe + era*400
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, dayOfMonth
}

// appendTime writes 2026-03-02T08:12:33.1234567Z.
func appendTime(dst []byte, t ticks) []byte {
	y, m, d := civil(int64(t / day))
	dst = append(appendPadded(dst, y, 4), '-')
	dst = append(appendPadded(dst, m, 2), '-')
	dst = append(appendPadded(dst, d, 2), 'T')
	t %= day
	dst = append(appendPadded(dst, int64(t/hour), 2), ':')
	dst = append(appendPadded(dst, int64(t%hour/minute), 2), ':')
	dst = append(appendPadded(dst, int64(t%minute/second), 2), '.')
	return append(appendPadded(dst, int64(t%second), 7), 'Z')
}

// appendDuration writes an ISO 8601 duration as deployments do: PT1M3.8233128S.
func appendDuration(dst []byte, d ticks) []byte {
	dst = append(dst, "PT"...)
	if d >= minute {
		dst = append(appendPadded(dst, int64(d/minute), 1), 'M')
	}
	dst = appendPadded(dst, int64(d%minute/second), 1)
	if f := int64(d % second); f > 0 {
		dst = appendPadded(append(dst, '.'), f, 7)
	}
	return append(dst, 'S')
}

// appendUSDate writes 03/02/2026, the form of dates in MCA exports.
func appendUSDate(dst []byte, days int64) []byte {
	y, m, d := civil(days)
	dst = append(appendPadded(dst, m, 2), '/')
	dst = append(appendPadded(dst, d, 2), '/')
	return appendPadded(dst, y, 4)
}

// appendDecimal writes v / 10^scale in plain notation without trailing zeros.
func appendDecimal(dst []byte, v int64, scale int) []byte {
	if v < 0 {
		dst = append(dst, '-')
		v = -v
	}
	pow := int64(1)
	for range scale {
		pow *= 10
	}
	dst = appendPadded(dst, v/pow, 1)
	f := v % pow
	if f == 0 {
		return dst
	}
	for f%10 == 0 {
		f /= 10
		scale--
	}
	return appendPadded(append(dst, '.'), f, scale)
}

// upperFrom turns what was appended since n into upper case, as the activity log writes resource ids.
func upperFrom(b []byte, n int) []byte { return shiftFrom(b, n, 'a', 'z') }

// lowerFrom is the same for lower case.
func lowerFrom(b []byte, n int) []byte { return shiftFrom(b, n, 'A', 'Z') }

func shiftFrom(b []byte, n int, from, to byte) []byte {
	for i := n; i < len(b); i++ {
		if b[i] >= from && b[i] <= to {
			b[i] ^= 0x20
		}
	}
	return b
}
