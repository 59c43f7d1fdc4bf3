package azure

import "math"

// ParseDuration reads an ISO 8601 duration (PT2M59.6052694S) or a .NET time span (00:02:59.6052694) in microseconds.
func ParseDuration(b []byte) (micros int64, ok bool) {
	b = Trim(b)
	if len(b) < 2 {
		return 0, false
	}
	if b[0] != 'P' && b[0] != 'p' {
		return parseTimeSpan(b)
	}
	b = b[1:]
	inTime, parts := false, 0
	for len(b) > 0 {
		if !inTime && (b[0] == 'T' || b[0] == 't') {
			inTime, b = true, b[1:]
			continue
		}
		value, n, fraction := decimal(b)
		if n == 0 || n == len(b) {
			return 0, false
		}
		unit := int64(0)
		switch c := LowerByte(b[n]); {
		case !inTime && c == 'w':
			unit = 7 * microsPerDay
		case !inTime && c == 'd':
			unit = microsPerDay
		case inTime && c == 'h':
			unit = 3600 * MicrosPerSecond
		case inTime && c == 'm':
			unit = 60 * MicrosPerSecond
		case inTime && c == 's':
			unit = MicrosPerSecond
		}
		if unit == 0 || value > math.MaxInt64/4/unit {
			return 0, false // years and months have no length
		}
		micros += value*unit + fraction*(unit/MicrosPerSecond)
		if micros < 0 {
			return 0, false
		}
		b = b[n+1:]
		parts++
	}
	return micros, parts > 0
}

// parseTimeSpan reads [d.]hh:mm:ss[.fffffff].
func parseTimeSpan(b []byte) (int64, bool) {
	s := scanner{b: b}
	days, _ := s.number(1, 6)
	hours := days
	if s.skip(".") != 0 {
		hours, _ = s.number(1, 2)
	} else {
		days = 0
	}
	s.want(":")
	minutes, _ := s.number(2, 2)
	s.want(":")
	seconds, n, fraction := decimal(s.b)
	if s.bad || n < 2 || n != len(s.b) || hours > 23 || minutes > 59 || seconds > 59 {
		return 0, false
	}
	return int64(days)*microsPerDay + (int64(hours*3600+minutes*60)+seconds)*MicrosPerSecond + fraction, true
}

// decimal reads digits[.digits] off the front of b: the whole part, the bytes read, and the fraction in millionths.
func decimal(b []byte) (whole int64, n int, millionths int64) {
	for n < len(b) && IsDigit(b[n]) && n < 15 {
		whole = whole*10 + int64(b[n]-'0')
		n++
	}
	if n == 0 || n == len(b) || b[n] != '.' {
		return whole, n, 0
	}
	n++
	for unit := int64(100_000); n < len(b) && IsDigit(b[n]); n++ {
		millionths += int64(b[n]-'0') * unit
		unit /= 10
	}
	return whole, n, millionths
}
