package usage

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
	days, ok := civil(y, m, d)
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
	days, ok := civil(y, m, d)
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
var unknownDay, _ = civil(1, 1, 1)

// civil counts the days since 1970-01-01 of the proleptic Gregorian calendar; ok is false for a day that does not exist.
func civil(y, m, d int) (days int32, ok bool) {
	if y < 1 || m < 1 || m > 12 || d < 1 || d > 31 {
		return 0, false
	}
	if d > 28 && d > daysIn(y, m) {
		return 0, false
	}
	// Years that begin in March make the leap day the last one.
	if m <= 2 {
		y--
		m += 12
	}
	era := y / 400
	yoe := y - era*400
	doy := (153*(m-3)+2)/5 + d - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return int32(era*146097 + doe - 719468), true
}

func daysIn(y, m int) int {
	switch m {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// dayOfMonth returns the day of the month, 1 to 31.
func dayOfMonth(days int32) int32 {
	z := int(days) + 719468
	era := z / 146097
	if z < 0 {
		era = (z - 146096) / 146097
	}
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	return int32(doy - (153*mp+2)/5 + 1)
}

// monthStart returns the first day of the month.
func monthStart(days int32) int32 { return days - dayOfMonth(days) + 1 }
