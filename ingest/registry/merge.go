package registry

import "fmt"

// Merged is the result of adding registrations to others.
type Merged struct {
	New            []Registration // in order, each id once
	Same           []Registration // ids that are there already, without contradiction
	Contradictions []Contradiction
}

// Contradiction is an id that is already registered with another value.
type Contradiction struct {
	Registration Registration // to be added
	There        Registration // in the registry, or added before
	Column       string
	Value, Have  string // the two values; Have may be empty, Value never is
}

// Message describes the contradiction.
func (c Contradiction) Message() string {
	at := where(c.There)
	if c.There.File != "" && c.There.File != c.Registration.File {
		at += " of " + c.There.File
	}
	if c.Have == "" {
		return fmt.Sprintf("%s has %s %q here, and none on %s", c.Registration.TrackingID, c.Column, c.Value, at)
	}
	return fmt.Sprintf("%s has %s %q here, and %q on %s", c.Registration.TrackingID, c.Column, c.Value, c.Have, at)
}

var spelledColumns = [3]string{"offer", "sku", "channel"}

// Merge sorts registrations into new ones, known ones, and contradictions. An empty value contradicts nothing, but a value for a registration that
// has none does: it would be lost. Two spellings of an offer, a SKU or a channel are the same; a new registration takes the spelling that is there,
// because reports treat different spellings as different.
func Merge(have, add []Registration) Merged {
	var m Merged
	there := map[string]Registration{}
	spelled := [3]map[string]string{{}, {}, {}} // of spelledColumns
	keep := func(r Registration) {
		there[r.TrackingID] = r
		for i, text := range [...]string{r.Offer, r.SKU, r.Channel} {
			if key := sameAs(spelledColumns[i], text); spelled[i][key] == "" {
				spelled[i][key] = text
			}
		}
	}
	for _, r := range have {
		keep(r)
	}
	for _, r := range add {
		old, known := there[r.TrackingID]
		if !known {
			for i, text := range [...]*string{&r.Offer, &r.SKU, &r.Channel} {
				if s, ok := spelled[i][sameAs(spelledColumns[i], *text)]; ok {
					*text = s
				}
			}
			m.New = append(m.New, r)
			keep(r)
			continue
		}
		before := len(m.Contradictions)
		for _, column := range newColumns {
			value, has := r.cell(column), old.cell(column)
			if value != "" && sameAs(column, value) != sameAs(column, has) {
				m.Contradictions = append(m.Contradictions, Contradiction{r, old, column, value, has})
			}
		}
		if len(m.Contradictions) == before {
			m.Same = append(m.Same, r)
		}
	}
	return m
}

// sameAs is the same for all spellings of a value.
func sameAs(column, value string) string {
	switch column {
	case "offer", "sku":
		return plain(value)
	case "channel":
		return channelKey(value)
	}
	return value
}
