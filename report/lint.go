package report

import (
	"context"
	"time"

	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
)

// RegistryFacts are what a snapshot tells about the registry. Days are YYYY-MM-DD, in UTC.
type RegistryFacts struct {
	RunID        string
	Unregistered []SeenID      // ids that were seen without being registered, in order
	NeverSeen    []string      // registered ids that were never seen, in order
	Misspelled   []Misspelling // malformed tokens, by the id that was probably meant
}

// SeenID is an id that was seen.
type SeenID struct {
	ID                  string
	FirstSeen, LastSeen string
	Requests            int64
	Costs               []Cost // effective cost of what it created, by currency; none without usage
}

// Cost is an amount of one currency, in plain notation.
type Cost struct{ Currency, Amount string }

// Misspelling is a malformed token.
type Misspelling struct {
	ID                  string // the registered id that was probably meant
	Token               string
	Reason              string
	Source              string // deployment_name or user_agent
	FirstSeen, LastSeen string
	Sightings           int64 // requests that carried it
}

// RegistryFacts reads them from the snapshot.
func (s *Snapshot) RegistryFacts(ctx context.Context) (*RegistryFacts, error) {
	f := &RegistryFacts{RunID: s.Manifest.RunID}
	err := s.each(ctx, "lint_unregistered", []string{"unregistered"}, func(v []engine.Value) {
		if n := len(f.Unregistered); n == 0 || f.Unregistered[n-1].ID != v[0].S {
			f.Unregistered = append(f.Unregistered, SeenID{ID: v[0].S, FirstSeen: dayText(v[2]), LastSeen: dayText(v[3]), Requests: v[4].I})
		}
		if !v[1].Null && v[1].S != "" {
			last := &f.Unregistered[len(f.Unregistered)-1]
			last.Costs = append(last.Costs, Cost{v[1].S, columnar.FormatDecimal(v[5].D)})
		}
	})
	if err != nil {
		return nil, err
	}
	if err := s.each(ctx, "lint_never_seen", []string{"tracking_ids", "evidence_reach"}, func(v []engine.Value) { f.NeverSeen = append(f.NeverSeen, v[0].S) }); err != nil {
		return nil, err
	}
	err = s.each(ctx, "lint_misspelled", []string{"malformed"}, func(v []engine.Value) {
		f.Misspelled = append(f.Misspelled, Misspelling{ID: v[0].S, Token: v[1].S, Reason: v[2].S, Source: v[3].S, FirstSeen: dayText(v[4]), LastSeen: dayText(v[5]), Sightings: v[6].I})
	})
	return f, err
}

// dayText writes a day as YYYY-MM-DD, NULL as empty text.
func dayText(v engine.Value) string {
	if v.Null {
		return ""
	}
	return time.Unix(v.I*86400, 0).UTC().Format(time.DateOnly)
}
