package export

import (
	"sort"
	"strings"
	"time"

	"github.com/pidledger/pidledger/ingest/azure"
)

// Day is a calendar day without a time zone, in days since 1970-01-01.
type Day int32

// MinDay and MaxDay bound every span: 0001-01-01 and 9999-12-31, the days that a DATE column can hold in every engine.
const (
	MinDay Day = azure.ZeroDay
	MaxDay Day = 2932896
)

const secondsPerDay = 24 * 60 * 60

// DayOf is the UTC day of a time.
func DayOf(t time.Time) Day {
	s := t.Unix()
	d := s / secondsPerDay
	if s%secondsPerDay < 0 {
		d--
	}
	return Day(d)
}

// Time is midnight UTC of the day.
func (d Day) Time() time.Time { return time.Unix(int64(d)*secondsPerDay, 0).UTC() }

// String is the day as YYYY-MM-DD.
func (d Day) String() string { return d.Time().Format(time.DateOnly) }

// Month is the day's month as YYYY-MM.
func (d Day) Month() string { return d.Time().Format("2006-01") }

// FirstOfMonth is the first day of the day's month.
func (d Day) FirstOfMonth() Day {
	return d - Day(d.Time().Day()-1)
}

// LastOfMonth is the last day of the day's month.
func (d Day) LastOfMonth() Day {
	t := d.Time()
	return DayOf(time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC))
}

// Span is the days From..To, both included; empty when To is before From.
type Span struct{ From, To Day }

// Empty reports whether the span holds no day.
func (s Span) Empty() bool { return s.To < s.From }

// Contains reports whether the span holds the day.
func (s Span) Contains(d Day) bool { return s.From <= d && d <= s.To }

// Overlaps reports whether two spans share a day.
func (s Span) Overlaps(o Span) bool {
	return !s.Empty() && !o.Empty() && s.From <= o.To && o.From <= s.To
}

// String is the span as FROM..TO.
func (s Span) String() string { return s.From.String() + ".." + s.To.String() }

// spanSet is a sorted list of spans that neither overlap nor touch.
type spanSet []Span

// with is the set with a span added.
func (set spanSet) with(s Span) spanSet {
	if s.Empty() {
		return set
	}
	// first is the first span that ends late enough to overlap or touch s.
	first := sort.Search(len(set), func(i int) bool { return set[i].To >= s.From-1 })
	last := first
	for last < len(set) && set[last].From <= s.To+1 {
		s.From, s.To = min(s.From, set[last].From), max(s.To, set[last].To)
		last++
	}
	out := make(spanSet, 0, len(set)-(last-first)+1)
	out = append(out, set[:first]...)
	out = append(out, s)
	return append(out, set[last:]...)
}

// within is the part of the set that lies in a span.
func (set spanSet) within(s Span) spanSet {
	var out spanSet
	for i := sort.Search(len(set), func(i int) bool { return set[i].To >= s.From }); i < len(set) && set[i].From <= s.To; i++ {
		out = append(out, Span{max(set[i].From, s.From), min(set[i].To, s.To)})
	}
	return out
}

// cut is the part of the set that another one holds as well.
func (set spanSet) cut(o spanSet) (out spanSet) {
	for _, s := range o {
		out = append(out, set.within(s)...)
	}
	return out
}

// gaps is the part of a span that the set does not hold.
func (set spanSet) gaps(s Span) spanSet {
	var out spanSet
	next := s.From
	for _, held := range set.within(s) {
		if held.From > next {
			out = append(out, Span{next, held.From - 1})
		}
		next = held.To + 1
	}
	if next <= s.To {
		out = append(out, Span{next, s.To})
	}
	return out
}

// parseTime reads a time of a manifest; manifests write seven digits of a second. The zero time of .NET counts as missing: ok is true and
// the time is zero.
func parseTime(text string) (t time.Time, ok bool) {
	if t, ok = azure.ParseUTC(strings.TrimSpace(text)); ok && isMissing(t) {
		return time.Time{}, true
	}
	return t, ok
}

func isMissing(t time.Time) bool { return azure.IsNoTime(t.UnixMicro()) }

// parseDay reads a date of a manifest in any of the spellings of parseTime. The day is the one written: an offset does not move it, because
// startDate and endDate are calendar days.
func parseDay(text string) (d Day, ok bool) {
	text = strings.TrimSpace(text)
	if t, ok := parseTime(text); !ok || t.IsZero() || len(text) < len(time.DateOnly) {
		return 0, false
	}
	days, style := azure.ParseDay([]byte(text[:len(time.DateOnly)]))
	return Day(days), style == azure.ISODate
}
