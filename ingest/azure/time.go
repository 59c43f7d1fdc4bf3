package azure

import (
	"bytes"
	"time"
)

const (
	// MicrosPerSecond is the unit of the times below: they count microseconds since 1970-01-01 UTC, as TIMESTAMP columns do.
	MicrosPerSecond = 1_000_000

	microsPerDay = 86_400 * MicrosPerSecond

	// ticksAtEpoch are the .NET ticks (100 ns since 0001-01-01) at 1970-01-01.
	ticksAtEpoch = 621_355_968_000_000_000
)

// DateStyle is how a date is written. The separator tells the two styles of cost exports apart.
type DateStyle int32

// Styles of dates (SPEC 3.6); day-first does not exist.
const (
	NoDate    DateStyle = iota // not a date
	ISODate                    // 2024-01-31
	USDate                     // 1/31/2024, 01/31/2024
	otherDate                  // 2024/01/31, 31/Jan/2024: in logs
)

// String names the style for messages.
func (s DateStyle) String() string {
	switch s {
	case ISODate:
		return "ISO (YYYY-MM-DD)"
	case USDate:
		return "MM/DD/YYYY"
	}
	return "undecided"
}

// moment is a date, with or without a time, in UTC.
type moment struct {
	days    int32 // since 1970-01-01
	minutes int   // since the start of that day; an offset to UTC may take it to the day before or after
	nanos   int64 // since that minute
	style   DateStyle
}

func (m moment) micros() int64 {
	return int64(m.days)*microsPerDay + int64(m.minutes)*60*MicrosPerSecond + m.nanos/1000
}

// ParseDay reads the date of a cost export, ISO 8601 or MM/DD/YYYY, with or without a time of day and a zone (SPEC 3.6). It returns the day
// in UTC, in days since 1970-01-01, and the style; NoDate when the text is neither. A time without a zone is UTC.
func ParseDay(b []byte) (days int32, style DateStyle) {
	m, ok := parseMoment(b)
	if !ok || m.style == otherDate || m.style == ISODate && (len(b) < 10 || b[7] != '-') {
		return 0, NoDate
	}
	switch {
	case m.minutes < 0:
		m.days--
	case m.minutes >= 24*60:
		m.days++
	}
	return m.days, m.style
}

// ParseTime reads the times of all exports and logs, in microseconds since 1970-01-01 UTC: ISO 8601 and its relatives, MM/DD/YYYY, HTTP
// dates, seconds to microseconds since 1970, and .NET's Date(...). Times without a zone are UTC; digits below the microsecond are cut; dates
// with slashes are month first or year first, never day first (SPEC 3.6).
func ParseTime(b []byte) (micros int64, ok bool) {
	b = Trim(b)
	if len(b) == 0 {
		return 0, false
	}
	if IsDigit(b[0]) {
		if t, ok := ParseCalendar(b); ok {
			return t, true
		}
		return ParseEpoch(b)
	}
	if i := bytes.Index(b, []byte("Date(")); i >= 0 && i <= 2 {
		return parseDotNetDate(b[i+len("Date("):])
	}
	for _, layout := range [...]string{time.RFC1123, time.RFC1123Z, time.RFC850, time.ANSIC} {
		if t, err := time.Parse(layout, string(b)); err == nil {
			return t.UnixMicro(), true
		}
	}
	return 0, false
}

// ParseCalendar reads a time that is written as a date: one that begins with a digit and counts no seconds.
func ParseCalendar(b []byte) (micros int64, ok bool) {
	m, ok := parseMoment(b)
	return m.micros(), ok
}

// ParseUTC is ParseCalendar for a time.Time, which holds nanoseconds.
func ParseUTC(text string) (t time.Time, ok bool) {
	m, ok := parseMoment([]byte(text))
	if !ok {
		return time.Time{}, false
	}
	return time.Unix(int64(m.days)*86_400+int64(m.minutes)*60, m.nanos).UTC(), true
}

// scanner reads numbers and separators off the front of a text; a failure sticks.
type scanner struct {
	b   []byte
	bad bool
}

// number reads between min and max digits.
func (s *scanner) number(min, max int) (n, digits int) {
	for digits < max && digits < len(s.b) && IsDigit(s.b[digits]) {
		n = n*10 + int(s.b[digits]-'0')
		digits++
	}
	s.b = s.b[digits:]
	s.bad = s.bad || digits < min
	return n, digits
}

// skip reads one of the given characters when it comes next.
func (s *scanner) skip(any string) byte {
	if len(s.b) > 0 {
		for i := 0; i < len(any); i++ {
			if s.b[0] == any[i] {
				s.b = s.b[1:]
				return any[i]
			}
		}
	}
	return 0
}

func (s *scanner) want(any string) byte {
	c := s.skip(any)
	s.bad = s.bad || c == 0
	return c
}

// MonthNumber returns the number of a month, 1 to 12, that begins b by its first three letters in English; 0 when none does.
func MonthNumber(b []byte) int {
	if len(b) < 3 {
		return 0
	}
	for i, m := range [...]string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"} {
		if EqualFold(b[:3], m) {
			return i + 1
		}
	}
	return 0
}

// parseMoment reads a date that begins with a digit, and the time and zone after it: ISO 8601 and its relatives, MM/DD/YYYY, and
// 10/Oct/2000:13:55:36 -0700.
func parseMoment(b []byte) (m moment, ok bool) {
	s := scanner{b: b}
	var year, month, day int
	first, digits := s.number(1, 4)
	sep := s.want("-/")
	switch {
	case digits == 4:
		year = first
		month, _ = s.number(1, 2)
		s.bad = s.bad || s.skip("-/") != sep
		day, _ = s.number(1, 2)
		m.style = ISODate
		if sep == '/' {
			m.style = otherDate
		}
	case sep == '/' && digits <= 2 && len(s.b) > 3 && !IsDigit(s.b[0]):
		day, month = first, MonthNumber(s.b)
		s.b = s.b[3:]
		s.want("/")
		year, _ = s.number(4, 4)
		m.style = otherDate
	case sep == '/' && digits <= 2:
		month = first
		day, _ = s.number(1, 2)
		s.want("/")
		year, _ = s.number(4, 4)
		m.style = USDate
	default:
		return m, false
	}
	if m.days, ok = Days(year, month, day); s.bad || !ok {
		return m, false
	}
	if len(s.b) == 0 {
		return m, true
	}
	if s.want("T t:,") == ',' {
		s.skip(" ")
	}
	ok = s.clock(&m)
	return m, ok && !s.bad
}

// clock reads the time of day and the zone, up to the end of the text.
func (s *scanner) clock(m *moment) bool {
	hour, _ := s.number(1, 2)
	s.want(":")
	minute, _ := s.number(2, 2)
	second := 0
	if s.skip(":") != 0 {
		second, _ = s.number(2, 2)
		if s.skip(".,") != 0 {
			unit, n := int64(100_000_000), 0
			for ; n < len(s.b) && IsDigit(s.b[n]); n++ {
				m.nanos += int64(s.b[n]-'0') * unit
				unit /= 10
			}
			s.b = s.b[n:]
			s.bad = s.bad || n == 0
		}
	}
	if s.bad || hour > 23 || minute > 59 || second > 60 {
		return false
	}
	switch half := s.half(); {
	case half == 0:
	case hour > 12 && half == 'a':
		return false
	case hour == 12 && half == 'a':
		hour = 0
	case hour < 12 && half == 'p':
		hour += 12
	}
	offset, ok := s.zone()
	m.minutes = hour*60 + minute - offset
	m.nanos += int64(second) * int64(time.Second)
	return ok
}

// half reads AM or PM after blanks, which may be the narrow no-break space of newer browsers; 0 when there is none.
func (s *scanner) half() byte {
	rest := s.b
	for {
		if r, ok := bytes.CutPrefix(rest, []byte(" ")); ok {
			rest = r
		} else if r, ok := bytes.CutPrefix(rest, []byte("\u202f")); ok {
			rest = r
		} else if r, ok := bytes.CutPrefix(rest, []byte("\u00a0")); ok {
			rest = r
		} else {
			break
		}
	}
	if len(rest) < 2 || LowerByte(rest[1]) != 'm' || LowerByte(rest[0]) != 'a' && LowerByte(rest[0]) != 'p' {
		return 0
	}
	s.b = rest[2:]
	return LowerByte(rest[0])
}

// zone reads the rest of a time: nothing, Z, UTC, GMT, or an offset in hours and minutes. It returns minutes east of UTC.
func (s *scanner) zone() (minutes int, ok bool) {
	s.b = Trim(s.b)
	if len(s.b) == 0 || EqualFold(s.b, "z") || EqualFold(s.b, "utc") || EqualFold(s.b, "gmt") {
		return 0, true
	}
	sign := 1
	if s.want("+-") == '-' {
		sign = -1
	}
	hours, _ := s.number(2, 2)
	s.skip(":")
	if len(s.b) > 0 {
		minutes, _ = s.number(2, 2)
	}
	const farthest = 18 // hours; no zone is farther from UTC
	if s.bad || len(s.b) > 0 || hours > farthest || minutes > 59 {
		return 0, false
	}
	return sign * (hours*60 + minutes), true
}

// ClockLen returns the length of hh:mm:ss at the front of b, with a fraction and AM or PM; 0 when there is none.
func ClockLen(b []byte) int {
	s := scanner{b: b}
	s.number(1, 2)
	s.want(":")
	s.number(2, 2)
	s.want(":")
	s.number(2, 2)
	if s.bad {
		return 0
	}
	if s.skip(".,") != 0 {
		s.number(1, 9)
	}
	s.half()
	if s.bad {
		return 0
	}
	return len(b) - len(s.b)
}

// ParseEpoch reads seconds, milliseconds or microseconds since 1970; the number of digits tells which.
func ParseEpoch(b []byte) (int64, bool) {
	n := 0
	var whole int64
	for n < len(b) && IsDigit(b[n]) && n < 17 {
		whole = whole*10 + int64(b[n]-'0')
		n++
	}
	unit := int64(1)
	switch {
	case n >= 9 && n <= 11:
		unit = MicrosPerSecond
	case n >= 12 && n <= 14:
		unit = 1000
	case n >= 15 && n <= 16:
	default:
		return 0, false
	}
	t := whole * unit
	if n == len(b) {
		return t, true
	}
	if b[n] != '.' {
		return 0, false
	}
	for _, c := range b[n+1:] {
		if !IsDigit(c) {
			return 0, false
		}
		unit /= 10
		t += int64(c-'0') * unit
	}
	return t, true
}

// parseDotNetDate reads the rest of \/Date(1595853423733)\/ as Windows PowerShell writes it. An offset (+0200) says in which zone the time was
// shown; the number is still UTC.
func parseDotNetDate(b []byte) (int64, bool) {
	negative := len(b) > 0 && b[0] == '-'
	if negative {
		b = b[1:]
	}
	var ms int64
	n := 0
	for n < len(b) && IsDigit(b[n]) && n < 15 {
		ms = ms*10 + int64(b[n]-'0')
		n++
	}
	if n == 0 || n == len(b) || b[n] != ')' && b[n] != '+' && b[n] != '-' {
		return 0, false
	}
	if negative {
		ms = -ms
	}
	return ms * 1000, true
}

// ParseTicks reads .NET ticks, which are at the end of event ids.
func ParseTicks(b []byte) (int64, bool) {
	if len(b) != 18 {
		return 0, false
	}
	var ticks int64
	for _, c := range b {
		if !IsDigit(c) {
			return 0, false
		}
		ticks = ticks*10 + int64(c-'0')
	}
	return (ticks - ticksAtEpoch) / 10, true
}

// ZeroDay is 0001-01-01, the zero of .NET, in days since 1970-01-01: it means an unknown date (SPEC 3.6).
const ZeroDay = -719_162

// IsNoTime reports whether a time is in the year 1, as the zero of .NET is in every zone: it means that there is no time.
func IsNoTime(micros int64) bool { return micros < (ZeroDay+365)*microsPerDay }
