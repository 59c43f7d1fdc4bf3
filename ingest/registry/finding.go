package registry

import (
	"cmp"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/pidledger/pidledger/queries/facts"
)

// Severity grades a Finding.
type Severity string

// With an Error the file is refused. A Warning is likely a mistake, an Info is not.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Info    Severity = "info"
)

// Code names a kind of finding; findings.csv lists all of them with severity and meaning.
type Code string

// The kinds of findings.
const (
	EmptyFile      Code = "empty_file"
	Unreadable     Code = "unreadable"
	MissingColumn  Code = "missing_column"
	Malformed      Code = "malformed"
	Nil            Code = "nil"
	Placeholder    Code = "placeholder"
	DuplicateID    Code = "duplicate"
	TwoChannels    Code = "two_channels"
	TwoOffers      Code = "two_offers"
	BadDate        Code = "bad_date"
	DateOrder      Code = "date_order"
	BadScope       Code = "bad_scope"
	BadID          Code = "bad_id"
	Conflict       Code = "conflict"
	Ragged         Code = "ragged"
	NotText        Code = "not_text"
	NoRows         Code = "no_rows"
	MissingValue   Code = "missing_value"
	MissingChannel Code = "missing_channel"
	UnknownChannel Code = "unknown_channel"
	MixedSpelling  Code = "mixed_spelling"
	BadMPN         Code = "bad_mpn"
	TwoMPNs        Code = "two_mpns"
	NearOffer      Code = "near_offer"
	NearID         Code = "near_id"
	FutureDate     Code = "future_date"
	Unregistered   Code = "unregistered" // this one and the next come only from a run
	Misspelled     Code = "misspelled"
	NeverSeen      Code = "never_seen"
	Repeated       Code = "repeated"
	UnknownColumn  Code = "unknown_column"
	PidPrefix      Code = "pid_prefix"
)

// Rule describes a kind of finding.
type Rule struct {
	Code     Code
	Severity Severity
	Meaning  string
}

// Rules lists the kinds of findings in the order of findings.csv.
func Rules() []Rule {
	var out []Rule
	for _, row := range facts.Rows("findings.csv", findingsCSV) {
		out = append(out, Rule{Code(row[0]), Severity(row[1]), row[2]})
	}
	return out
}

// SeverityOf returns the severity of a kind of finding.
func SeverityOf(c Code) Severity { return tables().severities[c] }

// Finding is one remark about a file.
type Finding struct {
	Code       Code
	Severity   Severity
	File       string
	Line       int64  // 1-based; 0: not known (Parquet, or the whole file)
	Record     int64  // 1-based row; 0: the header or the whole file
	Column     string // as the file spells it; empty for a finding about no column
	Value      string // as written, cut to 200 bytes
	Message    string // what is wrong
	Suggestion string // what to do; empty if the message says it
}

// String is the finding on one line: where, what, and what to do.
func (f Finding) String() string {
	var b strings.Builder
	b.WriteString(f.File)
	if f.Line > 0 {
		fmt.Fprintf(&b, ", line %d", f.Line)
	} else if f.Record > 0 {
		fmt.Fprintf(&b, ", record %d", f.Record)
	}
	if f.Column != "" {
		b.WriteString(", column " + f.Column)
	}
	b.WriteString(": " + f.Message)
	if f.Suggestion != "" {
		b.WriteString(". " + f.Suggestion)
	}
	return b.String()
}

// ProblemError says that a file is refused, and everything that is wrong with it.
type ProblemError struct {
	File     string
	Problems []Finding // severity error, in the order of the file
}

// mostShown problems are written out in full; the rest is counted.
const mostShown = 20

func (e *ProblemError) Error() string {
	var b strings.Builder
	for i, p := range e.Problems {
		if i == mostShown {
			fmt.Fprintf(&b, "\n%s: and %d more", e.File, len(e.Problems)-i)
			break
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(p.String())
	}
	return b.String()
}

//go:embed findings.csv
var findingsCSV string

//go:embed aliases.csv
var aliasesCSV string

//go:embed channels.csv
var channelsCSV string

type columnName struct {
	column string
	needed bool
}

type lists struct {
	severities map[Code]Severity
	aliases    map[string]map[string]string // kind -> plain alias -> column
	columns    map[string][]columnName      // kind -> columns in order
	channels   map[string]string            // plain word -> channel
	usual      []string                     // channels in order
}

// tables reads the embedded files once; a test checks every line, so a bad line cannot ship.
var tables = sync.OnceValue(func() lists {
	f := lists{severities: map[Code]Severity{}, aliases: map[string]map[string]string{}, columns: map[string][]columnName{}, channels: map[string]string{}}
	for _, row := range facts.Rows("findings.csv", findingsCSV) {
		f.severities[Code(row[0])] = Severity(row[1])
	}
	for _, row := range facts.Rows("aliases.csv", aliasesCSV) {
		kind, column := row[0], columnName{row[1], row[2] == "yes"}
		if f.aliases[kind] == nil {
			f.aliases[kind] = map[string]string{}
		}
		f.aliases[kind][plain(row[3])] = column.column
		if !slices.Contains(f.columns[kind], column) {
			f.columns[kind] = append(f.columns[kind], column)
		}
	}
	for _, row := range facts.Rows("channels.csv", channelsCSV) {
		f.channels[plain(row[0])] = row[1]
		if !slices.Contains(f.usual, row[1]) {
			f.usual = append(f.usual, row[1])
		}
	}
	return f
})

// findings collects the findings about one file.
type findings struct {
	file string
	all  []Finding
}

func (l *findings) add(f Finding) {
	f.File, f.Severity, f.Value = l.file, tables().severities[f.Code], cut(f.Value)
	l.all = append(l.all, f)
}

// result sorts the findings by place. Errors become a *ProblemError, the rest are remarks.
func (l *findings) result() (remarks []Finding, err error) {
	slices.SortStableFunc(l.all, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Record, b.Record), cmp.Compare(a.Line, b.Line))
	})
	var problems []Finding
	for _, f := range l.all {
		if f.Severity == Error {
			problems = append(problems, f)
		} else {
			remarks = append(remarks, f)
		}
	}
	if len(problems) > 0 {
		return remarks, &ProblemError{File: l.file, Problems: problems}
	}
	return remarks, nil
}

// plain returns a name in the form in which names are compared: lower case, without blanks, `_` and `-`.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '\u00a0', '_', '-', '\ufeff':
			return -1
		}
		return r
	}, strings.ToLower(s))
}

// cut shortens a value for a message.
func cut(value string) string {
	const most = 200
	if len(value) > most {
		return strings.ToValidUTF8(value[:most], "")
	}
	return value
}
