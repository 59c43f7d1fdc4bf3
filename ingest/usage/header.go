package usage

import (
	"bytes"
	"strings"
	"unicode"
)

// CanonicalHeader is the form in which header names are compared (cost-exports.md 5): without BOM and outer blanks, of a localised
// name `Ressourcengruppe (ResourceGroup)` the English part, in lower case, without blanks, `_` and `-`.
func CanonicalHeader(name string) string {
	name = strings.TrimFunc(strings.TrimLeft(name, "\ufeff"), unicode.IsSpace)
	if strings.HasSuffix(name, ")") {
		if open := strings.LastIndexByte(name, '('); open >= 0 {
			if inside := strings.TrimSpace(name[open+1 : len(name)-1]); inside != "" {
				name = inside
			}
		}
	}
	return loose(name)
}

// loose makes two spellings of one word equal: `Unused Commitment`, `UnusedCommitment`, `unused_commitment`.
func loose(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

// preambleTitles are the first cells of lines that stand before the header of old downloads: the title of the EA usage file and
// the sections of the pay-as-you-go statement file.
var preambleTitles = []string{"usagedataextract", "provisioningstatus", "statement", "dailyusage"}

// IsPreamble reports whether a physical line is the title of a preamble or statement section: one of the known titles, alone on its line.
func IsPreamble(line []byte) bool {
	line = bytes.TrimPrefix(line, []byte("\ufeff"))
	if len(line) > 200 {
		return false
	}
	title := loose(strings.Trim(string(line), "\",;\t\r\n "))
	for _, t := range preambleTitles {
		if title == t {
			return true
		}
	}
	return false
}

// SkipPreamble returns a function for source.CSVOptions that is called with the lines of one file in order and says which ones stand
// before the header: none, or, when the first line is a preamble title, all up to the line that names a column InstanceId (rule 7).
// It gives up after maxPreamble lines.
func SkipPreamble() func(line []byte) bool {
	lines, skipping := 0, false
	return func(line []byte) bool {
		lines++
		switch {
		case lines == 1:
			skipping = IsPreamble(line)
		case skipping:
			skipping = lines <= maxPreamble && !strings.Contains(loose(string(line)), "instanceid")
		}
		return skipping
	}
}

// The longest statement sections seen have a line per service and subscription.
const maxPreamble = 10_000
