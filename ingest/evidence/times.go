package evidence

import (
	"bytes"
	"math"
	"time"

	"github.com/pidledger/pidledger/ingest/calendar"
)

const (
	microsPerSecond = 1_000_000
	microsPerDay    = 86_400 * microsPerSecond

	// ticksAtEpoch are the .NET ticks (100 ns since 0001-01-01) at 1970-01-01.
	ticksAtEpoch = 621_355_968_000_000_000
)

// parseTime reads the time formats of all exports (reference, 3.3) as microseconds since 1970-01-01 UTC. Times without a zone are UTC;
// digits below the microsecond are cut; dates with slashes are month first or year first, never day first (SPEC 3.6).
func parseTime(b []byte) (micros int64, ok bool) {
	b = trim(b)
	if len(b) == 0 {
		return 0, false
	}
	if isDigit(b[0]) {
		if t, ok := parseCalendar(b); ok {
			return t, true
		}
		return parseEpoch(b)
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

// scanner reads numbers and separators off the front of a text; a failure sticks.
type scanner struct {
	b   []byte
	bad bool
}

// number reads between min and max digits.
func (s *scanner) number(min, max int) (n, digits int) {
	for digits < max && digits < len(s.b) && isDigit(s.b[digits]) {
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

var monthNames = []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}

// parseCalendar reads a date that begins with a digit: ISO 8601 and its relatives, MM/DD/YYYY, and 10/Oct/2000:13:55:36 -0700.
func parseCalendar(b []byte) (int64, bool) {
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
	case sep == '/' && digits <= 2 && len(s.b) > 0 && !isDigit(s.b[0]):
		day = first
		if len(s.b) < 4 {
			return 0, false
		}
		for i, m := range monthNames {
			if equalFold(s.b[:3], m) {
				month = i + 1
			}
		}
		s.b = s.b[3:]
		s.want("/")
		year, _ = s.number(4, 4)
	case sep == '/' && digits <= 2:
		month = first
		day, _ = s.number(1, 2)
		s.want("/")
		year, _ = s.number(4, 4)
	default:
		return 0, false
	}
	days, ok := calendar.Days(year, month, day)
	if s.bad || !ok {
		return 0, false
	}
	t := int64(days) * microsPerDay
	if len(s.b) == 0 {
		return t, true
	}
	if s.want("T t:,") == ',' {
		s.skip(" ")
	}
	clock, ok := s.clock()
	return t + clock, ok && !s.bad
}

// clock reads the time of day and the zone up to the end of the text.
func (s *scanner) clock() (int64, bool) {
	hour, _ := s.number(1, 2)
	s.want(":")
	minute, _ := s.number(2, 2)
	var second int
	var fraction int64
	if s.skip(":") != 0 {
		second, _ = s.number(2, 2)
		if s.skip(".,") != 0 {
			unit := int64(microsPerSecond / 10)
			n := 0
			for ; n < len(s.b) && isDigit(s.b[n]); n++ {
				fraction += int64(s.b[n]-'0') * unit
				unit /= 10
			}
			s.b = s.b[n:]
			s.bad = s.bad || n == 0
		}
	}
	if s.bad || hour > 23 || minute > 59 || second > 60 {
		return 0, false
	}
	if half := s.half(); half != 0 {
		if hour < 1 || hour > 12 {
			return 0, false
		}
		hour = hour % 12
		if half == 'p' {
			hour += 12
		}
	}
	offset, ok := s.zone()
	return (int64(hour)*3600+int64(minute)*60+int64(second)-offset)*microsPerSecond + fraction, ok
}

// half reads AM or PM behind blanks, which may be the narrow no-break space of newer browsers; 0 when there is none.
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
	if len(rest) < 2 || lowerByte(rest[1]) != 'm' || lowerByte(rest[0]) != 'a' && lowerByte(rest[0]) != 'p' {
		return 0
	}
	s.b = rest[2:]
	return lowerByte(rest[0])
}

// zone reads the rest of a time: nothing, Z, UTC, GMT, or an offset in hours and minutes. It returns seconds east of UTC.
func (s *scanner) zone() (int64, bool) {
	s.b = trim(s.b)
	if len(s.b) == 0 || equalFold(s.b, "z") || equalFold(s.b, "utc") || equalFold(s.b, "gmt") {
		return 0, true
	}
	sign := int64(1)
	if s.want("+-") == '-' {
		sign = -1
	}
	hours, _ := s.number(2, 2)
	s.skip(":")
	minutes := 0
	if len(s.b) > 0 {
		minutes, _ = s.number(2, 2)
	}
	if s.bad || len(s.b) > 0 || hours > 15 || minutes > 59 {
		return 0, false
	}
	return sign * int64(hours*3600+minutes*60), true
}

// parseEpoch reads seconds, milliseconds or microseconds since 1970; which of them the number of digits tells.
func parseEpoch(b []byte) (int64, bool) {
	n := 0
	var whole int64
	for n < len(b) && isDigit(b[n]) && n < 17 {
		whole = whole*10 + int64(b[n]-'0')
		n++
	}
	unit := int64(1)
	switch {
	case n >= 9 && n <= 11:
		unit = microsPerSecond
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
		if !isDigit(c) {
			return 0, false
		}
		unit /= 10
		t += int64(c-'0') * unit
	}
	return t, true
}

// parseDotNetDate reads the rest of \/Date(1595853423733)\/ as Windows PowerShell writes it. An offset (+0200) says in which zone the
// time was shown; the number is UTC all the same.
func parseDotNetDate(b []byte) (int64, bool) {
	negative := len(b) > 0 && b[0] == '-'
	if negative {
		b = b[1:]
	}
	var ms int64
	n := 0
	for n < len(b) && isDigit(b[n]) && n < 15 {
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

// ticksTime turns .NET ticks, which stand at the end of event ids, into a time.
func ticksTime(b []byte) (int64, bool) {
	if len(b) != 18 {
		return 0, false
	}
	var ticks int64
	for _, c := range b {
		if !isDigit(c) {
			return 0, false
		}
		ticks = ticks*10 + int64(c-'0')
	}
	return (ticks - ticksAtEpoch) / 10, true
}

var yearTwo, _ = calendar.Days(2, 1, 1)

// isNoTime tells 0001-01-01, the zero of .NET, which stands for "no time".
func isNoTime(micros int64) bool { return micros < int64(yearTwo)*microsPerDay }

// parseDuration reads an ISO 8601 duration (PT2M59.6052694S) or a .NET time span (00:02:59.6052694) in microseconds.
func parseDuration(b []byte) (micros int64, ok bool) {
	b = trim(b)
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
		switch c := lowerByte(b[n]); {
		case !inTime && c == 'w':
			unit = 7 * microsPerDay
		case !inTime && c == 'd':
			unit = microsPerDay
		case inTime && c == 'h':
			unit = 3600 * microsPerSecond
		case inTime && c == 'm':
			unit = 60 * microsPerSecond
		case inTime && c == 's':
			unit = microsPerSecond
		}
		if unit == 0 || value > math.MaxInt64/4/unit {
			return 0, false // years and months have no length
		}
		micros += value*unit + fraction*(unit/microsPerSecond)
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
	return int64(days)*microsPerDay + (int64(hours*3600+minutes*60)+seconds)*microsPerSecond + fraction, true
}

// decimal reads digits[.digits] off the front of b: the whole part, the bytes read, and the fraction in millionths.
func decimal(b []byte) (whole int64, n int, millionths int64) {
	for n < len(b) && isDigit(b[n]) && n < 15 {
		whole = whole*10 + int64(b[n]-'0')
		n++
	}
	if n == 0 || n == len(b) || b[n] != '.' {
		return whole, n, 0
	}
	n++
	for unit := int64(100_000); n < len(b) && isDigit(b[n]); n++ {
		millionths += int64(b[n]-'0') * unit
		unit /= 10
	}
	return whole, n, millionths
}
