package registry

import "fmt"

// Merged is what comes of adding registrations to others.
type Merged struct {
	New            []Registration // in order, each id once
	Same           []Registration // ids that are there already and say nothing else
	Contradictions []Contradiction
}

// Contradiction is an id that is there already and says something else.
type Contradiction struct {
	Registration Registration // that was to be added
	There        Registration // that is there, in the registry or in what was added before
	Column       string
	Value, Have  string // what the two say; Have may be empty, Value never is
}

// Message says it in words.
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

// Merge parts registrations into new ones, ones that are there already, and contradictions. An empty value contradicts nothing, but a value
// where there is none does: it would be lost. Two spellings of an offer, a SKU or a channel are one; a new registration takes over the one
// that is there, for reports keep spellings apart.
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

// sameAs is what two spellings of one value have in common.
func sameAs(column, value string) string {
	switch column {
	case "offer", "sku":
		return plain(value)
	case "channel":
		return channelKey(value)
	}
	return value
}
