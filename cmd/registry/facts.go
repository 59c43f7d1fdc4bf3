package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/cmd/night"
	"github.com/pidledger/pidledger/cmd/sarif"
	"github.com/pidledger/pidledger/cmd/template/files"
	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/registry"
	"github.com/pidledger/pidledger/ingest/spelling"
	"github.com/pidledger/pidledger/report"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
)

// File is the App on the registry that the configuration names.
type File struct{}

// Lint tells what the file says by itself, and then what the published snapshot says about it.
func (File) Lint(ctx context.Context, call night.Options) ([]Finding, error) {
	regs, found, err := registry.Inspect(call.Config.Registry, ingest.RegistryOptions(ctx, call.Now()))
	if err != nil {
		return nil, err
	}
	var out []Finding
	for _, f := range found {
		out = append(out, Finding{Code: string(f.Code), Severity: string(f.Severity), File: f.File, Record: f.Record, Line: f.Line, Column: f.Column, Message: f.Message, Hint: f.Suggestion})
	}
	s, err := report.Open(ctx, call.Config.Report.Dir, call.Config.ReaderOptions())
	switch {
	case errors.As(err, new(*report.NoSnapshotError)):
		return out, nil
	case err != nil: // in a repository the folder may be somebody else's; what the file says by itself stands
		call.Log.Warn("no snapshot was asked", "error", err)
		return out, ctx.Err()
	}
	facts, err := s.RegistryFacts(ctx)
	if err := errors.Join(err, s.Close()); err != nil {
		return nil, err
	}
	return append(out, factFindings(call.Config.Registry, regs, facts)...), nil
}

// factFindings compares a registry with what was seen. What the file has come to say since the run counts: an id that is registered by now
// is not missing, one that is gone was not forgotten. Each finding stands at the row of the id, or at the file for an id without one.
func factFindings(file string, regs []registry.Registration, facts *report.RegistryFacts) []Finding {
	rows := map[string]registry.Registration{}
	var ids []string
	for _, r := range regs {
		if _, twice := rows[r.TrackingID]; !twice {
			rows[r.TrackingID] = r
			ids = append(ids, r.TrackingID)
		}
	}
	finding := func(code registry.Code, id, message, hint string) Finding {
		r := rows[id] // zero: no line
		return Finding{Code: string(code), Severity: string(registry.SeverityOf(code)), File: file, Record: r.Record, Line: r.Line, ID: id, Message: message, Hint: hint}
	}
	var out []Finding
	for _, seen := range facts.Unregistered {
		if _, now := rows[seen.ID]; now {
			continue
		}
		message := fmt.Sprintf("%s was seen in %s (%s) and is not registered: %s", seen.ID, human.Plural(seen.Requests, "request"), span(seen.FirstSeen, seen.LastSeen), atStake(seen.Costs))
		hint := fmt.Sprintf("if it is yours: pidledger registry add %s --mpn MPN_ID --offer OFFER --channel CHANNEL; else it is another partner's", seen.ID)
		if i := slices.IndexFunc(ids, func(id string) bool { return spelling.Distance(id, seen.ID) == 1 }); i >= 0 {
			hint = fmt.Sprintf("it differs from %s on line %d by only one character: fix the one that is wrong, template or registry", ids[i], rows[ids[i]].Line)
			if rows[ids[i]].Line == 0 {
				hint = fmt.Sprintf("it differs from %s by only one character: fix the one that is wrong, template or registry", ids[i])
			}
		}
		f := finding(registry.Unregistered, seen.ID, message, hint)
		for _, c := range seen.Costs {
			if f.Costs == nil {
				f.Costs = map[string]string{}
			}
			f.Costs[c.Currency] = c.Amount
		}
		out = append(out, f)
	}
	for _, m := range facts.Misspelled {
		if _, now := rows[m.ID]; !now {
			continue
		}
		where := "a deployment name"
		if m.Source == "user_agent" {
			where = "a User-Agent"
		}
		out = append(out, finding(registry.Misspelled, m.ID,
			fmt.Sprintf("%s (%s) was seen in %s, in %s (%s), and was probably meant to be %s", m.Token, m.Reason, where, human.Plural(m.Sightings, "request"), span(m.FirstSeen, m.LastSeen), m.ID),
			"fix the template or program that says so; its usage is not attributed"))
	}
	for _, id := range facts.NeverSeen {
		if _, still := rows[id]; still {
			out = append(out, finding(registry.NeverSeen, id, id+" was never seen in a deployment or call", "check that what ships carries it: pidledger template check"))
		}
	}
	return out
}

// span are two days, once when they are the same.
func span(first, last string) string {
	if first == last {
		return first
	}
	return first + " to " + last
}

// atStake says what usage an id that is not registered loses.
func atStake(costs []report.Cost) string {
	var list []string
	for _, c := range costs {
		list = append(list, human.Rounded(spec.Amount(c.Amount))+" "+c.Currency)
	}
	if len(list) == 0 {
		return "no usage yet"
	}
	return "usage of " + strings.Join(list, " and ") + " is not attributed"
}

// writeLintSARIF writes the findings about a registry for code scanning.
func writeLintSARIF(w io.Writer, version string, found []Finding) error {
	levels := map[string]string{SeverityError: sarif.Error, SeverityWarning: sarif.Warning, string(registry.Info): sarif.Note}
	var rules []sarif.Rule
	for _, r := range registry.Rules() {
		rules = append(rules, sarif.Rule{ID: string(r.Code), Title: r.Meaning, Help: r.Meaning, Level: levels[string(r.Severity)]})
	}
	var results []sarif.Result
	for _, f := range found {
		r := sarif.Result{Rule: f.Code, Level: levels[f.Severity], Message: f.Message, File: files.Shown(f.File), Line: int(f.Line), Path: f.Column, Fingerprint: f.Code + ":" + f.Column + ":" + f.Message}
		if f.Hint != "" {
			r.Message += " (" + f.Hint + ")"
		}
		if f.ID != "" { // the message counts requests and usage, which grow
			r.Fingerprint, r.Properties = f.Code+":"+f.ID, map[string]string{"trackingId": f.ID}
		}
		results = append(results, r)
	}
	return sarif.Write(w, version, rules, results)
}
