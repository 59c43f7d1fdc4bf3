package report

import "context"

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
	ID                  string `sql:"tracking_id"` // the registered id that was probably meant
	Token               string
	Reason              string
	Source              string // deployment_name or user_agent
	FirstSeen, LastSeen string
	Sightings           int64 // requests that carried it
}

// RegistryFacts reads them from the snapshot.
func (r *Reader) RegistryFacts(ctx context.Context) (*RegistryFacts, error) {
	f := &RegistryFacts{RunID: r.Snapshot.ID}
	seen, err := Ask[struct {
		TrackingID, FirstSeen, LastSeen string
		Requests                        int64
		Currency, EffectiveCost         string
	}](ctx, r, "published/lint_unregistered", nil)
	if err != nil {
		return nil, err
	}
	for _, s := range seen {
		if n := len(f.Unregistered); n == 0 || f.Unregistered[n-1].ID != s.TrackingID {
			f.Unregistered = append(f.Unregistered, SeenID{ID: s.TrackingID, FirstSeen: s.FirstSeen, LastSeen: s.LastSeen, Requests: s.Requests})
		}
		if s.Currency != "" {
			last := &f.Unregistered[len(f.Unregistered)-1]
			last.Costs = append(last.Costs, Cost{s.Currency, s.EffectiveCost})
		}
	}
	if f.NeverSeen, err = Ask[string](ctx, r, "published/lint_never_seen", nil); err != nil {
		return nil, err
	}
	f.Misspelled, err = Ask[Misspelling](ctx, r, "published/lint_misspelled", nil)
	return f, err
}
