package ingest

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/ingest/export"
)

// accountsOf are the billing accounts that cells name, sorted, each once.
func accountsOf(cells []string) []string {
	out := []string{}
	for _, c := range cells {
		if a := strings.ReplaceAll(azure.BillingAccount(c), "|", ""); a != "" {
			out = append(out, a)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// spansOf puts days, in days since 1970-01-01 and in any order, into spans.
func spansOf(days []int32) []export.Span {
	days = slices.Clone(days)
	slices.Sort(days)
	out := []export.Span{}
	for _, d := range slices.Compact(days) {
		if n := len(out); n > 0 && out[n-1].To+1 == export.Day(d) {
			out[n-1].To++
			continue
		}
		out = append(out, export.Span{From: export.Day(d), To: export.Day(d)})
	}
	return out
}

func formatSpans(spans []export.Span) string {
	texts := make([]string, len(spans))
	for i, s := range spans {
		texts[i] = s.String()
	}
	return strings.Join(texts, ",")
}

func parseSpans(text string) []export.Span {
	out := []export.Span{}
	for _, one := range splitText(text, ",") {
		from, to, _ := strings.Cut(one, "..")
		a, errA := time.Parse(time.DateOnly, from)
		b, errB := time.Parse(time.DateOnly, to)
		if errors.Join(errA, errB) == nil {
			out = append(out, export.Span{From: export.DayOf(a), To: export.DayOf(b)})
		}
	}
	return out
}

// splitText splits a text; an empty one has no parts.
func splitText(text, by string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, by)
}
