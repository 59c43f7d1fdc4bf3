package report

import "context"

// Word is something that people name on the command line.
type Word struct {
	Kind string // channel, offer, mpn, month or currency; of an id: tracking id, unregistered or subscription
	Word string
	Note string // what it is, for the eye; empty: it says enough
}

// Words gives the channels, offers, MPN IDs, months and currencies that the snapshot knows, by kind and in order.
func (r *Reader) Words(ctx context.Context) (map[string][]string, error) {
	rows, err := Ask[struct{ Kind, Word string }](ctx, r, "compare/words", nil)
	words := map[string][]string{}
	for _, w := range rows {
		words[w.Kind] = append(words[w.Kind], w.Word)
	}
	return words, err
}

// IDs gives the tracking ids and subscriptions that the snapshot knows, in order.
func (r *Reader) IDs(ctx context.Context) ([]Word, error) {
	return Ask[Word](ctx, r, "published/ids_to_complete", nil)
}
