package registry

import (
	"fmt"
	"hash/maphash"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/ingest/spelling"
	"github.com/pidledger/pidledger/ingest/token"
)

// Registration ties a tracking id to what it stands for. Empty texts and zero times are NULL in the ledger.
type Registration struct {
	TrackingID   string // lower case, without pid- and -partnercenter (SPEC 4)
	MPNID        string
	Offer        string
	SKU          string
	Channel      string // as written
	Description  string
	RegisteredAt time.Time // UTC day; first day in force (SPEC 5.H), zero: always in force
	RetiredAt    time.Time // UTC day; last day in force, zero: none
	Kind         string    // guid or partnercenter
	File         string
	Record       int64
	Line         int64 // 0: not known
}

// Registrations reads the registrations file. remarks are findings for which the file is not refused. The error is a *ProblemError with all those
// for which it is, or says why the file cannot be read.
func Registrations(path string, o Options) (regs []Registration, remarks []Finding, err error) {
	list := &findings{file: path}
	regs, err = registrations(path, o, list)
	if err != nil {
		return nil, nil, err
	}
	if remarks, err = list.result(); err != nil {
		return nil, remarks, err
	}
	return regs, remarks, nil
}

// Inspect returns all findings about a registrations file, in the order of the file, and the registrations that can still be used. The error is
// only about reading it.
func Inspect(path string, o Options) (regs []Registration, found []Finding, err error) {
	list := &findings{file: path}
	if regs, err = registrations(path, o, list); err != nil {
		return nil, nil, err
	}
	_, _ = list.result() // sorts; the problems are findings here
	return regs, list.all, nil
}

func registrations(path string, o Options, list *findings) ([]Registration, error) {
	t, err := readTable(path, "registrations", o, list)
	if err != nil || !t.ok {
		return nil, err
	}
	var regs []Registration
	for _, r := range t.rows {
		reg := Registration{
			MPNID: r.cells["mpn_id"], Offer: r.cells["offer"], SKU: r.cells["sku"], Channel: r.cells["channel"], Description: r.cells["description"],
			File: path, Record: r.record, Line: r.line,
		}
		ok := t.trackingID(r, &reg)
		for _, column := range [...]string{"mpn_id", "offer", "channel"} {
			if r.cells[column] == "" && !slices.Contains(r.refused, column) {
				t.remark(r, MissingValue, column, "the value is missing: reports will group this id under an empty "+column, "")
			}
		}
		reg.RegisteredAt = t.date(r, "registered_at")
		reg.RetiredAt = t.date(r, "retired_at")
		if !reg.RegisteredAt.IsZero() && !reg.RetiredAt.IsZero() && reg.RetiredAt.Before(reg.RegisteredAt) {
			t.remark(r, DateOrder, "retired_at", "the id is retired before it was registered on "+reg.RegisteredAt.Format(time.DateOnly), "Correct one of the dates; both days count as in force")
		}
		if !o.Today.IsZero() && reg.RegisteredAt.After(o.Today) {
			t.remark(r, FutureDate, "registered_at", "the id is registered from a future day on: usage of earlier requests is late", "Check the date; write the day on which the id was registered")
		}
		if ok {
			regs = append(regs, reg)
		}
	}
	l := linter{t: t, regs: regs}
	l.duplicates()
	l.channels()
	l.siblings()
	l.mpns()
	l.nearOffers()
	l.nearIDs()
	return regs, nil
}

// remark adds a finding about a cell.
func (t *table) remark(r row, code Code, column, message, suggestion string) {
	t.list.add(Finding{Code: code, Record: r.record, Line: r.line, Column: t.name(column), Value: r.cells[column], Message: message, Suggestion: suggestion})
}

// bareHex is a GUID without its hyphens.
var bareHex = regexp.MustCompile(`^[0-9a-f]{32}$`)

// trackingID reads the id of a row; false when it cannot be used.
func (t *table) trackingID(r row, reg *Registration) bool {
	const column = "tracking_id"
	raw := r.cells[column]
	if raw == "" {
		t.remark(r, Malformed, column, "the tracking id is missing", "Add the GUID that the template or User-Agent carries, or delete the row")
		return false
	}
	id := token.Normalise(raw)
	if inner := strings.Trim(strings.ToLower(raw), "{}()"); inner != strings.ToLower(raw) && azure.IsGUID(inner) {
		t.remark(r, Malformed, column, fmt.Sprintf("%q is not a tracking id: it must not have brackets", cut(raw)), "Write "+inner)
		return false
	}
	if bareHex.MatchString(id.ID) {
		t.remark(r, Malformed, column, fmt.Sprintf("%q is not a tracking id: its hyphens are missing", cut(raw)), "Write "+token.Hyphenate(id.ID))
		return false
	}
	switch id.Reason {
	case "":
	case token.Nil:
		t.remark(r, Nil, column, fmt.Sprintf("%q is the nil GUID, which nobody owns", cut(raw)), "Replace it with the registered GUID, or delete the row")
		return false
	case token.Placeholder:
		t.remark(r, Placeholder, column, fmt.Sprintf("%q is a placeholder", cut(raw)), "Replace it with the registered GUID, or delete the row")
		return false
	case token.HasSuffix:
		t.remark(r, Malformed, column, fmt.Sprintf("%q is a GUID with something after it", cut(raw)), "Write "+id.ID[:36])
		return false
	case token.BadID:
		t.remark(r, Malformed, column, fmt.Sprintf("%q is not a tracking id: a token has only letters, digits and - _ . ( ), and does not end in - or _", cut(raw)), "Write the GUID, or the words of pid-<words>-partnercenter")
		return false
	default:
		t.remark(r, Malformed, column, fmt.Sprintf("%q is not a tracking id (%s): a GUID has 8-4-4-4-12 hex digits", cut(raw), id.Reason), "Copy the GUID again from where it was registered; if these are the words of pid-<words>-partnercenter, write it with -partnercenter")
		return false
	}
	if trimmed := strings.ToLower(raw); trimmed != id.ID {
		t.remark(r, PidPrefix, column, "pid- or -partnercenter is not part of the id and is ignored", "Write "+id.ID)
	}
	reg.TrackingID, reg.Kind = id.ID, string(id.Kind)
	return true
}

// date reads a day. It returns zero for an empty cell and, with a finding, for one that is not a date. A time in another zone is converted to UTC
// first.
func (t *table) date(r row, column string) time.Time {
	text := r.cells[column]
	if text == "" {
		return time.Time{}
	}
	if days, style := azure.ParseDay([]byte(text)); style != azure.NoDate && days != azure.ZeroDay {
		return time.Unix(int64(days)*86_400, 0).UTC()
	}
	t.remark(r, BadDate, column, fmt.Sprintf("%q is not a date", cut(text)), "Write YYYY-MM-DD (MM/DD/YYYY is understood, day first is not)")
	return time.Time{}
}

// linter checks all registrations together.
type linter struct {
	t    *table
	regs []Registration
}

func (l *linter) say(r Registration, code Code, column, value, message, suggestion string) {
	l.t.list.add(Finding{Code: code, Record: r.Record, Line: r.Line, Column: l.t.name(column), Value: value, Message: message, Suggestion: suggestion})
}

func where(r Registration) string { return row{record: r.Record, line: r.Line}.where() }

func (l *linter) duplicates() {
	first := map[string]Registration{}
	for _, r := range l.regs {
		f, again := first[r.TrackingID]
		if !again {
			first[r.TrackingID] = r
			continue
		}
		l.say(r, DuplicateID, "tracking_id", r.TrackingID, fmt.Sprintf("%s is registered twice: on %s and on %s", r.TrackingID, where(f), where(r)), "Delete one of the two rows")
		if plain(f.Channel) != plain(r.Channel) {
			l.say(r, TwoChannels, "channel", r.Channel, fmt.Sprintf("%s stands for channel %q on %s and for %q on %s", r.TrackingID, f.Channel, where(f), r.Channel, where(r)), "Register one id for each channel")
		}
		if plain(f.Offer) != plain(r.Offer) {
			l.say(r, TwoOffers, "offer", r.Offer, fmt.Sprintf("%s stands for offer %q on %s and for %q on %s", r.TrackingID, f.Offer, where(f), r.Offer, where(r)), "Register one id for each offer")
		}
	}
}

// channelKey is the same for all spellings of a channel.
func channelKey(word string) string {
	if known, ok := tables().channels[plain(word)]; ok {
		return known
	}
	return plain(word)
}

func (l *linter) channels() {
	spelling := map[string]Registration{}
	told := map[string]bool{}
	for _, r := range l.regs {
		if r.Channel == "" || told[r.Channel] {
			continue
		}
		key := channelKey(r.Channel)
		usual := tables().usual
		if !slices.Contains(usual, plain(r.Channel)) {
			told[r.Channel] = true
			hint := "Usual words are " + strings.Join(usual, ", ")
			if like := usualLike(r.Channel); like != "" {
				hint = "Write " + like + " if you meant that"
			}
			l.say(r, UnknownChannel, "channel", r.Channel, fmt.Sprintf("channel %q is not one of the usual words", r.Channel), hint)
		}
		f, seen := spelling[key]
		if !seen {
			spelling[key] = r
		} else if f.Channel != r.Channel {
			told[r.Channel] = true
			l.say(r, MixedSpelling, "channel", r.Channel, fmt.Sprintf("the channel is spelled %q here and %q on %s: reports keep the two apart", r.Channel, f.Channel, where(f)), "Use one spelling")
		}
	}
}

// usualLike returns the usual word that a channel was probably meant to be.
func usualLike(word string) string {
	word = plain(word)
	if known, ok := tables().channels[word]; ok {
		return known
	}
	return spelling.Nearest(word, tables().usual)
}

// siblings reports offers that lack a channel that other offers of the same partner have. Retired ids count as having it. For a channel that is not
// a usual word, half of the partner's offers must have it; otherwise each channel of a single offer would be reported as missing for all the
// others.
func (l *linter) siblings() {
	type offer struct{ mpn, name string }
	type users struct {
		first  offer // that has the channel
		offers int
	}
	var order []offer
	rows := map[offer]Registration{}
	has := map[offer]map[string]bool{}
	offers := map[string]int{}               // mpn -> number
	partner := map[string]map[string]users{} // mpn -> channel
	channels := map[string][]string{}        // mpn -> channels in order
	for _, r := range l.regs {
		if r.Offer == "" || r.Channel == "" {
			continue
		}
		o, key := offer{r.MPNID, r.Offer}, channelKey(r.Channel)
		if has[o] == nil {
			order, rows[o], has[o] = append(order, o), r, map[string]bool{}
			offers[o.mpn]++
		}
		if has[o][key] {
			continue
		}
		has[o][key] = true
		if partner[o.mpn] == nil {
			partner[o.mpn] = map[string]users{}
		}
		u, seen := partner[o.mpn][key]
		if !seen {
			u.first = o
			channels[o.mpn] = append(channels[o.mpn], key)
		}
		u.offers++
		partner[o.mpn][key] = u
	}
	for mpn := range channels {
		channels[mpn] = slices.DeleteFunc(channels[mpn], func(key string) bool {
			return !slices.Contains(tables().usual, key) && 2*partner[mpn][key].offers < offers[mpn]
		})
	}
	for _, o := range order {
		for _, key := range channels[o.mpn] {
			if !has[o][key] {
				l.say(rows[o], MissingChannel, "channel", key, fmt.Sprintf("offer %q has no id for channel %s, which offer %q has", o.name, key, partner[o.mpn][key].first.name), "Register an id for it if the offer is distributed there")
			}
		}
	}
}

// mpns reports MPN IDs that are not numbers, and offers registered under two MPN IDs, each once.
func (l *linter) mpns() {
	type key struct{ offer, mpn string }
	first := map[string]Registration{} // of an offer
	told := map[key]bool{}
	for _, r := range l.regs {
		if strings.Trim(r.MPNID, "0123456789") != "" {
			if told[key{"", r.MPNID}] {
				continue
			}
			told[key{"", r.MPNID}] = true
			l.say(r, BadMPN, "mpn_id", r.MPNID, fmt.Sprintf("MPN ID %q is not a number", r.MPNID), "Write the PartnerID of the partner location as Partner Center shows it, digits only")
			continue
		}
		if r.Offer == "" || r.MPNID == "" {
			continue
		}
		k := key{plain(r.Offer), r.MPNID}
		f, seen := first[k.offer]
		if !seen {
			first[k.offer] = r
		} else if f.MPNID != r.MPNID && !told[k] {
			told[k] = true
			l.say(r, TwoMPNs, "mpn_id", r.MPNID, fmt.Sprintf("offer %q has MPN ID %s here and %s on %s: reports keep the two apart", r.Offer, r.MPNID, f.MPNID, where(f)), "Use one MPN ID if it is one offer")
		}
	}
}

// nearOffers reports offers that are probably the same, each spelling once: those that differ only in case, blanks, - and _, and those that differ
// by one letter of a word. Names that differ by a digit or a whole word ("Edge 1", "Plan B") are different offers.
func (l *linter) nearOffers() {
	first := map[string]Registration{} // of a plain name
	byKey := map[uint64][]int{}        // of every plain name, and of that less one letter: names one edit apart share one of them
	told := map[string]bool{}
	seed := maphash.MakeSeed()
	for i, r := range l.regs {
		name := plain(r.Offer)
		if name == "" || told[r.Offer] {
			continue
		}
		told[r.Offer] = true
		if o, again := first[name]; again {
			l.sayNear(r, o, "case, blanks or hyphens")
			continue
		}
		first[name] = r
		letters := []rune(name)
		if len(letters) > longest {
			continue
		}
		keys := map[uint64]bool{maphash.String(seed, name): true}
		for at, letter := range letters {
			if !unicode.IsDigit(letter) {
				keys[maphash.String(seed, string(letters[:at])+string(letters[at+1:]))] = true
			}
		}
		near := -1
		for key := range keys {
			for _, j := range byKey[key] {
				if (near < 0 || j < near) && oneLetterApart(l.regs[j].Offer, r.Offer) {
					near = j
				}
			}
			if len(byKey[key]) < mostAlike {
				byKey[key] = append(byKey[key], i)
			}
		}
		if near >= 0 {
			l.sayNear(r, l.regs[near], "one letter")
		}
	}
}

// mostAlike is how many names that differ only at one place are compared; if there are more, that place is a number or a code.
const mostAlike = 32

func (l *linter) sayNear(r, o Registration, how string) {
	l.say(r, NearOffer, "offer", r.Offer, fmt.Sprintf("offer %q differs from %q on %s only by %s: reports keep the two apart", r.Offer, o.Offer, where(o), how), "Use one spelling if it is one offer")
}

// oneLetterApart reports whether two names differ by one letter of one word, which has at least three letters and no digit.
func oneLetterApart(a, b string) bool {
	words := func(s string) []string {
		return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	}
	x, y := words(a), words(b)
	if len(x) != len(y) {
		return false
	}
	apart := 0
	for i := range x {
		if x[i] == y[i] {
			continue
		}
		if strings.ContainsFunc(x[i]+y[i], unicode.IsDigit) || min(utf8.RuneCountInString(x[i]), utf8.RuneCountInString(y[i])) < 3 || spelling.Distance(x[i], y[i]) != 1 {
			return false
		}
		apart++
	}
	return apart == 1
}

// longest is the length of the longest deployment name, in letters. Longer ids and offers are not compared letter by letter, which takes time in
// the square of their length.
const longest = 64

// nearIDs reports ids that differ by one character: one of the two is probably a typing error. Two such ids are equal without that character. The
// places are tried one after the other, so that little is kept in memory.
func (l *linter) nearIDs() {
	byID := map[string]int{} // registration that has the id first
	var order []int
	for i, r := range l.regs {
		if _, twice := byID[r.TrackingID]; !twice && len(r.TrackingID) <= longest {
			byID[r.TrackingID] = i
			order = append(order, i)
		}
	}
	near := map[int]int{}
	found := func(i, j int) {
		if old, ok := near[i]; j < i && (!ok || j < old) {
			near[i] = j
		}
	}
	seed := maphash.MakeSeed()
	byHole := map[uint64]int{} // id without the character at one place -> first registration
	var hole []byte
	for at := range longest {
		clear(byHole)
		for _, i := range order {
			id := l.regs[i].TrackingID
			if j, ok := byHole[maphash.String(seed, id)]; ok && without(l.regs[j].TrackingID, at) == id {
				found(i, j) // one character fewer
			}
			if at >= len(id) {
				continue
			}
			hole = append(append(hole[:0], id[:at]...), id[at+1:]...)
			if j, ok := byID[string(hole)]; ok {
				found(i, j) // one character more
			}
			key := maphash.Bytes(seed, hole)
			if j, ok := byHole[key]; !ok {
				byHole[key] = i
			} else if without(l.regs[j].TrackingID, at) == string(hole) {
				found(i, j) // one character replaced
			}
		}
	}
	for _, i := range order {
		if j, ok := near[i]; ok {
			r, o := l.regs[i], l.regs[j]
			l.say(r, NearID, "tracking_id", r.TrackingID, fmt.Sprintf("%s differs from %s on %s by only one character", r.TrackingID, o.TrackingID, where(o)), "Check both against where they were registered")
		}
	}
}

// without returns an id without the character at a place.
func without(id string, at int) string { return id[:at] + id[at+1:] }
