package usage

import (
	"bytes"
	"strings"
)

// preambleTitles are the first cells of lines that precede the header in old downloads: the title of the EA usage file and the sections of the
// pay-as-you-go statement file.
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

// SkipPreamble returns a function for source.CSVOptions. Called with the lines of one file in order, it reports whether a line precedes the header.
// No line does unless the first is a preamble title; then all lines do, up to the one that names a column InstanceId (rule 7). It gives up after
// maxPreamble lines.
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
