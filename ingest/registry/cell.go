package registry

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/pidledger/pidledger/ingest/token"
)

// Cell is what gets an id of its own: an offer, or a SKU of it, in a distribution channel. SKU is empty for an offer without SKUs.
type Cell struct{ Offer, SKU, Channel string }

func (c Cell) String() string {
	if c.SKU == "" {
		return c.Offer + ", " + c.Channel
	}
	return c.Offer + ", " + c.SKU + ", " + c.Channel
}

// key is the same for all spellings of a cell.
func (c Cell) key(mpn string) [4]string {
	return [4]string{mpn, plain(c.Offer), plain(c.SKU), channelKey(c.Channel)}
}

// Cells are all combinations, in the order of the offers, then the SKUs, then the channels. Without SKUs, an offer counts as one SKU.
func Cells(offers, skus, channels []string) []Cell {
	if len(skus) == 0 {
		skus = []string{""}
	}
	var out []Cell
	for _, offer := range offers {
		for _, sku := range skus {
			for _, channel := range channels {
				out = append(out, Cell{offer, sku, channel})
			}
		}
	}
	return out
}

// Free separates the cells that have no id yet, each once, from the registrations that hold the others. An id that was retired before today holds
// no cell. A free cell takes the spelling of offer, SKU and channel from the registrations, because reports treat different spellings as different.
func Free(cells []Cell, mpn string, regs []Registration, today time.Time) (free []Cell, held []Registration) {
	holders := map[[4]string]Registration{}
	spelled := [3]map[string]string{{}, {}, {}}
	for _, r := range regs {
		c := Cell{r.Offer, r.SKU, r.Channel}
		key := c.key(r.MPNID)
		for i, text := range [...]string{r.Offer, r.SKU, r.Channel} {
			if _, seen := spelled[i][key[i+1]]; !seen {
				spelled[i][key[i+1]] = text
			}
		}
		if r.RetiredAt.IsZero() || !r.RetiredAt.Before(today) {
			holders[key] = r
		}
	}
	told := map[[4]string]bool{}
	for _, c := range cells {
		key := c.key(mpn)
		if told[key] {
			continue
		}
		told[key] = true
		if r, ok := holders[key]; ok {
			held = append(held, r)
			continue
		}
		for i, text := range [...]*string{&c.Offer, &c.SKU, &c.Channel} {
			if s, ok := spelled[i][key[i+1]]; ok {
				*text = s
			}
		}
		free = append(free, c)
	}
	return free, held
}

// ChannelTypo returns the usual channel word that a word was probably meant to be. It is empty for a usual word, and for a word of the partner's
// own that resembles none.
func ChannelTypo(word string) string {
	if _, known := tables().channels[plain(word)]; known {
		return ""
	}
	return usualLike(word)
}

// UsualChannel returns the usual word for a channel, or the word itself if it is one of the partner's own.
func UsualChannel(word string) string {
	if usual, ok := tables().channels[plain(word)]; ok {
		return usual
	}
	return strings.TrimSpace(word)
}

// Make makes a registration with a fresh GUID for each cell; random gives 16 bytes for each.
func Make(cells []Cell, mpn string, today time.Time, random io.Reader) ([]Registration, error) {
	made := make([]Registration, len(cells))
	for i, c := range cells {
		id, err := newGUID(random)
		if err != nil {
			return nil, err
		}
		made[i] = Registration{TrackingID: id, MPNID: mpn, Offer: c.Offer, SKU: c.SKU, Channel: c.Channel, RegisteredAt: today}
	}
	return made, nil
}

// newGUID makes a random GUID (version 4, RFC 9562) of 16 bytes of random.
func newGUID(random io.Reader) (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("make a random GUID: %w", err)
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return token.Hyphenate(fmt.Sprintf("%x", b)), nil
}

// cell returns the text for a column of the file; it is empty if the registration has no value for it.
func (r Registration) cell(column string) string {
	switch column {
	case "tracking_id":
		if token.Normalise(r.TrackingID).Malformed() { // words that look like a broken GUID
			return r.TrackingID + "-partnercenter"
		}
		return r.TrackingID
	case "mpn_id":
		return r.MPNID
	case "offer":
		return r.Offer
	case "sku":
		return r.SKU
	case "channel":
		return r.Channel
	case "description":
		return r.Description
	case "registered_at":
		if !r.RegisteredAt.IsZero() {
			return r.RegisteredAt.Format(time.DateOnly)
		}
	case "retired_at":
		if !r.RetiredAt.IsZero() {
			return r.RetiredAt.Format(time.DateOnly)
		}
	}
	return ""
}

// quoted is a CSV field. Blanks at its ends would not survive reading, and a # at the start would be taken for a comment.
func quoted(s string, delim byte, always bool) string {
	if !always && !strings.ContainsAny(s, "\"\r\n#"+string(rune(delim))) && strings.TrimSpace(s) == s {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}
