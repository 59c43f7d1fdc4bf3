package usage

import "github.com/pidledger/pidledger/ingest/calendar"

// dateKind is how a file writes its dates. SPEC 3.6: one kind per file, never day-first.
type dateKind int32

const (
	undecided dateKind = iota
	isoDates           // 2024-01-31, also with time, fraction and zone
	usDates            // 1/31/2024 or 01/31/2024, also with time
)

func (k dateKind) String() string {
	switch k {
	case isoDates:
		return "ISO (YYYY-MM-DD)"
	case usDates:
		return "MM/DD/YYYY"
	}
	return "undecided"
}

// parseDate reads a date of either kind and returns its UTC day as days since 1970-01-01. kind is undecided when the text is none.
// The two kinds cannot be mistaken for each other: only the separator decides.
func parseDate(b []byte) (days int32, kind dateKind) {
	if len(b) < 8 {
		return 0, undecided
	}
	if len(b) >= 10 && b[4] == '-' {
		d, ok := parseISO(b)
		if ok {
			return d, isoDates
		}
		return 0, undecided
	}
	d, ok := parseUS(b)
	if ok {
		return d, usDates
	}
	return 0, undecided
}

// parseISO reads YYYY-MM-DD, optionally followed by `T` or a blank and hh:mm[:ss[.fraction]] and a zone (`Z`, ±hh, ±hhmm, ±hh:mm, UTC).
// A time with a zone is turned into UTC first: its day may change.
func parseISO(b []byte) (int32, bool) {
	y, ok1 := digits(b[0:4])
	m, ok2 := digits(b[5:7])
	d, ok3 := digits(b[8:10])
	if !ok1 || !ok2 || !ok3 || b[7] != '-' {
		return 0, false
	}
	days, ok := calendar.Days(y, m, d)
	if !ok || len(b) == 10 {
		return days, ok
	}
	if c := b[10]; c != 'T' && c != 't' && c != ' ' {
		return 0, false
	}
	minutes, rest, ok := clock(b[11:])
	if !ok {
		return 0, false
	}
	offset, ok := zone(rest)
	if !ok {
		return 0, false
	}
	switch at := minutes - offset; {
	case at < 0:
		days--
	case at >= 24*60:
		days++
	}
	return days, true
}

// parseUS reads M/D/YYYY, optionally followed by a blank and h:mm[:ss[.fraction]] [AM|PM]. The time has no zone and is not needed.
func parseUS(b []byte) (int32, bool) {
	m, b, ok1 := shortNumber(b, '/')
	d, b, ok2 := shortNumber(b, '/')
	if !ok1 || !ok2 || len(b) < 4 {
		return 0, false
	}
	y, ok := digits(b[:4])
	if !ok {
		return 0, false
	}
	days, ok := calendar.Days(y, m, d)
	if !ok || len(b) == 4 {
		return days, ok
	}
	if b[4] != ' ' {
		return 0, false
	}
	_, rest, ok := clock(b[5:])
	if !ok {
		return 0, false
	}
	if len(rest) > 0 && rest[0] == ' ' {
		rest = rest[1:]
	}
	switch {
	case len(rest) == 0:
		return days, true
	case len(rest) == 2 && (rest[0]|0x20 == 'a' || rest[0]|0x20 == 'p') && rest[1]|0x20 == 'm':
		return days, true
	}
	return 0, false
}

// clock reads [h]h:mm[:ss[.fraction]] and returns the minutes of the day and what follows.
func clock(b []byte) (minutes int, rest []byte, ok bool) {
	h, b, ok := shortNumber(b, ':')
	if !ok || h > 23 || len(b) < 2 {
		return 0, nil, false
	}
	m, ok := digits(b[:2])
	if !ok || m > 59 {
		return 0, nil, false
	}
	b = b[2:]
	if len(b) >= 3 && b[0] == ':' {
		s, ok := digits(b[1:3])
		if !ok || s > 60 {
			return 0, nil, false
		}
		b = b[3:]
		if len(b) > 1 && b[0] == '.' {
			b = b[1:]
			n := 0
			for n < len(b) && b[n]-'0' <= 9 {
				n++
			}
			if n == 0 {
				return 0, nil, false
			}
			b = b[n:]
		}
	}
	return h*60 + m, b, true
}

// zone reads what follows a time and returns its offset to UTC in minutes; nothing means UTC (SPEC 3.6).
func zone(b []byte) (minutes int, ok bool) {
	if len(b) > 0 && b[0] == ' ' {
		b = b[1:]
	}
	switch {
	case len(b) == 0, len(b) == 1 && b[0]|0x20 == 'z', string(b) == "UTC":
		return 0, true
	case b[0] != '+' && b[0] != '-':
		return 0, false
	}
	neg := b[0] == '-'
	b = b[1:]
	if len(b) < 2 {
		return 0, false
	}
	h, ok := digits(b[:2])
	if !ok || h > 18 {
		return 0, false
	}
	b = b[2:]
	if len(b) > 0 && b[0] == ':' {
		b = b[1:]
	}
	m := 0
	if len(b) > 0 {
		if len(b) != 2 {
			return 0, false
		}
		if m, ok = digits(b); !ok || m > 59 {
			return 0, false
		}
	}
	minutes = h*60 + m
	if neg {
		minutes = -minutes
	}
	return minutes, true
}

// shortNumber reads one or two digits up to sep.
func shortNumber(b []byte, sep byte) (n int, rest []byte, ok bool) {
	for i := range min(3, len(b)) {
		if b[i] == sep && i > 0 {
			n, ok = digits(b[:i])
			return n, b[i+1:], ok
		}
	}
	return 0, nil, false
}

func digits(b []byte) (n int, ok bool) {
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// unknownDay is 0001-01-01, which means that the date is not known (SPEC 3.6).
var unknownDay, _ = calendar.Days(1, 1, 1)
